import { copyBytes, type Outbox, readInt32, readUint16, type Wire, writeInt32 } from "../../core/bytes/index.ts"
import type { Column, Row } from "../../core/family/sql/index.ts"
import { MESSAGE_BYTES_BELOW } from "./messages/message-builder.ts"

const NOWHERE: Wire = { chunk: new Uint8Array(0), start: 0, end: 0 }

/**
 * DataRow: `'D' int32 length, int16 count, count × (int32 length or -1 for NULL, bytes)`.
 *
 * One per session, moved over each row in turn: a row costs no allocation unless a plugin looks at it.
 */
export class DataRow implements Row {
  readonly kind = "row"
  columns: ReadonlyArray<Column> = []
  result = 0
  wire: Wire = NOWHERE
  /** Where each column's length stands in the chunk; one more for the end. */
  private offsets = new Int32Array(64)
  private patches: Array<Uint8Array | null | undefined> = []
  patched = false

  /** Moves over `wire`; false when it is not a row of `columns`, exactly. */
  move(wire: Wire, columns: ReadonlyArray<Column>, result: number): boolean {
    const { chunk, start, end } = wire
    const count = columns.length
    if (this.patched) this.patches.fill(undefined)
    this.patched = false
    this.wire = wire
    this.columns = columns
    this.result = result
    if (end - start < 7 || readUint16(chunk, start + 5) !== count) return false
    if (this.offsets.length <= count) this.offsets = new Int32Array(count + 1)
    const { offsets } = this
    let at = start + 7
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

  isNull(index: number): boolean {
    if (this.patched) {
      const patch = this.patches[index]
      if (patch !== undefined) return patch === null
    }
    return (this.wire.chunk[this.offset(index)]! & 0x80) !== 0
  }

  /** What the client will see: a patch hides what the server sent from every hook that comes later. */
  bytes(index: number): Uint8Array | null {
    if (this.patched) {
      const patch = this.patches[index]
      if (patch !== undefined) return patch
    }
    const { chunk } = this.wire
    const at = this.offset(index)
    const size = readInt32(chunk, at)
    return size < 0 ? null : new Uint8Array(chunk.buffer, chunk.byteOffset + at + 4, size)
  }

  replace(index: number, value: Uint8Array | null): void {
    this.offset(index)
    // Never shortened and never with holes, so that a patch allocates nothing.
    while (this.patches.length < this.columns.length) this.patches.push(undefined)
    this.patches[index] = value
    this.patched = true
  }

  /** Puts the row into `out`: as it came, or with the patches spliced in, each byte copied once. Returns its size. */
  encode(out: Outbox): number {
    const { chunk, start, end } = this.wire
    if (!this.patched) {
      out.push(chunk, start, end)
      return end - start
    }
    const size = this.patchedSize()
    if (size >= MESSAGE_BYTES_BELOW) throw new Error("a row of 2^30 bytes or more cannot be encoded")
    this.splice(out.reserve(size), out.reservedAt, size)
    return size
  }

  private patchedSize(): number {
    let size = this.wire.end - this.wire.start
    for (let i = 0; i < this.columns.length; i++) {
      const patch = this.patches[i]
      if (patch === undefined) continue
      size += 4 + (patch === null ? 0 : patch.length) - (this.offsets[i + 1]! - this.offsets[i]!)
    }
    return size
  }

  private splice(slab: Uint8Array, at: number, size: number): void {
    const { chunk, start, end } = this.wire
    let from = start
    let to = at
    for (let i = 0; i < this.columns.length; i++) {
      const patch = this.patches[i]
      if (patch === undefined) continue
      to = copyBytes(chunk, from, this.offsets[i]!, slab, to)
      writeInt32(slab, to, patch === null ? -1 : patch.length)
      to += 4
      if (patch !== null) to = copyBytes(patch, 0, patch.length, slab, to)
      from = this.offsets[i + 1]!
    }
    copyBytes(chunk, from, end, slab, to)
    writeInt32(slab, at + 1, size - 1)
  }

  private offset(index: number): number {
    if (index < 0 || index >= this.columns.length) throw new RangeError(`there is no column ${index} in this row`)
    return this.offsets[index]!
  }
}
