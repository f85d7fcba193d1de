import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { nearest } from "../nearest.ts"
import { error, type Path, type Problem, spell } from "../problem.ts"

/** A decoded value, or everything that does not fit. */
export type Decoded<A> = { readonly value: A; readonly problems: readonly [] } | {
  readonly value: undefined
  readonly problems: ReadonlyArray<Problem>
}

/** Decodes `input`, which stands at `at` in the document. Unknown keys are problems; all problems are found at once. */
export const decode = <S extends Schema.ConstraintDecoder<any>>(
  schema: S,
  input: unknown,
  at: Path
): Decoded<S["Type"]> => {
  const result = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(input)
  if (result._tag === "Success") return { value: result.success, problems: [] }
  const issue = (result.failure as unknown as { readonly issue: SchemaIssue.Issue }).issue
  return {
    value: undefined,
    problems: flatten(issue, { root: at, input, path: [], owner: undefined, ast: schema.ast })
  }
}

interface Spot {
  readonly root: Path
  readonly input: unknown
  /** Below `root`. */
  readonly path: Path
  /** The map that the innermost key belongs to. */
  readonly owner: SchemaAST.Objects | undefined
  readonly ast: SchemaAST.AST | undefined
}

const flatten = (issue: SchemaIssue.Issue, spot: Spot): ReadonlyArray<Problem> => {
  switch (issue._tag) {
    case "Pointer": {
      const owner = spot.ast?._tag === "Objects" ? spot.ast : spot.owner
      const path = [...spot.path, ...issue.path.map((step) => typeof step === "symbol" ? String(step) : step)]
      return flatten(issue.issue, { ...spot, path, owner, ast: undefined })
    }
    case "Composite":
      return issue.issues.flatMap((inner) => flatten(inner, { ...spot, ast: issue.ast }))
    case "Encoding":
      return flatten(issue.issue, { ...spot, ast: issue.ast })
    case "Filter":
      return issue.issue._tag === "InvalidValue"
        ? [invalid(spot, issue.issue.annotations, issue.filter.annotations)]
        : flatten(issue.issue, spot)
    case "AnyOf":
      return alternatives(issue, spot)
    case "MissingKey":
      return [missing(spot)]
    case "UnexpectedKey":
      return [unexpected(spot, issue.ast)]
    case "InvalidType":
      return [wrongType(spot, issue.ast)]
    case "InvalidValue":
      return [invalid(spot, issue.annotations, undefined)]
    case "Forbidden":
    case "OneOf":
    default:
      return [error(full(spot), `${named(spot)} does not fit`)]
  }
}

const full = (spot: Spot): Path => [...spot.root, ...spot.path]
const named = (spot: Spot): string => full(spot).length === 0 ? "the file" : `\`${spell(full(spot))}\``
const valueAt = (spot: Spot): unknown => spot.path.reduce<any>((value, step) => value?.[step], spot.input)

const missing = (spot: Spot): Problem => {
  const key = String(spot.path.at(-1))
  const parent = full(spot).slice(0, -1)
  const place = parent.length === 0 ? "the file" : `\`${spell(parent)}\``
  const described = descriptionOf(propertyOf(spot))
  return { ...error(parent, `${place} lacks the key \`${key}\``, described, `add \`${key}: …\``), key: true }
}

const unexpected = (spot: Spot, ast: SchemaAST.AST): Problem => {
  const key = String(spot.path.at(-1))
  const parent = full(spot).slice(0, -1)
  const place = parent.length === 0 ? "the file" : `\`${spell(parent)}\``
  const rule = ast._tag === "Objects" ? ast.indexSignatures[0] : undefined
  if (rule !== undefined) {
    const message = rule.parameter.checks?.map((check) => check.annotations?.["message"]).find((text) =>
      text !== undefined
    )
    return { ...error(full(spot), `\`${key}\` ${message ?? "is no key"}`, descriptionOf(rule.parameter)), key: true }
  }
  const known = knownKeys(ast)
  const meant = nearest(key, known)
  const list = known.length === 0 ? "remove it: nothing may stand here" : `known keys: ${known.join(", ")}`
  return {
    ...error(
      full(spot),
      `\`${key}\` is not a key of ${place}`,
      "unknown keys are refused, so that a misspelt option never silently fails to hold",
      meant === undefined ? list : `did you mean \`${meant}\`?`
    ),
    key: true
  }
}

const wrongType = (spot: Spot, ast: SchemaAST.AST): Problem =>
  error(
    full(spot),
    `${named(spot)} must be ${expected(ast)}, not ${kindOf(valueAt(spot))}`,
    descriptionOf(propertyOf(spot) ?? ast)
  )

