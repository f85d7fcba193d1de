import { networkReaders } from "./network-readers.ts"
import { numberReaders } from "./number-readers.ts"
import { stringReaders } from "./string-readers.ts"
import { timeReaders } from "./time-readers.ts"

/**
 * Reads a value in the binary format (what the type's send function wrote) into its text form; undefined when the
 * bytes are none of the type's, or its text form would be one that `Form.text` refuses.
 */
export type BinaryReader = (bytes: Buffer) => string | undefined

const readers: ReadonlyMap<string, BinaryReader> = new Map([
  ...Object.entries(numberReaders),
  ...Object.entries(stringReaders),
  ...Object.entries(timeReaders),
  ...Object.entries(networkReaders)
])

/** The reader of the type with this catalogue name; undefined for those whose values are not read here. */
export const binaryReaderOf = (type: string): BinaryReader | undefined => readers.get(type)
