import * as Schema from "effect/Schema"
import { builtins } from "../../config/builtins.ts"
import { File } from "../../config/schema/index.ts"
import { defaultLimits } from "../../core/protocol/index.ts"
import { kinds } from "../../plugins/masking/index.ts"

type Json = Record<string, any>

/** One option of the file: how it is reached, what it may be, what it is when left out, what it does. */
interface Row {
  readonly option: string
  readonly type: string
  readonly fallback: string
  readonly what: string
}

/** The page of all options, made of the schemas by which the file is read. */
export const reference = async (): Promise<string> => {
  const file = convert(File)
  const { gateway, telemetry, tests } = file["properties"]
  const pipeline = only(file["properties"].pipelines)
  const residency = (await builtins.residency()).section
  const known = Schema.decodeUnknownSync(File)(least) as Json
  const [orders] = Object.values<Json>(known["pipelines"])
  const limits = Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [snake(name), String(value)]))
  return [
    head,
    section("The file", rows(file, "", { gateway: {}, telemetry: {} }, { ...known, tests: [] })),
    section("`gateway:`", rows(gateway, "", {}, known["gateway"])),
    section("`pipelines: { NAME: … }`", rows(pipeline, "", { limits: {} }, orders)),
    section("`limits:` of a pipeline", rows(pipeline["properties"].limits, ""), limits),
    section("`telemetry:`", rows(telemetry, "")),
    section("`tests:`, each", rows(itemsOf(tests), "", {}, known["tests"][0])),
    "## `residency:`\n",
    section("At its top", rows(convert(residency), "", { taint: {} }), {}, 3),
    ...["zones", "data_sets", "parties", "transfers", "exceptions", "rules", "taint"].map((name) =>
      section(
        `\`${name}:\`${name === "taint" ? "" : ", each"}`,
        rows(elementOf(convert(residency)["properties"][name]), ""),
        {},
        3
      )
    ),
    "## What stands under `with:`\n",
    ...await parts("Protocol", builtins.protocols),
    ...await parts("Plugin", builtins.plugins),
    ...await parts("Service", builtins.services),
    kindTable()
  ].join("\n")
}

const head = `# Every option

Made from the schemas by which the file is read, so it cannot say anything else. \`sluice schema\` prints the same as JSON Schema, for editors;
\`sluice plugins show NAME\` prints it for a plugin of your own. What the options are for is in the [operators' guide](operators.md).
An option without a default that is not required is simply off when left out.
`

const parts = async (
  what: string,
  table: Readonly<Record<string, () => Promise<{ readonly config: any }>>>
): Promise<ReadonlyArray<string>> => {
  const sections: Array<string> = []
  for (const [name, load] of Object.entries(table)) {
    const { config } = await load()
    sections.push(section(`${what} \`${name}\``, rows(convert(config), "", {}, defaultsOf(config)), {}, 3))
  }
  return sections
}

/** A file that leaves out all that it may: what is in it once it is decoded are the defaults. */
const least = {
  version: 1,
  gateway: { at: "de", name: "gw-1" },
  pipelines: {
    orders: {
      listen: "127.0.0.1:1",
      tls: "off",
      protocol: { use: "postgres" },
      upstream: { address: "127.0.0.1:1", at: "de", credential: "X" },
      plugins: []
    }
  },
  tests: [{ name: "x", pipeline: "orders", as: { subject: "x" }, ask: "x", expect: { code: "x" } }]
}

/** What options become that are left out: told by decoding a map of nothing but the required ones. */
const defaultsOf = (config: any): Json => {
  const { properties = {}, required = [] } = convert(config)
  const given = Object.fromEntries(
    required.map((name: string) => [name, properties[name].type === "array" ? ["x"] : "x"])
  )
  const decoded = Schema.decodeUnknownResult(config)(given) as { readonly _tag: string; readonly success?: Json }
  return decoded._tag === "Success" ? decoded.success ?? {} : {}
}

