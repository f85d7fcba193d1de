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
    weighAll(start, end, types, best)
  }
  if (best.shape === undefined) return undefined
  const { kind, type } = best.shape.definition
  return { type, kind, start, end: best.end, score: best.score, evidence: best.evidence }
}

/** The bracket around a check digit is a part of it: `A123456(3)`, `A123456[3]`. */
const closed = (bytes: Uint8Array, end: number): number => {
  const opening = bytes[end - 2]
  return (bytes[end] === 41 && opening === 40) || (bytes[end] === 93 && opening === 91) ? end + 1 : end
}

const weighAll = (
  start: number,
  end: number,
  types: ReadonlySet<string> | undefined,
  best: Best
): void => {
  const shapes = shapesFor(candidate)
  const words = best.context === "none" ? 0 : thresholds.context
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i]!
    if (types === undefined ? shape.weightMost + words >= best.score : types.has(shape.definition.type))
      weigh(start, end, shape, types, best)
  }
}

/** The check comes last: most shapes cannot reach what is needed, whatever it says. */
const weigh = (
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
  const near = types === undefined ? contextWeight(start, shape, own, best) : asked
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
const contextWeight = (start: number, shape: Shape, score: number, best: Best): number => {
  if (score + thresholds.context < best.score || best.context === "none") return 0
  if (best.context === "unread") {
    context.read(start, best.groupsEnd)
    best.context = "read"
  }
  if (context.has(shape.words)) return thresholds.context
  if (shape.definition.kind === "national_id" && context.has(identityWords)) return thresholds.identity
  if (score >= 2 * thresholds.text || score < best.score) return 0
  context.readRightBefore(start)
  const isThing = context.has(thingWords)
  best.context = "unread"
  return isThing ? -thresholds.thing : 0
}

/** In the groups of one of its layouts, with another sign between them, everywhere the same. */
const isOrderly = ({ definition, layouts }: Shape): boolean => {
  const first = candidate.separatorAt[0]
  if (definition.strictLayout === true || (first !== 32 && first !== 45 && first !== 46)) return false
  for (const { mask, separators } of layouts) {
    if (mask !== candidate.separators) continue
    for (let i = 1; i < separators.length; i++) if (candidate.separatorAt[i] !== first) return false
    return true
  }
  return false
}
