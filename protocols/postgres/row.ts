import {
  copyBytes,
  type Outbox,
  readInt32,
  readUint16,
  Splicer,
  type Wire,
  writeInt32
} from "../../core/bytes/index.ts"
import type { Column, Row } from "../../core/family/sql/index.ts"
import { MESSAGE_BYTES_BELOW } from "./messages/message-builder.ts"

const NOTHING = new Uint8Array(0)

/**
 * DataRow: `'D' int32 length, int16 count, count × (int32 length or -1 for NULL, bytes)`.
 *
 * One per session, moved over each row in turn: a row costs no allocation unless a plugin looks at it.
 */
export class DataRow implements Row {
  readonly kind = "row"
  columns: ReadonlyArray<Column> = []
  result = 0
  private chunk: Uint8Array = NOTHING
  private start = 0
  private end = 0
  /** Where each column's length stands in the chunk; one more for the end. */
  private offsets = new Int32Array(64)
  private patches: Array<Uint8Array | null | undefined> = []
  /** The first patched column, and the one behind the last: only there are patches looked for. */
  private patchedFrom = 0
  private patchedTo = 0
  /** The patches, by column, that were found to lie outside the chunk; see `isElsewhere`. */
  private elsewhere: Array<Uint8Array | undefined> = []
  private readonly splicer = new Splicer()
  /** Another one, for what is copied to those who watch. */
  private readonly reading = new Splicer()

  /** Moves over `wire`; false when it is not a row of `columns`, exactly. */
  move({ chunk, end, start }: Wire, columns: ReadonlyArray<Column>, result: number): boolean {
    return this.moveTo(chunk, start, end, columns, result)
  }

  /** The same, for what lies in `chunk[start, end)`. Fields are written only when they change: that spares barriers. */
  moveTo(chunk: Uint8Array, start: number, end: number, columns: ReadonlyArray<Column>, result: number): boolean {
    for (let i = this.patchedFrom; i < this.patchedTo; i++) this.patches[i] = undefined
    this.patchedFrom = this.patchedTo = 0
    if (this.chunk !== chunk) {
      this.chunk = chunk
      if (this.elsewhere.length > 0) this.elsewhere = []
    }
    this.start = start
    this.end = end
    if (this.columns !== columns) this.columns = columns
    this.result = result
    const count = columns.length
    if (end - start < 7 || readUint16(chunk, start + 5) !== count) return false
    if (this.offsets.length <= count) this.offsets = new Int32Array(count + 1)
    return fieldsOf(chunk, start + 7, end, count, this.offsets)
  }

  private get patched(): boolean {
    return this.patchedTo > 0
  }

  isNull(index: number): boolean {
    if (this.patched) {
      const patch = this.patches[index]
      if (patch !== undefined) return patch === null
    }
    return (this.chunk[this.offset(index)]! & 0x80) !== 0
  }

  /** What the client will see: a patch hides what the server sent from every hook that comes later. */
  bytes(index: number): Uint8Array | null {
    if (this.patched) {
      const patch = this.patches[index]
      if (patch !== undefined) return patch
    }
    const { chunk } = this
    const at = this.offset(index)
    const size = readInt32(chunk, at)
    return size < 0 ? null : new Uint8Array(chunk.buffer, chunk.byteOffset + at + 4, size)
  }

  copy(index: number, to: Uint8Array, at: number): number {
    const patch = this.patched ? this.patches[index] : undefined
    if (patch === null) return -1
    if (patch !== undefined) {
      if (at + patch.length <= to.length) copyBytes(patch, 0, patch.length, to, at)
      return patch.length
    }
    const { chunk } = this
    const from = this.offset(index)
    const size = readInt32(chunk, from)
    if (size > 0 && at + size <= to.length) this.reading.copy(chunk, from + 4, from + 4 + size, to, at)
    return size
  }

