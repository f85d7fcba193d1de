import { readInt16, readInt32, type Wire } from "../../../core/bytes/index.ts"

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Reads the fields of one message, in order, and never beyond its end.
 *
 * Total: what is missing reads as zero or empty and leaves `failed` true, so that a caller reads all fields and asks
 * `complete` once. `garbled` says that a text was not UTF-8.
 */
export class MessageReader {
  chunk: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  failed = false
  garbled = false

  /** Starts on the body of `wire`, after type and length. */
  over(wire: Wire, header = 5): this {
    this.chunk = wire.chunk
    this.at = wire.start + header
    this.end = wire.end
    this.failed = this.at > this.end
    this.garbled = false
    return this
  }

  /** Whether every field was there and nothing is left over. */
  get complete(): boolean {
    return !this.failed && this.at === this.end
  }

  byte(): number {
    if (!this.has(1)) return 0
    return this.chunk[this.at++]!
  }

  int16(): number {
    if (!this.has(2)) return 0
    this.at += 2
    return readInt16(this.chunk, this.at - 2)
  }

  int32(): number {
    if (!this.has(4)) return 0
    this.at += 4
    return readInt32(this.chunk, this.at - 4)
  }

  /** A text up to its NUL. */
  text(): string {
    const nul = this.failed ? -1 : this.chunk.indexOf(0, this.at)
    if (nul < 0 || nul >= this.end) {
      this.failed = true
      return ""
    }
    const start = this.at
    this.at = nul + 1
    try {
      return strict.decode(this.chunk.subarray(start, nul))
    } catch {
      this.garbled = true
      return ""
    }
  }

  /** A view on the next `count` bytes. */
  bytes(count: number): Uint8Array {
    if (count < 0 || !this.has(count)) {
      this.failed = true
      return new Uint8Array(0)
    }
    this.at += count
    return this.chunk.subarray(this.at - count, this.at)
  }

  private has(count: number): boolean {
    if (this.failed || this.at + count > this.end) {
      this.failed = true
      return false
    }
    return true
  }
}
