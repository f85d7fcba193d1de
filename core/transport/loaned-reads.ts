import type { OnReadOpts, Socket } from "node:net"

/** What a quiet connection reads into, in bytes, and what one reads into that has filled that. */
const SMALL_BYTES = 2048
const LARGE_BYTES = 65_536
/** A read of so few bytes into a large buffer ends what needed it. */
const FEW_BYTES = 4096

/** How many large buffers are kept for the next connection that needs one. */
const SPARE_MAX = 32
const spare: Array<Buffer> = []

/**
 * The buffers that a socket reads into, lent to whoever receives and used again when they come back.
 *
 * A fresh buffer for every read is what a large answer costs most: all of them have to be collected. Who does not
 * `reclaim` what was lent simply keeps it, and the next read gets another. Without a receiver the socket is one like
 * any other, whose data is copied.
 */
export class LoanedReads {
  /** Whom to lend to. */
  receive: ((chunk: Uint8Array) => void) | undefined
  /** For `net.connect`. */
  readonly options: OnReadOpts
  private socket: Socket | undefined
  private current: Buffer = Buffer.allocUnsafeSlow(SMALL_BYTES)
  private lent: Array<Buffer> = []
  private isLent = false
  private read = 0

  constructor() {
    this.options = {
      buffer: () => this.next(),
      callback: (count, buffer) => this.fill(count, buffer as Buffer)
    }
  }

  /** The socket that reads here. */
  of(socket: Socket): void {
    this.socket = socket
  }

  /** Everything that was lent so far has come back. */
  reclaim(): void {
    this.isLent = false
    if (this.lent.length === 0) return
    for (const buffer of this.lent) giveBack(buffer)
    this.lent = []
  }

  /** False stops the reading, as `push` says of a socket that nobody takes the data of. */
  private fill(count: number, buffer: Buffer): boolean {
    const { receive, socket } = this
    this.read = count
    if (receive === undefined) return socket?.push(Buffer.from(buffer.subarray(0, count))) ?? false
    this.isLent = true
    receive(buffer.subarray(0, count))
    return true
  }

  /** What the next read goes into: the same again, unless it is still lent or of the wrong size. */
  private next(): Buffer {
    const { current, read } = this
    const isFilled = read === current.length
    const isLarge = current.length === LARGE_BYTES
    if (this.isLent) {
      this.lent.push(current)
      this.isLent = false
      return this.current = isFilled || isLarge ? large() : Buffer.allocUnsafeSlow(SMALL_BYTES)
    }
    if (isFilled && !isLarge) return this.current = large()
    if (!isLarge || read > FEW_BYTES) return current
    giveBack(current)
    return this.current = Buffer.allocUnsafeSlow(SMALL_BYTES)
  }
}

const large = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES)

const giveBack = (buffer: Buffer): void => {
  if (buffer.length === LARGE_BYTES && spare.length < SPARE_MAX) spare.push(buffer)
}