const invalid = (spot: Spot, annotations: any, filter: any): Problem => {
  const message: string | undefined = annotations?.message ?? filter?.message
  const what = message ?? `must be ${filter?.expected ?? annotations?.expected ?? "something else"}`
  return error(full(spot), `${named(spot)} ${what}`, descriptionOf(propertyOf(spot)) ?? filter?.description)
}

/** For a union: what is wrong with the member that comes closest, else which values there are. */
const alternatives = (issue: SchemaIssue.AnyOf, spot: Spot): ReadonlyArray<Problem> => {
  const members = issue.issues.map((inner) => flatten(inner, spot)).toSorted((a, b) => a.length - b.length)
  if (members[0] !== undefined) return members[0]
  const value = valueAt(spot)
  const told = tagOf(issue.ast)
  if (told !== undefined && typeof value === "object" && value !== null) return [untold(spot, value, told)]
  const words = literals(issue.ast)
  const was = typeof value === "string" ? `\`${value}\`` : kindOf(value)
  const what = `${named(spot)} must be ${expected(issue.ast)}, not ${was}`
  const meant = typeof value === "string" ? nearest(value, words) : undefined
  const remedy = meant === undefined ? undefined : `did you mean \`${meant}\`?`
  return [error(full(spot), what, descriptionOf(propertyOf(spot) ?? issue.ast), remedy)]
}

interface Tag {
  readonly name: string
  readonly values: ReadonlyArray<string>
}

/** The key whose literal tells the members of a union apart. */
const tagOf = ({ types }: SchemaAST.Union): Tag | undefined => {
  const first = types[0]
  if (first?._tag !== "Objects") return undefined
  for (const { name } of first.propertySignatures) {
    const values = types.flatMap((type) => {
      const own = type._tag === "Objects"
        ? type.propertySignatures.find((property) => property.name === name)?.type
        : undefined
      return own?._tag === "Literal" && typeof own.literal === "string" ? [own.literal] : []
    })
    if (values.length === types.length) return { name: String(name), values }
  }
  return undefined
}

/** The key that would tell the members of a union apart is missing, or says nothing of the sort. */
const untold = (spot: Spot, value: object, { name, values }: Tag): Problem => {
  const said = (value as Readonly<Record<string, unknown>>)[name]
  const words = typeof said === "string" ? said : kindOf(said)
  const path = said === undefined ? spot.path : [...spot.path, name]
  const what = said === undefined ? `${named(spot)} lacks \`${name}\`` : `there is no \`${name}: ${words}\``
  const meant = typeof said === "string" ? nearest(said, values) : undefined
  const remedy = meant === undefined ? `write one of ${values.join(", ")}` : `did you mean \`${meant}\`?`
  return error(full({ ...spot, path }), what, undefined, remedy)
}

const propertyOf = (spot: Spot): SchemaAST.AST | undefined => {
  const key = spot.path.at(-1)
  return spot.owner?.propertySignatures.find((property) => property.name === key)?.type
}

const knownKeys = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map((property) => String(property.name)) : []

const descriptionOf = (ast: SchemaAST.AST | undefined): string | undefined => {
  const direct = ast?.annotations?.["description"]
  if (typeof direct === "string") return direct
  const checked = ast?.checks?.map((check) => check.annotations?.["description"]).find((text) =>
    typeof text === "string"
  )
  if (typeof checked === "string") return checked
  const encoded = ast?.encoding?.map((link) => link.to.annotations?.["description"]).find((text) =>
    typeof text === "string"
  )
  return typeof encoded === "string" ? encoded : undefined
}

const literals = (ast: SchemaAST.Union): ReadonlyArray<string> =>
  ast.types.flatMap((type) => type._tag === "Literal" && typeof type.literal === "string" ? [type.literal] : [])

/** What a schema wants, in an operator's words. */
const expected = (ast: SchemaAST.AST): string => {
  if (ast._tag === "Literal") return `\`${String(ast.literal)}\``
  if (ast._tag === "Union") return oneOf(ast.types.map(expected))
  return nouns[ast._tag] ?? "something else"
}

const nouns: Readonly<Record<string, string>> = {
  String: "text",
  Number: "a number",
  Boolean: "true or false",
  Objects: "a map",
  Arrays: "a list",
  Null: "null"
}

const oneOf = (words: ReadonlyArray<string>): string => {
  const different = [...new Set(words)]
  return different.length < 2 ? different.join("") : `${different.slice(0, -1).join(", ")} or ${different.at(-1)}`
}

const kindOf = (value: unknown): string => {
  if (value === null) return "empty"
  if (Array.isArray(value)) return "a list"
  if (typeof value === "object") return "a map"
  if (typeof value === "string") return "text"
  return typeof value === "boolean" ? `\`${value}\`` : typeof value === "number" ? `the number ${value}` : "nothing"
}
