/** Bytes of slabs: whoever makes much gets larger ones. */
const SIZES: ReadonlyArray<number> = [4096, 16_384, 65_536, 131_072]
/** How many bytes of each size are kept for whoever needs a slab next. */
const SPARE_BYTES_MAX = 1_048_576

const spare: ReadonlyArray<Array<Buffer>> = SIZES.map(() => [])

/** No slab. */
export const NO_SLAB: Buffer = Buffer.alloc(0)

/**
 * A slab for at least `size` bytes, larger than `last`, which did not do, as far as there are larger ones. What lies in
 * it is whatever was written there last: its borrower writes every byte that it shows.
 */
export const borrowSlab = (size: number, last: Buffer): Buffer => {
  const largest = SIZES.length - 1
  for (let i = 0; i <= largest; i++) {
    const bytes = SIZES[i]!
    if (bytes >= size && (bytes > last.length || i === largest)) return spare[i]!.pop() ?? Buffer.alloc(bytes)
  }
  return Buffer.alloc(size)
}

/** Gives a slab back that nobody reads or writes any more. */
export const giveBackSlab = (slab: Buffer): void => {
  const i = SIZES.indexOf(slab.length)
  if (i >= 0 && spare[i]!.length * slab.length < SPARE_BYTES_MAX) spare[i]!.push(slab)
}
