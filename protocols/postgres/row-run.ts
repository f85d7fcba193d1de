import { copyBytes, type Outbox, readInt32, Splicer, writeInt32 } from "../../core/bytes/index.ts"
import type { Constants } from "../../core/family/index.ts"
import type { Column, RowRun } from "../../core/family/sql/index.ts"
import { MESSAGE_BYTES_BELOW } from "./messages/message-builder.ts"
import { Backend } from "./messages/message-types.ts"

const NOTHING = new Uint8Array(0)
const NONE = new Int32Array(0)
const UNTOUCHED: Constants = []

/** The most values that one run holds: about what one read brings. */
const VALUES_MAX = 16_384
/** Type, length and count of a DataRow, in front of its first field's length. */
const HEAD_BYTES = 7

export interface RunRules {
  readonly constants: Constants
  readonly messageBytesMax: number
}

/**
 * Rows that lie whole, one behind the other, in one chunk: DataRow messages as in `row.ts`, gone over once for all.
 *
 * Constants are written over the values where they lie, up to a row with a value that is not as long; the next run,
 * from there on, is written anew. What is no sound row ends a run too, and is then looked at alone. A row may have been
 * written over in part by then: the same constants are put into it again, or it never leaves.
 */
export class DataRowRun implements RowRun {
  columns: ReadonlyArray<Column> = []
  result = 0
  count = 0
  bytes: Uint8Array = NOTHING
  starts: Int32Array = NONE
  sizes: Int32Array = NONE
  /** Where the rows lie in `bytes`. */
  private start = 0
  private end = 0
  private isSpliced = false
  private readonly splicer = new Splicer()

  /** Begins with a result. */
  of(columns: ReadonlyArray<Column>, result: number): this {
    this.columns = columns
    this.result = result
    return this
  }

  /**
   * Moves over the run that starts at `start` of `chunk`, written anew, where that must be, into room of `out`; returns
   * how much of the chunk it is, 0 where there is none.
   */
  take(chunk: Uint8Array, start: number, { constants, messageBytesMax }: RunRules, out: Outbox): number {
    if (chunk[start] !== Backend.DataRow) return 0
    const size = this.walkAll(chunk, start, constants, messageBytesMax)
    this.isSpliced = size === 0
    if (size === 0)
      return this.splice(chunk, start, this.walkAll(chunk, start, UNTOUCHED, messageBytesMax), constants, out)
    this.start = start
    this.end = start + size
    return size
  }

  /** Lets the run leave: as it lies, or as it was written anew. Returns its size. */
  leave(out: Outbox): number {
    const { bytes, end, isSpliced, start } = this
    if (isSpliced) out.commit(end - start)
    else out.push(bytes, start, end)
    return end - start
  }

  private walkAll(chunk: Uint8Array, start: number, constants: Constants, messageBytesMax: number): number {
    const width = this.columns.length
    const countMax = this.room(width)
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    this.bytes = chunk
    let at = start
    let count = 0
    while (count < countMax && chunk.length - at >= HEAD_BYTES && chunk[at] === Backend.DataRow) {
      const size = view.getInt32(at + 1) + 1
      if (size < HEAD_BYTES || size > messageBytesMax || size > chunk.length - at) break
      if (view.getUint16(at + 5) !== width) break
      if (!this.walk(view, at + HEAD_BYTES, at + size, count * width, constants)) break
      at += size
      count++
    }
    this.count = count
    return at - start
  }

  /** Notes where the fields of one row lie, and puts the constants in. False: they do not fill it, or do not fit. */
  private walk(view: DataView, start: number, end: number, first: number, constants: Constants): boolean {
    const { bytes, columns: { length }, sizes, starts } = this
    let at = start
    for (let i = 0; i < length; i++) {
      if (at + 4 > end) return false
      const size = view.getInt32(at)
      at += 4
      if (size < -1 || size > end - at) return false
      starts[first + i] = at
      sizes[first + i] = size
      if (size < 0) continue
      const constant = constants[i]
      if (constant !== undefined && !isOverwritten(bytes, at, size, constant)) return false
      at += size
    }
    return at === end
  }

  /** Writes the rows in `chunk[start, start + size)` anew, with the constants in. */
  private splice(chunk: Uint8Array, start: number, size: number, constants: Constants, out: Outbox): number {
    const spliced = size + this.growth(constants)
    if (size === 0 || spliced >= MESSAGE_BYTES_BELOW) return 0
    const { columns: { length }, count } = this
    this.bytes = out.room(spliced)
    this.start = out.reservedAt
    this.end = this.start + spliced
    let at = this.start
    for (let row = 0, from = start; row < count; row++) {
      const end = from + readInt32(chunk, from + 1) + 1
      at = this.spliceRow(row * length, chunk, from, end, at, constants)
      from = end
    }
    return size
  }

  /** By how many bytes the constants lengthen the run. */
  private growth(constants: Constants): number {
    const { columns: { length }, count, sizes } = this
    let growth = 0
    for (let i = 0; i < Math.min(constants.length, length); i++) {
      const constant = constants[i]
      if (constant === undefined) continue
      const size = constant === null ? 0 : constant.length
      for (let at = i; at < count * length; at += length) if (sizes[at]! >= 0) growth += size - sizes[at]!
    }
    return growth
  }

  /** Writes `chunk[from, end)`, a row whose first value is number `first`, at `at`; returns the offset behind it. */
  private spliceRow(
    first: number,
    chunk: Uint8Array,
    from: number,
    end: number,
    at: number,
    constants: Constants
  ): number {
    const { bytes, columns: { length }, sizes, splicer, starts } = this
    const row = at
    for (let i = 0; i < length; i++) {
      const start = starts[first + i]!
      const size = sizes[first + i]!
      const constant = constants[i]
      // Where the value goes: as far behind what was copied last as it was in the chunk.
      const to = starts[first + i] = at + start - from
      if (constant === undefined || size < 0) continue
      splicer.copy(chunk, from, start - 4, bytes, at)
      writeInt32(bytes, to - 4, constant === null ? -1 : constant.length)
      sizes[first + i] = constant === null ? -1 : constant.length
      at = constant === null ? to : copyBytes(constant, 0, constant.length, bytes, to)
      from = start + size
    }
    at = splicer.copy(chunk, from, end, bytes, at)
    writeInt32(bytes, row + 1, at - row - 1)
    return at
  }

  /** How many rows of so many values there is room for. */
  private room(width: number): number {
    const values = Math.max(VALUES_MAX, width)
    if (this.starts.length < values) {
      this.starts = new Int32Array(values)
      this.sizes = new Int32Array(values)
    }
    return width === 0 ? VALUES_MAX : Math.floor(values / width)
  }
}

const isOverwritten = (chunk: Uint8Array, at: number, size: number, constant: Uint8Array | null): boolean => {
  if (constant === null || constant.length !== size) return false
  for (let i = 0; i < size; i++) chunk[at + i] = constant[i]!
  return true
}

/** One for all sessions: whoever moves over a run is done with it before anybody else's turn. */
export const rowRun: DataRowRun = new DataRowRun()
