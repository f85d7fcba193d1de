import { Candidate, Groups } from "./candidate.ts"
import { isCity, isFullName, isGivenName, isSurname, streetForm } from "./cell-words.ts"
import { isAge, isMonthOfExpiry, isPassword, isVerification, patternOf, plateForm, postalForm, userForm } from "./cell-shapes.ts"
import { type NameEvidence, readName } from "./column-name.ts"
import { dateAt } from "./date.ts"
import type { Definition, Kind } from "./definition.ts"
import { find } from "./find.ts"
import { phoneAt } from "./phone.ts"
import { definitions, fits, layoutWeight, shapesFor } from "./registry.ts"
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

interface Standing {
  score: number
  hits: number
}

const valuesMost = 100
const encoder = new TextEncoder()

/** ln-odds of a share of hits: `rate` is what a column of the type has, `chance` what others have. */
const logOdds = (hits: number, of: number, rate: number, chance: number): number =>
  hits * Math.log(rate / chance) + (of - hits) * Math.log((1 - rate) / (1 - chance))

/**
 * Decides what a column holds, from its name, type, comment and distinct values. Each value that passes a check weighs
 * ln(.97 / the share of random values that pass), each that does not weighs against; so a check that most numbers pass
 * proves nothing, however many there are.
 */
export const decideColumn = (facts: ColumnFacts): ColumnDecision => {
  const values = [...new Set(facts.values.map((value) => value.trim()).filter((value) => value !== ""))].slice(0, valuesMost)
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
    consider(type, score + (name?.weight ?? 0), name)
  }
  // Where the name says which identifier it is, and the values are not that one, they are no identifier at all.
  const isDenied = named.some(({ type }) => (content.get(type)?.score ?? 0) < -10 && formsByName[type] === undefined)
  for (const name of named) {
    if (!(isDenied && kindOf(name.type) === "national_id")) consider(name.type, name.weight + formWeight(name.type, values), name)
  }
  return best
}

/** The types of the registry whose check tells one value from another. */
const checked = new Set(definitions.filter(({ kind, passRate }) => kind === "national_id" && passRate <= 0.3).map(({ type }) => type))
const isChecked = (type: string): boolean => checked.has(type)

/** Whether the values have the form that goes with the name: then the name is nearly enough. */
const formWeight = (type: string, values: ReadonlyArray<string>): number => {
  const form = formsByName[type]
  if (form === undefined) return -20
  if (values.length === 0) return 0
  if (values.filter(form).length < values.length * 0.7) return -20
  // Anything may be called a name: its form proves nothing.
  return type === "person" ? 0 : 2
}

const isToken = (text: string): boolean => !/\s/.test(text) && text.length <= 128
const isWords = (text: string): boolean => /\p{L}/u.test(text) && !/\d{3}/.test(text) && text.length <= 80
/** Letters perhaps, five digits at least: nothing that is a word, a decimal or a time. */
const isIdentifier = (text: string): boolean =>
  /^[\p{L}\d .\/-]{6,24}$/u.test(text) && text.replaceAll(/\D/g, "").length >= 5 && !/^\d+\.\d+$/.test(text)

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

export const kindOf = (type: string): Kind | undefined => typeKinds.get(type)

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

const candidate = new Candidate()
const groups = new Groups()

const contentOf = (values: ReadonlyArray<string>, sqlType: string | undefined): Map<string, Standing> => {
  const standings = new Map<string, Standing>()
  addIdentifiers(values, standings)
  addForms(values, standings)
  addPhones(values, standings)
  addWords(values, standings)
  addShapes(values, standings)
  addBirths(values, sqlType, standings)
  return standings
}

/** The registry's types: each value that passes the check of one counts once for it. */
const addIdentifiers = (values: ReadonlyArray<string>, standings: Map<string, Standing>): void => {
  const hits = new Map<Definition, { hits: number; layouts: number }>()
  for (const value of values) {
    const bytes = encoder.encode(value)
    if (groups.read(bytes, 0) !== bytes.length && bytes[bytes.length - 1] !== 41) continue
    if (groups.count === 0 || !candidate.take(bytes, groups, 0, groups.count - 1)) continue
    const seen = new Set<Definition>()
    for (const shape of shapesFor(candidate.length, candidate.letters)) {
      if (seen.has(shape.definition) || !fits(shape, candidate.text, candidate.length, candidate.letters)) continue
      const layout = layoutWeight(shape, candidate)
      if (layout < 0) continue
      seen.add(shape.definition)
      const entry = hits.get(shape.definition) ?? { hits: 0, layouts: 0 }
      entry.hits++
      if (layout > 0) entry.layouts++
      hits.set(shape.definition, entry)
    }
  }
  for (const [definition, { hits: count, layouts }] of hits) {
    const { layoutWeight: weight = 3, passRate, shapeWeight = 0, type } = definition
    // The form of the values is one fact, and counts once; the checks are as many facts as there are values.
    const odds = logOdds(count, values.length, 0.97, Math.min(passRate, 0.96))
    const form = layouts > count / 2 && count > 4 ? weight : 0
    const capped = passRate > 0.3 ? Math.min(odds, 2) : odds
    raise(standings, type, capped + (passRate > 0.3 ? 0 : shapeWeight) + form - 2, count)
  }
}

