import { Candidate, type Groups } from "./candidate.ts"
import { contextOf, identityWords, mentionsOne, rightBefore, thingWords } from "./context.ts"
import type { Evidence, Finding } from "./finding.ts"
import { fits, layoutWeight, type Shape, shapesFor } from "./registry.ts"
import { thresholds } from "./thresholds.ts"

const candidate = new Candidate()

/** Two definitions that fit equally well: the longer, then the one that stands first in the registry. */
interface Best {
  shape: Shape | undefined
  score: number
  end: number
  evidence: ReadonlyArray<Evidence>
  /** The words around what is weighed, once anything asked for them. */
  context: string | undefined
}

/** What the groups that begin at `start` are: the identifier with the most evidence, if there is enough. */
export const identify = (
  bytes: Uint8Array,
  start: number,
  groups: Groups,
  types: ReadonlySet<string> | undefined
): Finding | undefined => {
  groups.read(bytes, start)
  if (groups.count === 0 || groups.opens[0] === 0) return undefined
  const best: Best = { shape: undefined, score: thresholds.text, end: start, evidence: [], context: undefined }
  for (let last = 0; last < groups.count; last++) {
    if (groups.closes[last] === 0) continue
    if (!candidate.take(bytes, groups, 0, last)) break
    if (candidate.length < 3) continue
    const end = closed(bytes, groups.ends[last]!)
    best.context = start === 0 && end === bytes.length ? "" : undefined
    for (const shape of shapesFor(candidate.length, candidate.letters)) {
      if (types !== undefined && !types.has(shape.definition.type)) continue
      if (fits(shape, candidate.text, candidate.length, candidate.letters)) weigh(bytes, start, end, shape, types, best)
    }
  }
  if (best.shape === undefined) return undefined
  const { kind, type } = best.shape.definition
  return { type, kind, start, end: best.end, score: best.score, evidence: best.evidence }
}

/** The bracket around a check digit is a part of it: `A123456(3)`. */
const closed = (bytes: Uint8Array, end: number): number => bytes[end] === 41 && bytes[end - 2] === 40 ? end + 1 : end

const weigh = (
  bytes: Uint8Array,
  start: number,
  end: number,
  shape: Shape,
  types: ReadonlySet<string> | undefined,
  best: Best
): void => {
  const layout = layoutWeight(shape, candidate)
  if (layout < 0 && (types === undefined || !isOrderly(shape))) return
  const evidence: Array<Evidence> = [shape.definition.check === undefined ? "form" : "check"]
  let score = shape.weight + Math.max(0, layout)
  if (layout > 0) evidence.push("layout")
  if (types !== undefined) {
    score += 20
    evidence.push("asked")
  } else {
    const near = contextWeight(bytes, start, end, shape, score, best)
    if (near > 0) evidence.push("context")
    score += near
  }
  if (score < best.score || (score === best.score && end <= best.end)) return
  Object.assign(best, { shape, score, end, evidence })
}

/** What the words around it add, or take away. */
const contextWeight = (
  bytes: Uint8Array,
  start: number,
  end: number,
  shape: Shape,
  score: number,
  best: Best
): number => {
  if (score + thresholds.context < best.score || best.context === "") return 0
  const context = best.context ??= contextOf(bytes, start, end)
  if (mentionsOne(context, shape.definition.words)) return thresholds.context
  if (shape.definition.kind === "national_id" && mentionsOne(context, identityWords)) return thresholds.identity
  return score < 2 * thresholds.text && mentionsOne(rightBefore(context), thingWords) ? -thresholds.thing : 0
}

/** Written in a way that nobody told us of, but orderly. */
const isOrderly = ({ definition }: Shape): boolean => {
  if (definition.layouts === undefined || definition.strictLayout === true) return false
  const first = candidate.separatorAt[0]
  if (first !== 32 && first !== 45 && first !== 46) return false
  let separators = 0
  for (let mask = candidate.separators; mask !== 0; mask &= mask - 1) separators++
  for (let i = 1; i < separators; i++) if (candidate.separatorAt[i] !== first) return false
  return true
}
