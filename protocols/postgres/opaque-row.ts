import { copyBytes, type Outbox, type Wire, writeInt32 } from "../../core/bytes/index.ts"
import type { Column, Row } from "../../core/family/sql/index.ts"
import { MESSAGE_BYTES_BELOW } from "./messages/message-builder.ts"

/**
 * COPY data whose layout nobody predicted: one column that is the whole piece. `CopyData: 'd' int32 length, bytes`.
 *
 * Only an operation that was allowed unresolved is answered so; what knows columns by name finds none here.
 */
export class OpaqueRow implements Row {
  readonly kind = "row"
  columns: ReadonlyArray<Column> = []
  result = 0
  patched = false
  private wire: Wire = { chunk: new Uint8Array(0), start: 0, end: 0 }
  private patch: Uint8Array | undefined

  move(wire: Wire, columns: ReadonlyArray<Column>, result: number): boolean {
    this.wire = wire
    this.columns = columns
    this.result = result
    this.patched = false
    this.patch = undefined
    return true
  }

  isNull(): boolean {
    return false
  }

  bytes(): Uint8Array {
    if (this.patch !== undefined) return this.patch
    const { chunk, start, end } = this.wire
    return new Uint8Array(chunk.buffer, chunk.byteOffset + start + 5, end - start - 5)
  }

  replace(_index: number, value: Uint8Array | null): void {
    this.patch = value ?? new Uint8Array(0)
    this.patched = true
  }

  encode(out: Outbox): void {
    if (this.patch === undefined) return out.pushWire(this.wire)
    const size = 5 + this.patch.length
    if (size >= MESSAGE_BYTES_BELOW) throw new Error("COPY data of 2^30 bytes or more cannot be encoded")
    const slab = out.reserve(size)
    const at = out.reservedAt
    slab[at] = this.wire.chunk[this.wire.start]!
    writeInt32(slab, at + 1, size - 1)
    copyBytes(this.patch, 0, this.patch.length, slab, at + 5)
  }
}
