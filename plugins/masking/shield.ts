import type { Operation, Principal, Protection, Resource } from "../../core/index.ts"
import type { ColumnRef } from "../../core/family/sql/index.ts"

interface ShieldedTable {
  readonly kinds: Map<string, string>
  /** The kind of every column that is not listed; undefined when only the listed ones are protected. */
  rest: string | undefined
}

/** What of one operation must stay hidden from one caller. */
export class Shield {
  private readonly tables = new Map<string, ShieldedTable>()
  private readonly obliged = new Set<string>()

  /** The kind of a column, or undefined when the caller may see it. */
  kindOf(ref: ColumnRef): string | undefined {
    const own = this.kindIn(ref.table, ref.column)
    if (own !== undefined) return own
    for (const table of ref.within ?? []) {
      const inherited = this.kindIn(table, ref.column)
      if (inherited !== undefined) return inherited
    }
    for (const view of ref.as ?? []) {
      const shown = this.kindOf(view)
      if (shown !== undefined) return shown
    }
    return undefined
  }

  /** Whether a column is under an obligation to mask. */
  obliges({ as = [], table, within = [] }: ColumnRef): boolean {
    return [table, ...within].some((one) => this.obliged.has(one)) || as.some((view) => this.obliges(view))
  }

  /** Whether any column of `resource` is hidden. */
  covers({ name, within }: Resource): boolean {
    return this.tables.has(name) || (within?.some((table) => this.tables.has(table)) ?? false)
  }

  /** Whether any column of what `operation` touches is hidden. */
  touches(operation: Operation): boolean {
    const covered = (resource: Resource): boolean => this.covers(resource)
    return operation.reads.some(covered) || operation.writes.some(covered)
  }

  add(table: string, column: string, kind: string): void {
    let shielded = this.tables.get(table)
    if (shielded === undefined) this.tables.set(table, shielded = { kinds: new Map(), rest: undefined })
    if (column === "*") shielded.rest ??= kind
    else if (!shielded.kinds.has(column)) shielded.kinds.set(column, kind)
  }

  /** All of a table is under an obligation to mask. */
  oblige(table: string): void {
    this.obliged.add(table)
    this.add(table, "*", "redact")
  }

  private kindIn(table: string, column: string): string | undefined {
    const shielded = this.tables.get(table)
    return shielded?.kinds.get(column) ?? shielded?.rest
  }
}

/** Shields made before, by whether the caller may see what is revealed. Decisions are kept, and their facts too. */
const known = { revealed: new WeakMap<Protection, Shield | null>(), hidden: new WeakMap<Protection, Shield | null>() }

/**
 * What `protection` hides from a caller; undefined when it hides nothing. `mayReveal` exempts the caller from every
 * data set but those under the obligation to mask, of which every column is hidden.
 */
export const shieldOf = (protection: Protection, mayReveal: boolean): Shield | undefined => {
  const shields = mayReveal ? known.revealed : known.hidden
  let shield = shields.get(protection)
  if (shield === undefined) shields.set(protection, shield = make(protection, mayReveal) ?? null)
  return shield ?? undefined
}

const make = (protection: Protection, mayReveal: boolean): Shield | undefined => {
  let shield: Shield | undefined
  for (const { column, data_set, kind, table } of protection.columns) {
    const isObliged = protection.obliged.includes(data_set)
    if (mayReveal && !isObliged) continue
    shield ??= new Shield()
    shield.add(table, column, kind)
    if (isObliged) shield.oblige(table)
  }
  return shield
}

/** Whether the caller, and everyone who acts for it, is in one of `groups`: a chain can only restrict. */
export const mayReveal = (principal: Principal, groups: ReadonlyArray<string>): boolean =>
  groups.length > 0
  && [principal, ...principal.actors].every((identity) => identity.groups.some((group) => groups.includes(group)))
