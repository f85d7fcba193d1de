import * as Schema from "effect/Schema"
import { builtins } from "../builtins.ts"
import { type Command, jsonOption } from "../command.ts"
import { nearest } from "../nearest.ts"
import { partRow } from "../part-row.ts"
import { type Kind, type Resolved, resolveUse } from "../resolve.ts"
import { version } from "../version.ts"

/** `sluice plugins show NAME`: what a protocol, plugin or service needs, gives, and can be told under `with:`. */
export const pluginsShow: Command = {
  name: "plugins show",
  about: "show what one of them needs, gives, and can be told",
  details: "NAME is what `use:` takes: a built-in, a package, or a file as ./file.ts.",
  positionals: ["NAME"],
  options: { json: jsonOption },
  run: async (args, io) => {
    const use = args.positionals[0]!
    const known: ReadonlyArray<string> = Object.values(tables).flatMap((table) => Object.keys(table))
    let reason = `there is no protocol, plugin or service \`${use}\``
    let shown = 0
    for (const kind of Object.keys(tables) as ReadonlyArray<Kind>) {
      if (known.includes(use) && !Object.hasOwn(tables[kind], use)) continue
      const resolved = await resolveUse(kind, use, io.directory, tables[kind] as any)
      if (resolved._tag === "Unresolved") {
        if (!resolved.what.startsWith("there is no") && !resolved.what.includes("it lacks")) reason = resolved.what
        continue
      }
      shown++
      const data = { ...partRow(kind, use, resolved.value, resolved.from, version()), with: optionsOf(resolved) }
      io.out(args.flag("json") ? JSON.stringify(data, null, 2) : inWords(data))
      if (!args.flag("json") && resolved.from.kind === "built-in" && Object.hasOwn(builtins.notes, use)) {
        io.out(`\n${await builtins.notes[use]!()}`)
      }
    }
    if (shown > 0) return 0
    const meant = nearest(use, known)
    io.err(`sluice plugins show: ${reason}.${meant === undefined ? "" : ` Did you mean \`${meant}\`?`}`)
    return 1
  }
}

const tables: Readonly<Record<Kind, Readonly<Record<string, () => Promise<any>>>>> = {
  plugin: builtins.plugins,
  protocol: builtins.protocols,
  service: builtins.services
}

const optionsOf = (resolved: Resolved<{ readonly config: any }>): any =>
  Schema.toJsonSchemaDocument(resolved.value.config, { onExcessProperty: "error" } as never).schema

const inWords = (data: ReturnType<typeof partRow> & { readonly with: any }): string =>
  [
    `${data.kind} ${data.name} ${data.version} (${data.path}), API ${data.api}${
      data.family === undefined ? "" : `, for ${data.family}`
    }`,
    `requires: ${data.requires.join(", ") || "nothing"}`,
    `provides: ${data.provides.join(", ") || "nothing"}`,
    "with:",
    ...optionLines(data.with, "  ")
  ].join("\n")

/** The options, one a line; alternatives one after the other. */
const optionLines = (schema: any, indent: string): ReadonlyArray<string> => {
  if (Array.isArray(schema?.anyOf) && schema.anyOf.some((one: any) => one.properties !== undefined)) {
    return schema.anyOf.flatMap((one: any, index: number) => [
      ...(index === 0 ? [] : [`${indent}or`]),
      ...optionLines(one, indent)
    ])
  }
  const properties = Object.entries<any>(schema?.properties ?? {})
  if (properties.length === 0) return [`${indent}nothing`]
  return properties.map(([name, option]) => {
    const must = schema.required?.includes(name) ? "required" : "optional"
    return `${indent}${name}: ${typeOf(option)}, ${must}${
      option.description === undefined ? "" : `. ${option.description}`
    }`
  })
}

const typeOf = (option: any): string => {
  if (Array.isArray(option.enum)) return option.enum.join(" | ")
  if (Array.isArray(option.anyOf)) return [...new Set(option.anyOf.map(typeOf))].join(" or ")
  return option.type ?? "anything"
}