  replace(index: number, value: Uint8Array | null): void {
    this.offset(index)
    // Never shortened and never with holes, so that a patch allocates nothing.
    while (this.patches.length < this.columns.length) this.patches.push(undefined)
    this.patches[index] = value
    if (!this.patched) this.patchedFrom = index
    else if (index < this.patchedFrom) this.patchedFrom = index
    if (index >= this.patchedTo) this.patchedTo = index + 1
  }

  /**
   * Puts the row into `out`: as it came, or with the patches in it. Returns its size.
   *
   * A patch as long as what it replaces, as most masks are, is written over it, where it lies: the chunk is ours, and
   * views on the row were good until its hooks returned. So masked rows leave as one view with their neighbours. Other
   * patches are spliced in, each byte copied once.
   */
  encode(out: Outbox): number {
    const { chunk, start, end } = this
    if (!this.patched || this.isOverwritten()) {
      out.push(chunk, start, end)
      return end - start
    }
    const size = this.patchedSize()
    if (size >= MESSAGE_BYTES_BELOW) throw new Error("a row of 2^30 bytes or more cannot be encoded")
    this.splice(out.reserve(size), out.reservedAt, size)
    return size
  }

  /** Writes the patches over the values, where all of them fit exactly; false, and nothing was written, otherwise. */
  private isOverwritten(): boolean {
    const { chunk, offsets, patchedFrom, patchedTo, patches } = this
    for (let i = patchedFrom; i < patchedTo; i++) {
      const patch = patches[i]
      if (patch === undefined) continue
      if (readInt32(chunk, offsets[i]!) !== (patch === null ? -1 : patch.length)) return false
      if (patch !== null && !this.isElsewhere(i, patch)) return false
    }
    for (let i = patchedFrom; i < patchedTo; i++) {
      const patch = patches[i]
      if (patch != null) copyBytes(patch, 0, patch.length, chunk, offsets[i]! + 4)
    }
    return true
  }

  /** Whether a patch is no view on the row itself, which writing would change. Most come again with the next row. */
  private isElsewhere(index: number, patch: Uint8Array): boolean {
    const { chunk, elsewhere } = this
    if (elsewhere[index] === patch) return true
    if (patch.buffer === chunk.buffer) return false
    while (elsewhere.length <= index) elsewhere.push(undefined)
    elsewhere[index] = patch
    return true
  }

  private patchedSize(): number {
    let size = this.end - this.start
    for (let i = this.patchedFrom; i < this.patchedTo; i++) {
      const patch = this.patches[i]
      if (patch === undefined) continue
      size += 4 + (patch === null ? 0 : patch.length) - (this.offsets[i + 1]! - this.offsets[i]!)
    }
    return size
  }

  private splice(slab: Uint8Array, at: number, size: number): void {
    const { chunk, end, offsets, patches, splicer, start } = this
    let from = start
    let to = at
    for (let i = this.patchedFrom; i < this.patchedTo; i++) {
      const patch = patches[i]
      if (patch === undefined) continue
      to = splicer.copy(chunk, from, offsets[i]!, slab, to)
      writeInt32(slab, to, patch === null ? -1 : patch.length)
      to += 4
      if (patch !== null) to = copyBytes(patch, 0, patch.length, slab, to)
      from = offsets[i + 1]!
    }
    splicer.copy(chunk, from, end, slab, to)
    writeInt32(slab, at + 1, size - 1)
  }

  private offset(index: number): number {
    if (index < 0 || index >= this.columns.length) throw new RangeError(`there is no column ${index} in this row`)
    return this.offsets[index]!
  }
}

/** Notes where each of `count` fields starts, and the last one ends; false when they do not fill the row. */
const fieldsOf = (chunk: Uint8Array, start: number, end: number, count: number, offsets: Int32Array): boolean => {
  let at = start
  for (let i = 0; i < count; i++) {
    offsets[i] = at
    if (at + 4 > end) return false
    const size = readInt32(chunk, at)
    if (size < -1 || size > end - at - 4) return false
    at += size > 0 ? 4 + size : 4
  }
  offsets[count] = at
  return at === end
}
