import type { Column, Substitute, ValueType } from "../../core/family/sql/index.ts"
import type { Operator } from "./operators/index.ts"

/** One masked column of a result: what takes the place of each of its values. */
export class Cell implements Substitute {
  readonly index: number
  private readonly column: Column
  private readonly operator: Operator
  /** In place of every value, which then need not be read; undefined when the mask hangs on the value. */
  readonly fixed: Uint8Array | null | undefined
  /** Whom the value that is being masked is about. */
  private subject: string | undefined

  constructor(index: number, column: Column, operator: Operator) {
    this.index = index
    this.column = column
    this.operator = operator
    this.fixed = operator.fixed ? constantBytes(column, operator.constant) : undefined
  }

  /** `subject` is the value of the column that the operator goes by, in the spelling of its type. */
  mask(value: Uint8Array, subject?: string): Uint8Array | null {
    if (this.fixed !== undefined) return this.fixed
    this.subject = subject
    return this.column.substitute(value, this)
  }

  of(text: string, type: ValueType): string | null | undefined {
    return this.operator.of(text, type, this.subject)
  }

  constant(type: ValueType): string | null {
    const { constant } = this.operator
    return constant === null || !isJson(type) ? constant : JSON.stringify(constant)
  }
}

/** A constant in the column's type and format; NULL where the type cannot hold it. */
const constantBytes = (column: Column, constant: string | null): Uint8Array | null => {
  if (constant === null) return null
  const made = column.encode(constant)
  return made ?? (isJson(column.valueType) ? column.encode(JSON.stringify(constant)) : undefined) ?? null
}

const isJson = ({ name }: ValueType): boolean => name === "json" || name === "jsonb"

/** The text form of a value of `column`, for reading only; undefined for what is no scalar that can be read. */
export const scalarText = (column: Column, value: Uint8Array): string | undefined => {
  if (column.valueType.element !== undefined || column.valueType.fields !== undefined) return undefined
  let read: string | undefined
  column.substitute(value, {
    of: (text) => {
      read = text
      return null
    },
    constant: () => null
  })
  return read
}
