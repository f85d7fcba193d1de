import { type Deny, deny } from "../../core/index.ts"
import type { ColumnRef, Statement } from "../../core/family/sql/index.ts"
import type { Handling } from "./handling.ts"
import type { MaskSet } from "./masks.ts"
import type { Operator } from "./operators/index.ts"
import type { Shield } from "./shield.ts"

/**
 * A refusal where a statement uses a column of which the file shows less than a mask: one under `deny` in any way, one
 * under `null` where whether a value is there would show.
 */
export const deniedUse = (
  statement: Statement,
  shield: Shield,
  masks: MaskSet,
  { predicates }: Handling
): Deny | undefined => {
  const operatorFor = (ref: ColumnRef): Operator | undefined => {
    const kind = shield.kindOf(ref)
    return kind === undefined ? undefined : masks.of(ref, kind, shield.obliges(ref))
  }
  for (const use of statement.uses) {
    const operator = operatorFor(use)
    if (operator?.denies === true) return notShown(use)
    const shows = use.use === "presence" && predicates !== "allow"
    if (shows && operator !== undefined && hidesPresence(operator)) return presenceNotShown(use)
  }
  for (const { columns } of statement.results) {
    for (const { sources } of columns) {
      const denied = sources.find((source) => operatorFor(source)?.denies === true)
      if (denied !== undefined) return notShown(denied)
    }
  }
  return undefined
}

/** Whether a mask hides even that there is a value. */
export const hidesPresence = ({ constant, fixed }: Operator): boolean => fixed && constant === null

const notShown = ({ column, table }: ColumnRef): Deny =>
  deny("masking", `${table}.${column} is not shown at all.`, { hint: "Leave the column out, and name the others." })

const presenceNotShown = ({ column, table }: ColumnRef): Deny =>
  deny("masking", `${table}.${column} is masked by NULL: whether it has a value is not shown.`, {
    hint: "Leave out the test for NULL, or the count."
  })