const raise = (standings: Map<string, Standing>, type: string, score: number, hits: number): void => {
  const known = standings.get(type)
  if (known === undefined || known.score < score) standings.set(type, { score, hits })
}

/** Types with a form of their own, and how many other values have it. */
const forms: ReadonlyArray<readonly [type: string, chance: number]> = [
  ["email", 0.001],
  ["iban", 0.001],
  ["ip", 0.005],
  ["mac", 0.001],
  ["url", 0.001],
  ["url_credentials", 0.0001],
  ["wallet", 0.0001],
  ["coordinates", 0.005],
  ["secret", 0.0005],
  ["private_key", 0.0001]
]
const formNames = forms.map(([type]) => type)

const addForms = (values: ReadonlyArray<string>, standings: Map<string, Standing>): void => {
  const hits = new Map<string, number>()
  for (const value of values) {
    const size = encoder.encode(value).length
    for (const { end, start, type } of find(value, { types: formNames })) {
      if (start === 0 && end === size) hits.set(type, (hits.get(type) ?? 0) + 1)
    }
  }
  for (const [type, chance] of forms) {
    const count = hits.get(type)
    if (count !== undefined) raise(standings, type, logOdds(count, values.length, 0.95, chance) - 2, count)
  }
  const versions = values.filter((value) => /^\d{1,2}\.\d{1,2}\.\d{1,2}\.\d+$/.test(value)).length
  // Four parts below a hundred, mostly: versions, of which some happen to be addresses.
  if (versions > values.length * 0.6) standings.delete("ip")
}

