/** The values of one COPY row, in one of the three formats: where they lie, and how others take their place. */
export interface CopyFields {
  /** Finds the values in `chunk[start, end)`, which must be `count` of them. Allocates nothing but room for offsets. */
  read(chunk: Uint8Array, start: number, end: number, count: number): "row" | "header" | "trailer" | "malformed"
  isNull(index: number): boolean
  /** The value without escapes and quotes: a view, unless some had to be taken out. */
  bytes(index: number): Uint8Array
  /** Where a value lies as it is written, with everything that belongs to it alone. */
  start(index: number): number
  end(index: number): number
  /** How many bytes of the row belong to no value: what `writeStart`, `writeBetween` and `writeEnd` write. */
  overhead(): number
  writeStart(to: Uint8Array, at: number): number
  writeBetween(to: Uint8Array, at: number): number
  writeEnd(to: Uint8Array, at: number): number
  /** How many bytes `write` writes for `value`, null being NULL. */
  size(value: Uint8Array | null, index: number): number
  write(value: Uint8Array | null, index: number, to: Uint8Array, at: number): number
}

/** Offsets of the values of a row. Grows to the widest row and stays. */
export class Offsets {
  starts = new Int32Array(16)
  ends = new Int32Array(16)

  reserve(count: number): void {
    if (count <= this.starts.length) return
    this.starts = new Int32Array(count)
    this.ends = new Int32Array(count)
  }
}

/** Whether `bytes[start, end)` are `other`. */
export const isSame = (bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean => {
  if (end - start !== other.length) return false
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false
  return true
}

/** A delimiter, quote or escape: PostgreSQL allows single bytes only. */
export const singleByte = (option: string, text: string): number => {
  const bytes = Buffer.from(text, "utf8")
  if (bytes.length !== 1) throw new RangeError(`COPY's ${option} is not one byte.`)
  return bytes[0]!
}
