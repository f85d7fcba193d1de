import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Ff1 } from "../../../../plugins/masking/operators/ff1.ts"

const key128 = "2B7E151628AED2A6ABF7158809CF4F3C"
const key192 = `${key128}EF4359D8D580AA4F`
const key256 = `${key192}7F036D6F04FC6A94`
const tweak10 = "39383736353433323130"
const tweak36 = "3737373770717273373737"

/** The samples that NIST publishes for SP 800-38G, FF1. */
const samples: ReadonlyArray<readonly [key: string, radix: number, tweak: string, plain: string, cipher: string]> = [
  [key128, 10, "", "0123456789", "2433477484"],
  [key128, 10, tweak10, "0123456789", "6124200773"],
  [key128, 36, tweak36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"],
  [key192, 10, "", "0123456789", "2830668132"],
  [key192, 10, tweak10, "0123456789", "2496655549"],
  [key192, 36, tweak36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"],
  [key256, 10, "", "0123456789", "6657667009"],
  [key256, 10, tweak10, "0123456789", "1001623463"],
  [key256, 36, tweak36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"]
]

const numberOf = (text: string, radix: number): bigint =>
  Array.from(text).reduce((value, sign) => value * BigInt(radix) + BigInt(parseInt(sign, radix)), 0n)

describe("FF1", () => {
  it.each(samples)("NIST sample: %s, radix %i, tweak %s", (key, radix, tweak, plain, cipher) => {
    const ff1 = new Ff1(Buffer.from(key, "hex"), radix, plain.length, Buffer.from(tweak, "hex"))
    expect(ff1.encrypt(numberOf(plain, radix)).toString(radix).padStart(plain.length, "0")).toBe(cipher)
    expect(ff1.decrypt(numberOf(cipher, radix))).toBe(numberOf(plain, radix))
  })

  it("is a permutation of its domain, and undoes itself", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom(2, 10, 16, 62),
        fc.integer({ min: 20, max: 70 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.bigInt({ min: 0n, max: 1n << 400n }),
        (key, radix, length, tweak, seed) => {
          const ff1 = new Ff1(key, radix, length, tweak)
          const size = BigInt(radix) ** BigInt(length)
          const masked = ff1.encrypt(seed % size)
          expect(masked >= 0n && masked < size).toBe(true)
          expect(ff1.decrypt(masked)).toBe(seed % size)
        }
      )
    )
    const small = new Ff1(Buffer.alloc(32, 7), 10, 3, Buffer.alloc(0))
    expect(new Set(Array.from({ length: 1000 }, (_, i) => small.encrypt(BigInt(i)))).size).toBe(1000)
  })

  it("depends on key and tweak", () => {
    const made = [["a", ""], ["b", ""], ["a", "t"]].map(([key, tweak]) =>
      new Ff1(Buffer.alloc(32, key), 10, 12, Buffer.from(tweak!)).encrypt(5n)
    )
    expect(new Set(made).size).toBe(3)
  })
})