const addPhones = (values: ReadonlyArray<string>, standings: Map<string, Standing>): void => {
  const layouts = new Set<string>()
  const dotted = values.filter((value) => /^\d+(\.\d+)+$/.test(value))
  // Versions: dots between numbers of many lengths.
  const isDotted = dotted.length > values.length * 0.6 && new Set(dotted.map(patternOf)).size > 3
  const leading = values.filter((value) => /^\(?0[1-9]/.test(value)).length > values.length * 0.8
  const isOneForm = values.length > 1 && new Set(values.map(patternOf)).size === 1
  let strong = 0
  let weak = 0
  let hits = 0
  let mobiles = 0
  for (const value of values) {
    const bytes = encoder.encode(value)
    const span = phoneAt(bytes, 0)
    if (/^1[3-9]\d{9}$/.test(value)) mobiles++
    const isWhole = !isDotted && span !== undefined && span.start === 0 && span.end === bytes.length
    if (!isWhole || dateYear(value) !== undefined || /^\d+\.\d+$/.test(value)) {
      strong += Math.log(0.05 / 0.7)
      continue
    }
    hits++
    layouts.add(patternOf(value))
    const isTrunk = span.evidence === "trunk prefix" && isOneForm && !leading
    const chance = isTrunk ? 0.3 : span.score >= 5 ? 0.01 : span.score >= 3 ? 0.05 : span.score >= 1 ? 0.2 : 0.6
    if (chance < 0.1) strong += Math.log(0.95 / chance)
    else weak += Math.log(0.95 / chance)
  }
  if (mobiles > values.length * 0.9) strong += mobiles * Math.log(0.95 / 0.07)
  // Always written the same, and without a prefix: any number in groups. People write theirs in several ways.
  const written = [...layouts].filter((layout) => /[^9]/.test(layout)).length
  const score = strong + (leading || written > 1 ? weak : Math.min(weak, 3))
  if (hits > 0) raise(standings, "phone", score - 2, hits)
}

const countOf = (values: ReadonlyArray<string>, test: (value: string) => boolean): number => values.filter(test).length

/** Names and places: dictionaries and endings know a part of them, and hardly any of other words. */
const addWords = (values: ReadonlyArray<string>, standings: Map<string, Standing>): void => {
  const of = values.length
  if (of < 5 || countOf(values, (value) => /\p{L}{2}/u.test(value)) < of * 0.8) return
  const words: ReadonlyArray<readonly [string, (value: string) => boolean, number, number]> = [
    ["first_name", isGivenName, 0.4, 0.02],
    ["last_name", isSurname, 0.3, 0.035],
    ["person", isFullName, 0.75, 0.06],
    ["city", isCity, 0.45, 0.12]
  ]
  for (const [type, test, rate, chance] of words) {
    const hits = countOf(values, test)
    raise(standings, type, Math.min(60, logOdds(hits, of, rate, chance)) - 4, hits)
  }
  const sure = countOf(values, (value) => streetForm(value) === 2)
  const likely = countOf(values, (value) => streetForm(value) === 1)
  raise(
    standings,
    "street_address",
    sure * Math.log(0.5 / 0.02) + likely * Math.log(0.4 / 0.08) + (of - sure - likely) * Math.log(0.15 / 0.9) - 4,
    sure + likely
  )
}

const addShapes = (values: ReadonlyArray<string>, standings: Map<string, Standing>): void => {
  const of = values.length
  if (of < 8) return
  const patterns = new Set(values.map(patternOf)).size
  const postal = countOf(values, (value) => postalForm(value) === 2)
  const postalAny = countOf(values, (value) => postalForm(value) > 0)
  if (postal > of * 0.12 && postalAny > of * 0.93 && (postal > of * 0.9 ? patterns < 4 : patterns > 3)) {
    raise(standings, "postal_code", 7, postalAny)
  }
  addPlates(values, standings, patterns)
  const months = countOf(values, isMonthOfExpiry)
  if (months > of * 0.95) raise(standings, "card_expiry", 4, months)
  const tails = countOf(values, (value) => userForm(value) === 2)
  const users = countOf(values, (value) => userForm(value) > 0)
  if (users > of * 0.95 && tails > of * 0.15) raise(standings, "username", 9, users)
  const passwords = countOf(values, isPassword)
  const lengths = new Set(values.map((value) => value.length)).size
  if (passwords > of * 0.75 && lengths > 2 && patterns > of * 0.5) raise(standings, "password", 9, passwords)
}

/** Plates: the form of a country that is known, or many forms of short groups of letters and digits. */
const addPlates = (values: ReadonlyArray<string>, standings: Map<string, Standing>, patterns: number): void => {
  const of = values.length
  const plates = countOf(values, (value) => plateForm(value) > 0)
  const sure = countOf(values, (value) => plateForm(value) === 2)
  const known = countOf(values, (value) => plateForm(value) === 2 || isKnownPlate(value))
  const grouped = countOf(values, (value) => /[ -]/.test(value))
  if (sure > of * 0.9 || known > of * 0.95 || (plates > of * 0.75 && patterns > 5 && grouped > of * 0.3)) {
    standings.set("license_plate", { score: 9, hits: plates })
    standings.delete("phone")
  }
}

const isKnownPlate = (value: string): boolean =>
  plateForm(value) > 0 && find(value, { types: ["license_plate"] }).some(({ end, start }) => start === 0 && end === value.length)

/** The year of a date, without the time of day; undefined where the value is none. */
const dateYear = (value: string): number | undefined => {
  const bytes = encoder.encode(value)
  const span = dateAt(bytes, 0, 0)
  if (span === undefined || span.start !== 0 || span.form === "stamp") return undefined
  if (span.end !== bytes.length || value.includes(":") && !/ 00:00:00$/.test(value)) return undefined
  const year = /(?:18|19|20)\d\d/.exec(value)
  return year === null ? undefined : Number(year[0])
}

/** Dates that lie as births do: over decades, most of them long ago. */
const addBirths = (values: ReadonlyArray<string>, sqlType: string | undefined, standings: Map<string, Standing>): void => {
  if (sqlType !== undefined && /^time/.test(sqlType) && countOf(values, (value) => value.includes(":")) > 0) return
  const years = values.flatMap((value) => dateYear(value) ?? []).toSorted((a, b) => a - b)
  if (years.length < 8 || years.length < values.length * 0.9) return
  const at = (share: number): number => years[Math.floor((years.length - 1) * share)]!
  const isSpread = at(0.9) - at(0.1) > 25 && at(0.5) < 2003 && at(0.5) > 1930
  raise(standings, "date_of_birth", isSpread ? 7 : -4, years.length)
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
