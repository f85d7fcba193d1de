import { copyBytes, type Outbox, writeInt16, writeInt32 } from "../../../core/bytes/index.ts"

/** No message may reach this length: other parsers read lengths into signed or 31-bit integers. */
export const MESSAGE_BYTES_BELOW = 2 ** 30

const encoder = new TextEncoder()

/**
 * Writes messages: `open` … `close`. Every message starts with its type (none for the packets of startup), then an
 * int32 length that counts itself but not the type.
 *
 * One scratch serves all messages; what is built is copied once, into the slab of the outbox that it leaves by.
 */
export class MessageBuilder {
  private scratch = new Uint8Array(8192)
  private at = 0
  private header = 0

  /** Starts a message; `type` undefined is a packet of startup, which has none. */
  open(type: number | undefined): this {
    this.at = 0
    this.header = 0
    if (type !== undefined) {
      this.byte(type)
      this.header = 1
    }
    return this.int32(0)
  }

  byte(value: number): this {
    this.room(1)
    this.scratch[this.at++] = value
    return this
  }

  int16(value: number): this {
    this.room(2)
    writeInt16(this.scratch, this.at, value)
    this.at += 2
    return this
  }

  int32(value: number): this {
    this.room(4)
    writeInt32(this.scratch, this.at, value)
    this.at += 4
    return this
  }

  /** UTF-8 and the final NUL. A NUL inside would end the text early, so it is left out. */
  text(value: string): this {
    const clean = value.includes("\0") ? value.replaceAll("\0", "") : value
    this.room(clean.length * 3 + 1)
    this.at += encoder.encodeInto(clean, this.scratch.subarray(this.at)).written
    return this.byte(0)
  }

  bytes(from: Uint8Array, start = 0, end = from.length): this {
    this.room(end - start)
    this.at = copyBytes(from, start, end, this.scratch, this.at)
    return this
  }

  /** Ends the message and puts it into `out`. */
  close(out: Outbox): void {
    const slab = this.finish(out)
    copyBytes(this.scratch, 0, this.at, slab, out.reservedAt)
    this.shrink()
  }

  /** Ends the message and returns it as an array of its own. */
  taken(): Uint8Array {
    this.seal()
    const message = this.scratch.slice(0, this.at)
    this.shrink()
    return message
  }

  private finish(out: Outbox): Uint8Array {
    this.seal()
    return out.reserve(this.at)
  }

  private seal(): void {
    const length = this.at - this.header
    if (length >= MESSAGE_BYTES_BELOW) throw new Error("a message of 2^30 bytes or more cannot be encoded")
    writeInt32(this.scratch, this.header, length)
  }

  private room(size: number): void {
    if (this.at + size <= this.scratch.length) return
    const larger = new Uint8Array(Math.max(this.scratch.length * 2, this.at + size))
    larger.set(this.scratch.subarray(0, this.at))
    this.scratch = larger
  }

  /** One long message must not hold its memory for the life of the process. */
  private shrink(): void {
    if (this.scratch.length > 1_048_576) this.scratch = new Uint8Array(8192)
  }
}

/** The one builder: messages are built at once, never two at a time. */
export const message = new MessageBuilder()
