type Json = any

/** Every keyword that `matches` understands: a schema with another one must not be taken to say less than it does. */
const known = new Set(
  ("$schema $defs title description default examples format $ref type enum const properties required "
    + "additionalProperties patternProperties propertyNames anyOf allOf oneOf not items prefixItems minItems maxItems "
    + "uniqueItems minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern").split(" ")
)

/** The keywords in a schema that `matches` does not understand. */
export const unknownKeywords = (schema: Json): ReadonlyArray<string> => {
  if (typeof schema !== "object" || schema === null) return []
  const own = Object.keys(schema).filter((key) => !known.has(key))
  const maps = [schema.properties, schema.patternProperties, schema.$defs].flatMap((map) => Object.values(map ?? {}))
  const lists = [schema.anyOf, schema.allOf, schema.oneOf, schema.prefixItems].flatMap((list) => list ?? [])
  const inner = [...maps, ...lists, schema.items, schema.additionalProperties, schema.not, schema.propertyNames]
  return [...own, ...inner.flatMap(unknownKeywords)]
}

/** Whether `value` is valid under a JSON Schema of draft 2020-12, as far as our own schemas go. */
export const matches = (root: Json, value: Json, schema: Json = root): boolean => {
  if (typeof schema === "boolean") return schema
  const under = (inner: Json, part: Json): boolean => matches(root, part, inner)
  if (schema.$ref !== undefined && !under(root.$defs[schema.$ref.replace("#/$defs/", "")], value)) return false
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isType(type, value))) return false
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false
  if (schema.const !== undefined && schema.const !== value) return false
  if (schema.anyOf !== undefined && !schema.anyOf.some((one: Json) => under(one, value))) return false
  if (schema.oneOf !== undefined && schema.oneOf.filter((one: Json) => under(one, value)).length !== 1) return false
  if (schema.allOf !== undefined && !schema.allOf.every((one: Json) => under(one, value))) return false
  if (schema.not !== undefined && under(schema.not, value)) return false
  if (typeof value === "number") return inRange(schema, value)
  if (typeof value === "string") return fits(schema, value)
  if (Array.isArray(value)) return listFits(schema, value, under)
  return typeof value !== "object" || value === null || mapFits(schema, value, under)
}

const isType = (type: string, value: Json): boolean => {
  if (type === "integer") return Number.isInteger(value)
  if (type === "array") return Array.isArray(value)
  if (type === "null") return value === null
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value)
  return typeof value === type
}

const inRange = (schema: Json, value: number): boolean =>
  value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)
  && value > (schema.exclusiveMinimum ?? -Infinity) && value < (schema.exclusiveMaximum ?? Infinity)

const fits = (schema: Json, value: string): boolean =>
  value.length >= (schema.minLength ?? 0) && value.length <= (schema.maxLength ?? Infinity)
  && (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value))

type Under = (schema: Json, part: Json) => boolean

const listFits = (schema: Json, value: ReadonlyArray<Json>, under: Under): boolean => {
  const first: ReadonlyArray<Json> = schema.prefixItems ?? []
  if (value.length < (schema.minItems ?? 0) || value.length > (schema.maxItems ?? Infinity)) return false
  if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size !== value.length)
    return false
  return value.every((item, index) =>
    index < first.length ? under(first[index], item) : under(schema.items ?? true, item)
  )
}

const mapFits = (schema: Json, value: Json, under: Under): boolean => {
  if ((schema.required ?? []).some((key: string) => !Object.hasOwn(value, key))) return false
  const patterns = Object.entries(schema.patternProperties ?? {})
  return Object.entries(value).every(([key, member]) => {
    if (schema.propertyNames !== undefined && !under(schema.propertyNames, key)) return false
    const named = Object.hasOwn(schema.properties ?? {}, key)
    const matching = patterns.filter(([pattern]) => new RegExp(pattern, "u").test(key))
    if (named && !under(schema.properties[key], member)) return false
    if (!matching.every(([, inner]) => under(inner, member))) return false
    return named || matching.length > 0 || under(schema.additionalProperties ?? true, member)
  })
}
