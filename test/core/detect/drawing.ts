/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export const randomOf = (seed: number): () => number => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A random value of a shape: `9` a digit, `A` a letter, `X` either. */
export const drawn = (shape: string, random: () => number): Uint8Array =>
  Uint8Array.from(shape, (place) => {
    const isLetter = place === "A" || (place === "X" && random() < 26 / 36)
    return isLetter ? 65 + Math.floor(random() * 26) : 48 + Math.floor(random() * 10)
  })

export const digits = (count: number, random: () => number): string =>
  String.fromCharCode(...drawn("9".repeat(count), random))
