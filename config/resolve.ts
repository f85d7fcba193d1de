import { existsSync, readFileSync, realpathSync, statSync } from "node:fs"
import { findPackageJSON, isBuiltin } from "node:module"
import { dirname, join, relative, resolve as absolute, sep } from "node:path"
import { pathToFileURL } from "node:url"
import type { Plugin, Service } from "../core/plugin/index.ts"
import type { Protocol } from "../core/protocol/index.ts"
import { nearest } from "./nearest.ts"

/** What `use:` can stand for. */
export interface Kinds {
  readonly protocol: Protocol
  readonly plugin: Plugin
  readonly service: Service
}
export type Kind = keyof Kinds

/** A `use:` that was found, loaded, and is what it should be. */
export interface Resolved<A> {
  readonly _tag: "Resolved"
  readonly value: A
  readonly from: Origin
}

/** Where code came from. `version` is the package's. */
export interface Origin {
  readonly kind: "built-in" | "package" | "file"
  readonly path: string
  readonly version: string | undefined
}

/** A `use:` that cannot be used: what is wrong, why, and what to do. */
export interface Unresolved {
  readonly _tag: "Unresolved"
  readonly what: string
  readonly why?: string
  readonly remedy?: string
}

/** The majors of the plugin, protocol and service interfaces that this Sluice has. */
const apis: { readonly [K in Kind]: number } = { protocol: 1, plugin: 1, service: 1 }

const shapes: { readonly [K in Kind]: Readonly<Record<string, "function" | "object" | "string">> } = {
  protocol: { name: "string", family: "object", codec: "function", analysis: "function", ask: "function" },
  plugin: { name: "string", family: "object", connect: "function", requires: "object", provides: "object" },
  service: { name: "string", provides: "function", layer: "function" }
}

type Table<A> = Readonly<Record<string, () => Promise<A>>>

/**
 * Finds what `use` names: a built-in, a package that stands in a `node_modules` of `directory` or above it, or a file
 * inside `directory`. Nothing else: no URL, no absolute path, no way out of the folder, no module of Node's own.
 */
export const resolveUse = async <K extends Kind>(
  kind: K,
  use: string,
  directory: string,
  builtins: Table<Kinds[K]>
): Promise<Resolved<Kinds[K]> | Unresolved> => {
  if (Object.hasOwn(builtins, use)) {
    try {
      const from: Origin = { kind: "built-in", path: "sluice", version: undefined }
      return { _tag: "Resolved", value: await builtins[use]!(), from }
    } catch (cause) {
      return unresolved(`the built-in ${kind} \`${use}\` cannot be loaded: ${reason(cause)}`)
    }
  }
  const origin = use.startsWith("./")
    ? findFile(use, directory)
    : findPackage(kind, use, directory, Object.keys(builtins))
  return "_tag" in origin ? origin : await load(kind, use, origin)
}

const findFile = (use: string, directory: string): Origin | Unresolved => {
  const path = absolute(directory, use)
  const outside = unresolved(
    `\`${use}\` leads out of the file's folder`,
    "code is loaded from the folder that the operator keeps, and nowhere else",
    "move the file into the folder, or make it a package"
  )
  if (use.includes("\0") || use.includes("\\") || use.split("/").includes("..")) return outside
  if (!/\.(ts|mts|js|mjs)$/.test(path)) {
    return unresolved(`\`${use}\` is not a module`, "its name does not end in .ts, .mts, .js or .mjs")
  }
  if (!existsSync(path) || !statSync(path).isFile())
    return unresolved(`there is no file \`${use}\` in the file's folder`)
  const real = relative(realpathSync(directory), realpathSync(path))
  if (real === ".." || real.startsWith(`..${sep}`)) return outside
  return { kind: "file", path, version: undefined }
}

const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/

