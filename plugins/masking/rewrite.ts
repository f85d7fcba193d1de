import * as Effect from "effect/Effect"
import { type Deny, deny, type Hold, hold } from "../../core/index.ts"
import { columnKey, type ColumnRef, type Statement, type Unprojected } from "../../core/family/sql/index.ts"
import { deniedUse, hidesPresence } from "./denied.ts"
import { computes, explains, type Handling, steers } from "./handling.ts"
import { opaque, spelt } from "./judge.ts"
import { kinds } from "./kinds.ts"
import type { MaskSet } from "./masks.ts"
import type { Shield } from "./shield.ts"

/**
 * The statement with each protected column that it computes with masked where it is read; undefined where it may stay
 * as it is, or where a rewriting would not make it pass: `judge` then says why. Columns that are nothing but bare
 * outputs stay what they are, and are masked in the answer.
 */
export const rewrite = (
  statement: Statement,
  hiding: Hiding
): Statement | Deny | Hold<Statement | Deny> | undefined => {
  const { handling, masks, shield } = hiding
  if (!statement.resolved || opaque.has(statement.kind)) return undefined
  // Masked at the source, such a use would be gone before `decide` sees the statement.
  const denied = deniedUse(statement, shield, masks, handling)
  if (denied !== undefined) return denied
  const used = usedBy(statement, hiding)
  if (used === undefined || used.masked.size === 0 || statement.project === undefined) return undefined
  const both = [...used.clear].find(([key]) => used.masked.has(key))
  if (both !== undefined) return refuseBoth(both[1])
  const chosenBy = choosesRowsBy(statement, used.masked)
  if (chosenBy !== undefined) return refuseChoice(chosenBy)
  const projected = statement.project({ mask: (ref) => used.masked.get(columnKey(ref)), told: handling.notices })
  const answered = (answer: Statement | Unprojected): Statement | Deny =>
    "_tag" in answer ? refuse(statement, shield, answer.reason, answer.remedy) : answer
  if (!("_tag" in projected) || projected._tag === "Unprojected") return answered(projected)
  const { answer, reason, within } = projected
  return hold({ reason, within, brief: true, until: Effect.map(Effect.promise(answer), answered) })
}

/** What is hidden from a caller, and how. */
export interface Hiding {
  readonly shield: Shield
  readonly masks: MaskSet
  readonly handling: Handling
}

interface Used {
  /** The mask of each column that must not be read in clear; null: not even whether it is NULL. */
  readonly masked: ReadonlyMap<string, string | null>
  /** Columns that are compared in clear. */
  readonly clear: ReadonlyMap<string, ColumnRef>
}

/** Undefined when a use stands in the way that masking at the source does not help against. */
const usedBy = (statement: Statement, { handling, masks, shield }: Hiding): Used | undefined => {
  const masked = new Map<string, string | null>()
  const clear = new Map<string, ColumnRef>()
  const isExplained = explains(statement.tags)
  const mask = (ref: ColumnRef, kind: string): void => {
    const found = kinds.get(kind)
    if (found === undefined) return
    const isAbsent = hidesPresence(masks.of(ref, kind, shield.obliges(ref)))
    masked.set(columnKey(ref), isAbsent ? null : found.mask)
  }
  for (const use of statement.uses) {
    const kind = shield.kindOf(use)
    if (kind === undefined || use.use === "presence") continue
    if (isExplained) return undefined
    if (computes.has(use.use) && handling.derived === "rewrite") mask(use, kind)
    else if (steers.has(use.use) && handling.predicates === "masked") mask(use, kind)
    else if (steers.has(use.use) && handling.predicates === "allow") clear.set(columnKey(use), use)
    else return undefined
  }
  if (handling.derived === "deny") return { masked, clear }
  for (const { columns } of statement.results) {
    for (const { how, sources } of columns) {
      if (how === "copy" && sources.length === 1) continue
      for (const source of sources) {
        const kind = source.presence === true ? undefined : shield.kindOf(source)
        if (kind !== undefined) mask(source, kind)
      }
    }
  }
  return { masked, clear }
}

/**
 * A column that already chooses which rows are read: masked under that condition, every row would hold the constant,
 * and rows that are to be left out might come.
 */
const choosesRowsBy = ({ confined = [], uses }: Statement, masked: Used["masked"]): ColumnRef | undefined =>
  uses.find((use) =>
    masked.has(columnKey(use)) && confined.some(({ column, table }) => table === use.table && column === use.column)
  )

const refuseChoice = (ref: ColumnRef): Deny =>
  deny("masking", `${spelt(ref)} tells which rows may be read, and cannot be masked where it is read.`, {
    hint: "Give the data set a zone_by column that is not protected."
  })

const refuseBoth = (ref: ColumnRef): Deny =>
  deny("masking", `${spelt(ref)} is compared in clear and computed with in one statement.`, {
    hint: "Compute and compare in two statements: computed with, it is read as a mask."
  })

const refuse = ({ uses }: Statement, shield: Shield, reason: string, remedy: string): Deny => {
  const ref = uses.find((use) => use.use !== "presence" && shield.kindOf(use) !== undefined)
  const what = ref === undefined ? "A protected column" : spelt(ref)
  return deny("masking", `${what} cannot be masked where it is read: ${reason}.`, {
    hint: `${remedy} Selected bare, the column comes masked.`
  })
}
