import type { Examined } from "../examine.ts"
import { unknownFinding } from "../finding.ts"
import { nodesIn } from "../parse/tree.ts"
import type { Consequence } from "../session-names.ts"

/** The most nodes of trees that a session keeps of one text: they are looked at whenever their name is used. */
const nodesMax = 3000

const tooLarge = "PREPARE or DECLARE of a statement this large is not understood: send it by itself"

/**
 * What was found, without trees that are too large to be kept. A definition that is not followed leaves the session
 * unable to tell what names mean until its transaction ends. A statement that could not be kept under its name is
 * refused: whatever used the name later would be refused anyway.
 */
export const withoutLargeTrees = (examined: Examined): Examined => {
  const { consequences, finding } = examined
  if (!isLarge(consequences)) return examined
  const named = consequences.some(({ _tag }) => _tag === "Prepare" || _tag === "Declare")
  return {
    ...examined,
    consequences: consequences.map(withoutTree),
    finding: named ? { ...unknownFinding(tooLarge), kind: finding.kind, tags: finding.tags } : finding
  }
}

const isLarge = (consequences: ReadonlyArray<Consequence>): boolean => {
  let count = 0
  for (const _ of nodesIn(consequences)) if (++count > nodesMax) return true
  return false
}

const withoutTree = (one: Consequence): Consequence => {
  switch (one._tag) {
    case "Prepare":
      return { _tag: "Deallocate", name: one.name }
    case "Declare":
      return { _tag: "Close", name: one.name }
    case "Define":
      return { _tag: "Lose" }
    default:
      return one
  }
}
