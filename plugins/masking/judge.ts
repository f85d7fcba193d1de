import { allow, type Deny, deny, type OperationKind, type Receipt, type Verdict } from "../../core/index.ts"
import type { ColumnRef, Lineage, Statement, UseKind } from "../../core/family/sql/index.ts"
import { computes, explains, type Handling, steers } from "./handling.ts"
import { kinds } from "./kinds.ts"
import type { Shield } from "./shield.ts"

const uses: Readonly<Record<UseKind, string>> = {
  transform: "computed with",
  aggregate: "aggregated",
  predicate: "compared in a condition",
  join: "joined on",
  order: "sorted by",
  group: "grouped by",
  compare: "compared by a set operation, DISTINCT, a window or ON CONFLICT",
  write: "written elsewhere",
  presence: "tested for NULL"
}

/** Kinds of operation whose answers cannot be masked column by column. */
export const opaque: ReadonlySet<OperationKind> = new Set(["execute", "move", "define", "admin", "unknown"])

/**
 * Whether what an operation does with protected columns can be hidden by masking its answer: only a bare output can,
 * and whether a value is there at all is not hidden. Judges what will run: masked at the source, a column is not used
 * any more. Names columns and how they are used; never data.
 */
export const judge = (
  statement: Statement,
  shield: Shield | undefined,
  receipt: Receipt,
  handling: Handling
): Verdict => {
  if (!statement.resolved) return judgeUnresolved(shield, receipt)
  if (shield === undefined) return allow
  const denied = judgeUses(statement, shield, handling)
  if (denied !== undefined) return denied
  for (const { columns } of statement.results) {
    for (const output of columns) {
      const denial = judgeOutput(output, shield)
      if (denial !== undefined) return denial
    }
  }
  return opaque.has(statement.kind) ? judgeOpaque(statement, shield) : allow
}

const judgeUses = ({ tags, uses: all }: Statement, shield: Shield, { predicates }: Handling): Deny | undefined => {
  const used = all.filter((use) => shield.kindOf(use) !== undefined)
  if (used.length > 0 && explains(tags)) return refuse(used[0]!, "explained: a plan shows how values are distributed")
  const refused = used.filter(({ use }) => use !== "presence" && !(predicates === "allow" && steers.has(use)))
  // What is computed is masked at the source, unless something else stands in the way: that is the reason to tell.
  const [worst] = [...refused.filter(({ use }) => !computes.has(use)), ...refused]
  return worst === undefined ? undefined : refuse(worst, uses[worst.use] ?? "used")
}

const judgeOutput = ({ how, sources }: Lineage, shield: Shield): Deny | undefined => {
  for (const source of sources) {
    const kind = source.presence === true ? undefined : shield.kindOf(source)
    if (kind === undefined) continue
    if (how !== "copy" || sources.length !== 1) return refuse(source, "mixed into a computed column")
    if (!kinds.has(kind)) {
      return deny("masking", `${spelt(source)} has the kind ${kind}, which has no mask.`, {
        hint: "Correct the kind in the data set's entry; `sluice plugins show masking` lists them."
      })
    }
  }
  return undefined
}

/**
 * What runs code or changes definitions may not read a protected column at all: nobody sees where it goes. Nor may it
 * change a table that has one: under another name, or copied by a generated column or a trigger, it would be protected
 * no more.
 */
const judgeOpaque = (statement: Statement, shield: Shield): Verdict => {
  const changed = statement.writes.find((resource) => shield.covers(resource))
  if (changed !== undefined) {
    return deny("masking", `${changed.name} has protected columns, and its definition must not be changed.`, {
      hint: "Let a group that may see the columns change it, and the policy with it."
    })
  }
  for (const resource of statement.reads) {
    const { fields, name, within } = resource
    const inside = within === undefined ? {} : { within }
    const how = "read by what does not answer with rows"
    if (fields === undefined && shield.covers(resource)) return refuse({ table: name, column: "*", ...inside }, how)
    for (const column of fields ?? []) {
      const ref = { table: name, column, ...inside }
      if (shield.kindOf(ref) !== undefined) return refuse(ref, how)
    }
  }
  return allow
}

/**
 * What is not resolved touches everything, and nothing of its answer can be told to be masked. Only an approval, which
 * the residency policy asks for and which binds to this very text, lets it through; under an obligation to mask, not
 * even that.
 */
const judgeUnresolved = (shield: Shield | undefined, receipt: Receipt): Verdict => {
  const obliged = receipt.obligations.some(({ obligation }) => obligation === "mask")
  if (receipt.decision === "approve" && shield === undefined && !obliged) return allow
  return deny("masking", "It is not known which columns this operation shows, so none of them can be masked.", {
    hint: "Spell the statement out in plain SQL: no code that is built while it runs."
  })
}

/**
 * A definition is code that runs later, in whoever's name: a default, a rule, a trigger, a check, a domain, a changed
 * function. What it will show cannot be masked then, so callers who see masks do not get to make one.
 */
export const definitionsAreNotTheirs: Deny = deny(
  "masking",
  "Definitions may not be changed by callers who see columns masked: what they define runs later, unmasked.",
  { hint: "Let a group that may see the columns in clear (reveal_to_group) change definitions." }
)

const refuse = (ref: ColumnRef, how: string): Deny =>
  deny("masking", `${spelt(ref)} is protected and must not be ${how}.`, {
    hint: "Select the column bare, and it comes masked; filter, join and sort by other columns; "
      + "or ask whoever owns the policy to let your group see it."
  })

export const spelt = ({ column, table }: ColumnRef): string => column === "*" ? `All of ${table}` : `${table}.${column}`
