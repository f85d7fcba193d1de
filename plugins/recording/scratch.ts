/** How large a buffer is before it has to grow, in bytes: a record of rows and what one read brings beyond it. */
const SCRATCH_BYTES = 262_144
/** How many buffers are kept for whoever writes next. */
const SPARE_MAX = 4
const spare: Array<Buffer> = []

/** A buffer to write one record's rows into. Sessions that write none hold none. */
export const borrow = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES)

/** Gives a buffer back; one that has grown is let go. */
export const giveBack = (buffer: Buffer): void => {
  if (buffer.length === SCRATCH_BYTES && spare.length < SPARE_MAX) spare.push(buffer)
}