const findPackage = (kind: Kind, use: string, directory: string, known: ReadonlyArray<string>): Origin | Unresolved => {
  const meant = nearest(use, known)
  const remedy = meant === undefined ? `built in are: ${known.join(", ")}` : `did you mean \`${meant}\`?`
  if (!packageName.test(use) || use.length > 214 || isBuiltin(use)) {
    return unresolved(
      `\`${use}\` is no name of a ${kind}`,
      "`use:` takes a built-in's name, a package, or a file as `./file.ts`; nothing else",
      remedy
    )
  }
  try {
    const manifest = findPackageJSON(use, pathToFileURL(join(directory, "sluice.config.yaml")))
    if (manifest === undefined) throw new Error("not found")
    const { version, exports, main } = JSON.parse(readFileSync(manifest, "utf8"))
    const entry = (exports === undefined ? undefined : entryOf(exports))
      ?? (exports === undefined ? main ?? "index.js" : undefined)
    if (typeof entry !== "string") return unresolved(`the package \`${use}\` exports nothing that can be imported`)
    return { kind: "package", path: join(dirname(manifest), entry), version: String(version) }
  } catch {
    return unresolved(
      `there is no ${kind} \`${use}\``,
      `it is neither built in nor a package that is installed in ${directory} or above it`,
      remedy
    )
  }
}

/** The `.` entry of a package's `exports`, under the conditions that Node imports with (Node.js, Packages). */
const entryOf = (exports: unknown): string | undefined => {
  if (typeof exports === "string") return exports
  if (Array.isArray(exports)) return exports.map(entryOf).find((entry) => entry !== undefined)
  if (typeof exports !== "object" || exports === null) return undefined
  const conditions = exports as Record<string, unknown>
  if ("." in conditions) return entryOf(conditions["."])
  const holds = Object.keys(conditions).find((name) => name === "node" || name === "import" || name === "default")
  return holds === undefined ? undefined : entryOf(conditions[holds])
}

/** A file is read anew when it has changed; packages are read once per process. */
const load = async <K extends Kind>(kind: K, use: string, from: Origin): Promise<Resolved<Kinds[K]> | Unresolved> => {
  try {
    const changed = from.kind === "file" ? `?changed=${statSync(from.path).mtimeMs}` : ""
    const module = await import(pathToFileURL(from.path).href + changed)
    const wrong = wrongShape(kind, use, module.default)
    return wrong ?? { _tag: "Resolved", value: module.default, from }
  } catch (cause) {
    return unresolved(`the ${kind} \`${use}\` cannot be loaded: ${reason(cause)}`)
  }
}

const wrongShape = (kind: Kind, use: string, value: unknown): Unresolved | undefined => {
  const define = `define${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
  const home = kind === "protocol" ? "sluice/protocol" : "sluice"
  const remedy = `\`export default ${define}({ … })\`, with ${define} from ${home}`
  if (typeof value !== "object" || value === null) {
    return unresolved(`\`${use}\` has no default export that is a ${kind}`, undefined, remedy)
  }
  const api = (value as { readonly api?: unknown }).api
  if (api !== apis[kind]) {
    const written = api === undefined
      ? `names no version of the ${kind} API`
      : `was written for version ${JSON.stringify(api)} of the ${kind} API`
    const newer = typeof api === "number" && api > apis[kind]
    return unresolved(
      `\`${use}\` ${written}; this Sluice has version ${apis[kind]}`,
      "what was written for another version may not hold what it promises",
      newer
        ? "upgrade Sluice, or install an older version of it"
        : api === undefined
        ? remedy
        : "install a newer version of it"
    )
  }
  const members = value as Record<string, unknown>
  const lacking = Object.entries(shapes[kind]).filter(([member, type]) => {
    const is = typeof members[member]
    return is !== type && !(is === "function" && type === "object") || members[member] === null
  })
  if (lacking.length === 0 && members["config"] !== undefined) return undefined
  const names = [...lacking.map(([member]) => member), ...(members["config"] === undefined ? ["config"] : [])]
  return unresolved(`the default export of \`${use}\` is no ${kind}: it lacks ${names.join(", ")}`, undefined, remedy)
}

const reason = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause)
  const line = message.split("\n")[0] ?? ""
  return message.includes("node_modules") && message.includes("type")
    ? `${line} (a package must ship JavaScript: Node runs no TypeScript from node_modules)`
    : line
}

const unresolved = (what: string, why?: string, remedy?: string): Unresolved => ({
  _tag: "Unresolved",
  what,
  ...(why === undefined ? {} : { why }),
  ...(remedy === undefined ? {} : { remedy })
})
