import { find } from "../../core/detect/index.ts"
import { type Row, share } from "./count.ts"
import { readLines } from "./data.ts"
import { nationalEntities, presidioTypes, validatorTypes } from "./labels.ts"

interface Case {
  readonly id: string
  readonly entity: string
  readonly text: string
  readonly expected_len: number
}

interface Value {
  readonly validator: string
  readonly locale?: string | null
  readonly value: unknown
  readonly valid: boolean
  /** What else its caller asked of the validator: another question than ours. */
  readonly opts?: unknown
}

/**
 * Rules are mended on one half of the values, and what was missed is shown of that half only; the other half says what
 * the rules are worth on values that nobody looked at.
 */
type Half = "mended on" | "held out"

/** Which half a text belongs to: by its hash (FNV-1a), so that it stays there. */
const halfOf = (text: string): Half => {
  let hash = 0x811c9dc5 | 0
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return ((hash ^ (hash >>> 15)) & 1) === 0 ? "mended on" : "held out"
}

/** Per type: how many there are and were found, how many are not and were taken for it. */
interface Seen {
  there: number
  found: number
  not: number
  taken: number
}

/** What was seen of each type, in each half. */
type Seens = ReadonlyMap<Half, Map<string, Seen>>

const seens = (): Seens => new Map([["mended on", new Map()], ["held out", new Map()]])

const seenOf = (seen: Map<string, Seen>, type: string): Seen => {
  let one = seen.get(type)
  if (one === undefined) seen.set(type, one = { there: 0, found: 0, not: 0, taken: 0 })
  return one
}

const rowOf = (suite: string, type: string, { found, not, taken, there }: Seen): Row => {
  const recall = share(found, there)
  const precision = share(found, found + taken)
  return {
    suite,
    type,
    precision,
    recall,
    f1: share(2 * found, found + taken + there),
    share: not === 0 ? 0 : share(taken, not),
    of: there + not
  }
}

/** The tests of another detector: asked for one type, how many spans are found in each text. */
const units = (folder: string, seen: Seens, debug: boolean): ReadonlySet<string> => {
  const unknown = new Set<string>()
  for (
    const { entity, expected_len: expected, id, text } of readLines(folder, "pii/presidio_unit.jsonl") as ReadonlyArray<
      Case
    >
  ) {
    const types = presidioTypes[entity]
    if (types === undefined) {
      unknown.add(entity)
      continue
    }
    const half = halfOf(text)
    const one = seenOf(seen.get(half)!, entity)
    const count = find(text, { types }).length
    if (expected > 0) {
      one.there += expected
      one.found += Math.min(count, expected)
    } else {
      one.not++
      if (count > 0) one.taken++
    }
    if (debug && half === "mended on" && Math.min(count, 9) !== expected)
      console.error(`unit ${id} ${entity} expected ${expected}, found ${count}: ${text}`)
  }
  return unknown
}

/** Values that are valid or not: one is accepted when something of the type covers all of it. */
const values = (folder: string, seen: Seens, debug: boolean): void => {
  for (
    const { locale, opts, valid, validator, value } of readLines(
      folder,
      "pii/validatorjs_values.jsonl"
    ) as ReadonlyArray<Value>
  ) {
    const label = locale == null ? validator : `${validator} ${locale}`
    const types = validatorTypes[label] ?? validatorTypes[validator]
    if (types === undefined || typeof value !== "string" || opts != null) continue
    const half = halfOf(value)
    const one = seenOf(seen.get(half)!, validatorTypes[label] === undefined ? validator : label)
    const size = Buffer.byteLength(value.trimEnd())
    const isAccepted = find(value, { types }).some(({ end, start }) => start === 0 && end === size)
    if (valid) {
      one.there++
      if (isAccepted) one.found++
    } else {
      one.not++
      if (isAccepted) one.taken++
    }
    if (debug && half === "mended on" && isAccepted !== valid)
      console.error(`value ${label} ${JSON.stringify(value)} is ${valid ? "valid" : "not valid"}`)
  }
}

const sum = (all: Iterable<Seen>): Seen => {
  const total: Seen = { there: 0, found: 0, not: 0, taken: 0 }
  for (const one of all) for (const key of ["there", "found", "not", "taken"] as const) total[key] += one[key]
  return total
}

/** Both halves together, by type. */
const joined = (seen: Seens): ReadonlyMap<string, Seen> => {
  const all = new Map<string, Seen>()
  for (const half of seen.values()) {
    for (const [type, one] of half) all.set(type, sum([one, ...(all.has(type) ? [all.get(type)!] : [])]))
  }
  return all
}

const isNational = ([type]: readonly [string, Seen]): boolean =>
  nationalEntities.has(type) || /^is(TaxID|IdentityCard) /.test(type)

/** What is known of national identifiers, in these counts by type. */
const nationalRow = (type: string, seen: ReadonlyArray<readonly [string, Seen]>): Row => {
  const national = seen.filter(isNational)
  const total = sum(national.map(([, one]) => one))
  const types = new Set(national.flatMap(([label]) => presidioTypes[label] ?? validatorTypes[label] ?? []))
  return {
    ...rowOf("national ids", type, total),
    count: types.size,
    goal: "types ≥ 60, recall ≥ 0.99, invalid accepted (share) ≤ 0.03",
    reached: types.size >= 60 && share(total.found, total.there) >= 0.99 && share(total.taken, total.not) <= 0.03
  }
}

export const identifiers = (folder: string, debug: boolean): ReadonlyArray<Row> => {
  const unit = seens()
  const unknown = units(folder, unit, debug)
  const value = seens()
  values(folder, value, debug)
  const [allUnits, allValues] = [joined(unit), joined(value)]
  return [
    ...[...allUnits].map(([type, one]) => rowOf("presidio_unit", type, one)),
    rowOf("presidio_unit", "total", sum(allUnits.values())),
    ...[...unknown].map((type): Row => ({ suite: "presidio_unit, not known", type, of: 0 })),
    ...[...allValues].map(([type, one]) => rowOf("validatorjs", type, one)),
    rowOf("validatorjs", "total", sum(allValues.values())),
    ...[...unit.keys()].map((half) => nationalRow(half, [...unit.get(half)!, ...value.get(half)!])),
    nationalRow("total", [...allUnits, ...allValues])
  ]
}
