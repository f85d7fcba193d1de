import { isAge, isMonthOfExpiry, isVerification, plateForm, postalForm } from "./cell-shapes.ts"
import { contentOf, dateYear, type Standing } from "./column-content.ts"
import { type NameEvidence, readName } from "./column-name.ts"
import type { Kind } from "./definition.ts"
import { find } from "./find.ts"
import { definitions } from "./registry.ts"
import { thresholds } from "./thresholds.ts"
import { typeKinds } from "./type-kinds.ts"

/** What is known of a column. */
export interface ColumnFacts {
  readonly name?: string | undefined
  /** The SQL type, such as `text`, `date` or `int8`. */
  readonly type?: string | undefined
  readonly comment?: string | undefined
  /** Values as text. Equal ones count once; the first hundred are looked at. */
  readonly values: ReadonlyArray<string>
}

/** What a column holds, as far as its facts say. */
export interface ColumnDecision {
  /** Such as `email`, `es_dni`, `first_name`; undefined where nothing is sure enough. */
  readonly type: string | undefined
  /** How it is to be hidden; undefined where it need not be. */
  readonly kind: Kind | undefined
  /** ln of how much likelier that is than not. */
  readonly score: number
  /** Each reason, for people: never a value. */
  readonly evidence: ReadonlyArray<string>
}

const valuesMost = 100
/** Of one value: what it is shows in its beginning. */
const charactersMost = 4096

/**
 * Decides what a column holds, from its name, type, comment and distinct values. Each value that passes a check weighs
 * ln(.97 / the share of random values that pass), each that does not weighs against; so a check that most numbers pass
 * proves nothing, however many there are.
 */
export const decideColumn = (facts: ColumnFacts): ColumnDecision => {
  const values = [
    ...new Set(facts.values.map((value) => value.slice(0, charactersMost).trim()).filter((value) => value !== ""))
  ].slice(
    0,
    valuesMost
  )
  const content = values.length === 0 ? new Map<string, Standing>() : contentOf(values, facts.type)
  const named = namesOf(facts)
  const best = strongest(content, named, values)
  if (best.score >= thresholds.column && best.type !== undefined) return decision(best, named, content, values.length)
  return freeText(values) ?? { type: undefined, kind: undefined, score: Math.max(0, best.score), evidence: [] }
}

const namesOf = ({ comment, name }: ColumnFacts): ReadonlyArray<NameEvidence> => {
  const named = name === undefined ? [] : readName(name)
  return named.length > 0 || comment === undefined
    ? named
    : readName(comment).map(({ type, weight }) => ({ type, weight: weight - 2 }))
}

interface Strongest {
  readonly type: string | undefined
  readonly score: number
  readonly name: NameEvidence | undefined
}

const strongest = (
  content: ReadonlyMap<string, Standing>,
  named: ReadonlyArray<NameEvidence>,
  values: ReadonlyArray<string>
): Strongest => {
  let best: Strongest = { type: undefined, score: -Infinity, name: undefined }
  const consider = (type: string, score: number, name: NameEvidence | undefined): void => {
    if (score > best.score) best = { type, score, name }
  }
  for (const [type, { score }] of content) {
    const name = named.find((one) => one.type === type || (one.type === "national_id" && isChecked(type)))
    consider(type, score + (name?.weight ?? 0) + (name?.type === type ? 3 : 0), name)
  }
  // Where the name says which identifier it is, and the values are not that one, they are no identifier at all.
  const isDenied = named.some(({ type }) => (content.get(type)?.score ?? 0) < -4 && formsByName[type] === undefined)
  for (const name of named) {
    if (!(isDenied && kindOf(name.type) === "national_id"))
      consider(name.type, name.weight + formWeight(name.type, values), name)
  }
  return best
}

/** The types of the registry whose check tells one value from another. */
const checked = new Set(
  definitions.filter(({ kind, passRate }) => kind === "national_id" && passRate <= 0.3).map(({ type }) => type)
)
const isChecked = (type: string): boolean => checked.has(type)

/** Whether the values have the form that goes with the name: then the name is nearly enough. */
const formWeight = (type: string, values: ReadonlyArray<string>): number => {
  // Nothing speaks against a name yet.
  if (values.length === 0) return 0
  const form = formsByName[type]
  if (form === undefined) return -20
  if (values.filter(form).length < values.length * 0.7) return -20
  // Anything may be called a name: its form proves nothing.
  return type === "person" ? 0 : 2
}

const isToken = (text: string): boolean => !/\s/.test(text) && text.length <= 128
const isWords = (text: string): boolean => /\p{L}/u.test(text) && !/\d{3}/.test(text) && text.length <= 80
/** Letters perhaps, five digits at least: nothing that is a word, a decimal or a time. */
const isIdentifier = (text: string): boolean =>
  /^[\p{L}\d ./-]{6,24}$/u.test(text) && text.replaceAll(/\D/g, "").length >= 5 && !/^\d+\.\d+$/.test(text)

const formsByName: Readonly<Record<string, (text: string) => boolean>> = {
  first_name: isWords,
  last_name: isWords,
  person: isWords,
  city: isWords,
  street_address: (text) => /\p{L}/u.test(text) && text.length < 200,
  postal_code: (text) => postalForm(text) > 0,
  username: isToken,
  password: isToken,
  secret: (text) => isToken(text) && text.length > 5,
  cvv: isVerification,
  age: isAge,
  card_expiry: isMonthOfExpiry,
  license_plate: (text) => plateForm(text) > 0,
  national_id: isIdentifier,
  phone: (text) => /^[+(]?[\d ()./-]{6,22}(x\d+)?$/.test(text) && text.replaceAll(/\D/g, "").length >= 6,
  iban: (text) => /^[A-Z]{0,2}[\dA-Z -]{8,40}$/i.test(text),
  date_of_birth: (text) => dateYear(text) !== undefined
}

const kindOf = (type: string): Kind | undefined => typeKinds.get(type)

const decision = (
  best: Strongest,
  named: ReadonlyArray<NameEvidence>,
  content: ReadonlyMap<string, Standing>,
  of: number
): ColumnDecision => {
  const type = best.type!
  const standing = content.get(type)
  const evidence: Array<string> = []
  if (standing !== undefined && standing.hits > 0) evidence.push(`${standing.hits} of ${of} values have its form`)
  if (best.name !== undefined) evidence.push("its name says so")
  else if (named.length > 0) evidence.push(`its name says ${named[0]!.type}`)
  return { type, kind: kindOf(type), score: Math.round(best.score * 10) / 10, evidence }
}

/** Text in which people's data stands now and then. */
const freeText = (values: ReadonlyArray<string>): ColumnDecision | undefined => {
  const long = values.filter((value) => value.length > 24)
  if (long.length < values.length * 0.5 || values.length === 0) return undefined
  let hits = 0
  for (const value of long) if (find(value).some(({ kind }) => kind !== undefined)) hits++
  if (hits < Math.max(1, values.length * 0.1)) return undefined
  return {
    type: "free_text",
    kind: "free_text",
    score: thresholds.column,
    evidence: [`${hits} of ${values.length} values hold something sensitive`]
  }
}
