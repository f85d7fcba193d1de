import { Candidate, Groups } from "./candidate.ts"
import { isMonthOfExpiry, isPassword, patternOf, plateForm, postalForm, userForm } from "./cell-shapes.ts"
import { isCity, isFullName, isGivenName, isSurname, streetForm } from "./cell-words.ts"
import { dateAt } from "./date.ts"
import type { Definition } from "./definition.ts"
import { find } from "./find.ts"
import { phoneAt } from "./phone.ts"
import { holds, isShaped, layoutWeight, shapesFor } from "./registry.ts"

/** What speaks for a type, and how many values have its form. */
export interface Standing {
  score: number
  hits: number
}

const encoder = new TextEncoder()

/** ln-odds of a share of hits: `rate` is what a column of the type has, `chance` what others have. */
const logOdds = (hits: number, of: number, rate: number, chance: number): number =>
  hits * Math.log(rate / chance) + (of - hits) * Math.log((1 - rate) / (1 - chance))

const candidate = new Candidate()
const groups = new Groups()

/** What the values say, by type: of each that any of them may be. They are distinct, and none is empty. */
export const contentOf = (values: ReadonlyArray<string>, sqlType: string | undefined): Map<string, Standing> => {
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
    const last = bytes[bytes.length - 1]
    if (groups.read(bytes, 0) !== bytes.length && last !== 41 && last !== 93) continue
    if (groups.count === 0 || !candidate.take(bytes, groups, 0, groups.count - 1)) continue
    const seen = new Set<Definition>()
    for (const shape of shapesFor(candidate)) {
      if (seen.has(shape.definition) || !isShaped(shape, candidate.letters)) continue
      if (!holds(shape, candidate.text, candidate.length)) continue
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
    // A check that most values pass says something by those that do not.
    const odds = logOdds(count, values.length, passRate > 0.3 ? 0.99 : 0.97, Math.min(passRate, 0.96))
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
  plateForm(value) > 0
  && find(value, { types: ["license_plate"] }).some(({ end, start }) => start === 0 && end === value.length)

/** The year of a date, without the time of day; undefined where the value is none. */
export const dateYear = (value: string): number | undefined => {
  const bytes = encoder.encode(value)
  const span = dateAt(bytes, 0, 0)
  if (span === undefined || span.start !== 0 || span.form === "stamp") return undefined
  if (span.end !== bytes.length || value.includes(":") && !value.endsWith(" 00:00:00")) return undefined
  const year = /(?:18|19|20)\d\d/.exec(value)
  return year === null ? undefined : Number(year[0])
}

/** Dates that lie as births do: over decades, most of them long ago. */
const addBirths = (
  values: ReadonlyArray<string>,
  sqlType: string | undefined,
  standings: Map<string, Standing>
): void => {
  if (sqlType !== undefined && sqlType.startsWith("time") && countOf(values, (value) => value.includes(":")) > 0) return
  const years = values.flatMap((value) => dateYear(value) ?? []).toSorted((a, b) => a - b)
  if (years.length < 8 || years.length < values.length * 0.9) return
  const at = (share: number): number => years[Math.floor((years.length - 1) * share)]!
  const isSpread = at(0.9) - at(0.1) > 25 && at(0.5) < 2003 && at(0.5) > 1930
  raise(standings, "date_of_birth", isSpread ? 7 : -4, years.length)
}
