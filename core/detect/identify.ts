import { Candidate, type Groups } from "./candidate.ts"
import { context } from "./context.ts"
import { identityWords, thingWords } from "./context-words.ts"
import type { Evidence, Finding } from "./finding.ts"
import { holds, isShaped, layoutWeight, type Shape, shapesFor } from "./registry.ts"
import { thresholds } from "./thresholds.ts"

const candidate = new Candidate()

/** Two definitions that fit equally well: the longer, then the one that stands first in the registry. */
interface Best {
  shape: Shape | undefined
  score: number
  end: number
  evidence: ReadonlyArray<Evidence>
  /** Whether the words around are the current context; `none` where there are none to read. */
  context: "none" | "unread" | "read"
  groupsEnd: number
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
  const best: Best = {
    shape: undefined,
    score: thresholds.text,
    end: start,
    evidence: [],
    context: "unread",
    groupsEnd: 0
  }
  best.groupsEnd = groups.ends[groups.count - 1]!
  if (start === 0 && best.groupsEnd === bytes.length) best.context = "none"
  for (let last = 0; last < groups.count; last++) {
    if (groups.closes[last] === 0) continue
    if (!candidate.take(bytes, groups, 0, last)) break
    if (candidate.length < 3) continue
    const end = closed(bytes, groups.ends[last]!)
    for (const shape of shapesFor(candidate.length, candidate.letters)) {
      if (types === undefined || types.has(shape.definition.type)) weigh(bytes, start, end, shape, types, best)
    }
  }
  if (best.shape === undefined) return undefined
  const { kind, type } = best.shape.definition
  return { type, kind, start, end: best.end, score: best.score, evidence: best.evidence }
}

/** The bracket around a check digit is a part of it: `A123456(3)`. */
const closed = (bytes: Uint8Array, end: number): number => bytes[end] === 41 && bytes[end - 2] === 40 ? end + 1 : end

/** The check comes last: most shapes cannot reach what is needed, whatever it says. */
const weigh = (
  bytes: Uint8Array,
  start: number,
  end: number,
  shape: Shape,
  types: ReadonlySet<string> | undefined,
  best: Best
): void => {
  if (!isShaped(shape, candidate.letters)) return
  const layout = layoutWeight(shape, candidate)
  if (layout < 0 && (types === undefined || !isOrderly(shape))) return
  const own = shape.weight + Math.max(0, layout)
  const near = types === undefined ? contextWeight(bytes, start, shape, own, best) : asked
  const score = own + near
  if (score < best.score || (score === best.score && end <= best.end)) return
  if (!holds(shape, candidate.text, candidate.length)) return
  best.shape = shape
  best.score = score
  best.end = end
  best.evidence = evidenceOf(shape, layout, near)
}

/** That the caller asked for the type outweighs everything. */
const asked = 20

const evidenceOf = ({ definition }: Shape, layout: number, near: number): ReadonlyArray<Evidence> => {
  const evidence: Array<Evidence> = [definition.check === undefined ? "form" : "check"]
  if (layout > 0) evidence.push("layout")
  if (near > 0) evidence.push(near === asked ? "asked" : "context")
  return evidence
}

/** What the words around it add, or take away. */
const contextWeight = (bytes: Uint8Array, start: number, shape: Shape, score: number, best: Best): number => {
  if (score + thresholds.context < best.score || best.context === "none") return 0
  if (best.context === "unread") {
    context.read(bytes, start, best.groupsEnd)
    best.context = "read"
  }
  if (context.has(shape.words)) return thresholds.context
  if (shape.definition.kind === "national_id" && context.has(identityWords)) return thresholds.identity
  if (score >= 2 * thresholds.text || score < best.score) return 0
  context.readRightBefore(bytes, start)
  const isThing = context.has(thingWords)
  best.context = "unread"
  return isThing ? -thresholds.thing : 0
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
