import type { ValueType } from "../../../core/family/sql/index.ts"

/** What makes a mask of a value. Pure, and the same for the same value, key and type. Never throws. */
export interface Operator {
  /** As the file spells it under `use:`. */
  readonly use: string
  /** True when the value makes no difference to the mask, so that it need not be read. */
  readonly fixed: boolean
  /** True when nothing may be shown in the value's place, and the operation is refused. */
  readonly denies?: true
  /** What stands in place of a value that the operator has no mask for, and of every value when it is `fixed`. */
  readonly constant: string | null
  /** The mask of a scalar by its text form; undefined where the operator has none, and `constant` takes its place. */
  of(text: string, type: ValueType, subject?: string): string | null | undefined
  /** The column of the same table that says whom a value is about, where the mask hangs on it. */
  readonly by?: string
  /** The value of a mask; undefined for what is no mask of this operator's. Only reversible operators have it. */
  readonly reveal?: (mask: string, type: ValueType) => string | undefined
}

/** `use: redact` and `use: replace`: one text for every value; null is NULL. */
export const fixed = (use: string, constant: string | null): Operator => ({
  use,
  fixed: true,
  constant,
  of: () => constant
})

/** `use: deny`: nothing is shown, and what asks for the column is refused. */
export const denying = (constant: string): Operator => ({ ...fixed("deny", constant), denies: true })