const convert = (schema: any): Json => {
  const { definitions, schema: found } = Schema.toJsonSchemaDocument(
    schema,
    { onExcessProperty: "error" } as never
  ) as any
  const reference = /^#\/(?:definitions|\$defs)\/(.+)$/.exec(found.$ref ?? "")?.[1]
  return reference === undefined ? found : definitions[reference]
}

const only = (map: Json): Json => Object.values<Json>(map["patternProperties"] ?? {})[0] ?? map["additionalProperties"]
const itemsOf = (list: Json): Json => list["items"] ?? list["allOf"]?.[0]?.items
const elementOf = (schema: Json): Json =>
  schema["type"] === "array" ? itemsOf(schema) : schema["properties"] === undefined ? only(schema) : schema

/** One row an option; maps within are taken apart, but for those in \`whole\`. */
const rows = (schema: Json, prefix: string, whole: Json = {}, known: Json | undefined = {}): ReadonlyArray<Row> =>
  Object.entries<Json>(schema["properties"] ?? {}).flatMap(([name, option]): ReadonlyArray<Row> => {
    const required = (schema["required"] ?? []).includes(name)
    const fallback = option["default"] ?? (option["properties"] === undefined ? known?.[name] : undefined)
    const row: Row = {
      option: prefix + name,
      type: typeOf(option),
      fallback: required ? "required" : fallback === undefined ? "" : spell(fallback),
      what: option["description"] ?? option["allOf"]?.find((one: Json) => one["description"])?.description ?? ""
    }
    const inner = option["properties"] !== undefined && whole[name] === undefined
      ? rows(option, `${prefix}${name}.`, whole, known?.[name])
      : []
    return [row, ...inner]
  })

const spell = (value: unknown): string =>
  typeof value === "string" ? `\`${value || "\"\""}\`` : `\`${JSON.stringify(value)}\``

const typeOf = (option: Json): string => {
  if (Array.isArray(option["enum"])) return option["enum"].map((one: unknown) => `\`${String(one)}\``).join(", ")
  if (option["const"] !== undefined) return `\`${option["const"]}\``
  const alternatives = option["anyOf"] ?? option["oneOf"]
  if (Array.isArray(alternatives)) return [...new Set(alternatives.map(typeOf))].join(" or ")
  if (option["type"] === "array") return "list"
  if (option["type"] === "object") return "map"
  return { string: "text", integer: "whole number", number: "number", boolean: "yes or no" }[option["type"] as string]
    ?? "anything"
}

const section = (
  title: string,
  found: ReadonlyArray<Row>,
  defaults: Readonly<Record<string, string>> = {},
  depth = 2
): string => {
  const body = found.map((row) => [
    `\`${row.option}\``,
    row.type,
    row.fallback || (defaults[row.option] === undefined ? "" : `\`${defaults[row.option]}\``),
    row.what
  ])
  const text = body.length === 0 ? "No options.\n" : table(["Option", "Is", "Left out", "Means"], body)
  return `${"#".repeat(depth)} ${title}\n\n${text}`
}

/** A table as the formatter writes it. */
export const table = (titles: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = [titles, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = titles.map((_title, column) => Math.max(3, ...cells.map((row) => widthOf(row[column]!))))
  const line = (row: ReadonlyArray<string>): string =>
    `| ${row.map((cell, column) => cell + " ".repeat(widths[column]! - widthOf(cell))).join(" | ")} |`
  return [line(cells[0]!), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line), ""].join("\n")
}

/** In characters: none of those that are used here takes more than one place. */
const widthOf = (text: string): number => Array.from(text).length

const kindTable = (): string => {
  const body = [...kinds].map(([name, { describe, mask }]) => [`\`${name}\``, `\`${mask}\``, describe])
  return `## Kinds and their masks\n\n${table(["Kind", "Comes as", "For"], body)}`
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
