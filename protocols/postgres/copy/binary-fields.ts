import { copyBytes, readInt16, readInt32, writeInt16, writeInt32 } from "../../../core/bytes/index.ts"
import { type CopyFields, isSame, Offsets } from "./fields.ts"

/** The signature, the flags and the length of the header's extension. */
const SIGNATURE = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00)
const FIXED_BYTES = SIGNATURE.length + 8
/** Flags 16 to 31 change how the file is read; none is defined any more. */
const CRITICAL = 0xffff0000
const NULL = -1
const TRAILER = -1

/**
 * The binary format (PostgreSQL manual, COPY, File Formats).
 *
 *     [signature Int32(flags) Int32(extension length) extension]   before the first row only
 *     Int16(count) { Int32(length) Byten(value) }...
 *     Int16(-1)                                                    in place of a row, at the end
 */
export class BinaryFields implements CopyFields {
  private readonly offsets = new Offsets()
  private chunk: Uint8Array = SIGNATURE
  private headerSeen = false
  /** Where the header, if there is one, starts, and where the row does. */
  private from = 0
  private rowAt = 0
  private count = 0

  read(chunk: Uint8Array, start: number, end: number, count: number): "row" | "header" | "trailer" | "malformed" {
    this.chunk = chunk
    this.from = start
    this.count = count
    if (!this.headerSeen) {
      start = headerEnd(chunk, start, end)
      if (start < 0) return "malformed"
      this.headerSeen = true
      if (start === end) return "header"
    }
    this.rowAt = start
    if (start + 2 > end) return "malformed"
    const written = readInt16(chunk, start)
    if (written === TRAILER) return start + 2 === end ? "trailer" : "malformed"
    if (written !== count) return "malformed"
    this.offsets.reserve(count)
    const { ends, starts } = this.offsets
    let at = start + 2
    for (let i = 0; i < count; i++) {
      if (at + 4 > end) return "malformed"
      const length = readInt32(chunk, at)
      starts[i] = at
      at += 4
      if (length < NULL || length > end - at) return "malformed"
      if (length > 0) at += length
      ends[i] = at
    }
    return at === end ? "row" : "malformed"
  }

  isNull(index: number): boolean {
    return readInt32(this.chunk, this.start(index)) === NULL
  }

  bytes(index: number): Uint8Array {
    return this.chunk.subarray(this.start(index) + 4, this.end(index))
  }

  start(index: number): number {
    return this.offsets.starts[index]!
  }

  end(index: number): number {
    return this.offsets.ends[index]!
  }

  overhead(): number {
    return this.rowAt - this.from + 2
  }

  writeStart(to: Uint8Array, at: number): number {
    at = copyBytes(this.chunk, this.from, this.rowAt, to, at)
    writeInt16(to, at, this.count)
    return at + 2
  }

  writeBetween(_to: Uint8Array, at: number): number {
    return at
  }

  writeEnd(_to: Uint8Array, at: number): number {
    return at
  }

  size(value: Uint8Array | null): number {
    return 4 + (value === null ? 0 : value.length)
  }

  write(value: Uint8Array | null, _index: number, to: Uint8Array, at: number): number {
    writeInt32(to, at, value === null ? NULL : value.length)
    return value === null ? at + 4 : copyBytes(value, 0, value.length, to, at + 4)
  }
}

/** The offset after the file's header, or -1. */
const headerEnd = (chunk: Uint8Array, start: number, end: number): number => {
  if (end - start < FIXED_BYTES || !isSame(chunk, start, start + SIGNATURE.length, SIGNATURE)) return -1
  const extension = readInt32(chunk, start + SIGNATURE.length + 4)
  if ((readInt32(chunk, start + SIGNATURE.length) & CRITICAL) !== 0) return -1
  if (extension < 0 || extension > end - start - FIXED_BYTES) return -1
  return start + FIXED_BYTES + extension
}
