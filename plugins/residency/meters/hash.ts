/**
 * A digest of a value in 53 bits, as a number: two lanes of MurmurHash3's mixing (Austin Appleby, public domain). Not
 * for secrets. `seed` keeps the people of two data sets apart.
 */
export const hash53 = (bytes: Uint8Array, seed: number): number => {
  let one = seed ^ 0x9e3779b9
  let two = seed ^ 0x85ebca6b
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    one = Math.imul(one ^ byte, 0xcc9e2d51)
    one = (one << 13) | (one >>> 19)
    two = Math.imul(two ^ byte, 0x1b873593)
    two = (two << 15) | (two >>> 17)
  }
  one = finish(one ^ bytes.length ^ Math.imul(two, 0x2c1b3c6d))
  two = finish(two ^ Math.imul(one, 0x297a2d39))
  return (one >>> 0) * 0x200000 + (two >>> 11)
}

const finish = (lane: number): number => {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** A seed from a name. */
export const seedOf = (name: string): number => hash53(new TextEncoder().encode(name), 0) >>> 0
