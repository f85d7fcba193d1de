import type { Substitute, ValueType } from "../../../core/family/sql/index.ts"
import { ArrayCodec } from "./array-codec.ts"
import { CompositeCodec } from "./composite-codec.ts"
import { ScalarCodec } from "./scalar-codec.ts"

/** Puts substitutes into values of one type, in either format. Total: what cannot be read becomes NULL. */
export interface ValueCodec {
  /** A value in its text form. */
  text(value: string, by: Substitute): string | null
  /** A value in the binary format. */
  binary(value: Buffer, by: Substitute): Uint8Array | null
  /** `text` as this type's text form, or undefined when the type cannot hold it. */
  written(text: string): string | undefined
  /** The same in the binary format. */
  writtenBinary(text: string): Uint8Array | undefined
}

/** The deepest nesting of arrays and composites that is looked into. */
const DEPTH_MAX = 16

/** The codec of a type. Beyond a depth that no catalogue reaches, everything is NULL. */
export const codecOf = (type: ValueType, depth = 0): ValueCodec => {
  if (depth > DEPTH_MAX) return new ScalarCodec({ name: "" })
  if (type.element !== undefined) return new ArrayCodec(codecOf(type.element, depth + 1))
  if (type.fields !== undefined) return new CompositeCodec(type.fields.map((field) => codecOf(field, depth + 1)))
  return new ScalarCodec(type)
}
