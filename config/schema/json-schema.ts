import * as Schema from "effect/Schema"
import type { AnyConfig } from "../../core/protocol/index.ts"
import type { Builtins } from "../builtins.ts"
import { File } from "./file.ts"

type Json = { [key: string]: any }

const dialect = "https://json-schema.org/draft/2020-12/schema"

/**
 * The JSON Schema (draft 2020-12) of the file, for editors: unknown keys are refused, and what stands under `with:` is
 * that of the built-in which `use:` names; packages and files bring their own, which only `check` can know.
 */
export const jsonSchema = async (builtins: Builtins): Promise<Json> => {
  const definitions: Json = {}
  const file = convert(File, definitions)
  const properties = file["properties"] as Json
  await replaceMembers(properties["services"], (member) => uses(member, builtins.services, definitions))
  const pipeline = Object.values(properties["pipelines"].patternProperties)[0] as Json
  pipeline["properties"].protocol = await uses(pipeline["properties"].protocol, builtins.protocols, definitions)
  pipeline["properties"].plugins.items = await uses(pipeline["properties"].plugins.items, builtins.plugins, definitions)
  const residency = await builtins.residency().catch(() => undefined)
  if (residency !== undefined) properties["residency"] = convert(residency.section, definitions)
  return { $schema: dialect, title: "sluice.config.yaml", ...file, $defs: sorted(definitions) }
}

/** Puts another schema in place of that of a map's members. */
const replaceMembers = async (map: Json, change: (member: Json) => Promise<Json>): Promise<void> => {
  for (const [pattern, member] of Object.entries(map["patternProperties"] as Json)) {
    map["patternProperties"][pattern] = await change(member)
  }
}

/** `use` picks `with`: one branch for each built-in, and an open one for every other name. */
const uses = async (
  schema: Json,
  table: Readonly<Record<string, () => Promise<{ readonly config: AnyConfig }>>>,
  definitions: Json
): Promise<Json> => {
  const { properties, ...rest } = schema
  const branches: Array<Json> = []
  for (const [name, load] of Object.entries(table)) {
    const options = convert((await load()).config, definitions)
    const optional = accepts((await load()).config)
    branches.push({
      ...rest,
      properties: { ...properties, use: { ...properties.use, const: name }, with: options },
      required: optional ? ["use"] : ["use", "with"]
    })
  }
  const other = { ...properties.use, type: "string", not: { enum: Object.keys(table) } }
  return { anyOf: [...branches, { ...rest, properties: { ...properties, use: other } }] }
}

const accepts = (config: AnyConfig): boolean => Schema.decodeUnknownResult(config)({})._tag === "Success"

const convert = (schema: AnyConfig, definitions: Json): Json => {
  const document = Schema.toJsonSchemaDocument(schema as any, { onExcessProperty: "error" } as never) as unknown as {
    readonly schema: Json
    readonly definitions: Json
  }
  for (const [name, definition] of Object.entries(document.definitions)) definitions[name] = rewritten(definition)
  return rewritten(document.schema)
}

/** Effect keeps definitions under `#/definitions`; draft 2020-12 calls them `$defs`. */
const rewritten = (value: any): any => {
  if (Array.isArray(value)) return value.map(rewritten)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === "$ref" && typeof inner === "string"
        ? [key, inner.replace("#/definitions/", "#/$defs/")]
        : [key, rewritten(inner)]
    )
  )
}

const sorted = (definitions: Json): Json =>
  Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => a < b ? -1 : 1))
