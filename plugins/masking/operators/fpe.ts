import type { ValueType } from "../../../core/family/sql/index.ts"
import { Ff1 } from "./ff1.ts"
import type { Operator } from "./operator.ts"
import { charactersMax, classOf, integerBits } from "./value-class.ts"

/** Which signs of a text are enciphered; the others stay where they are, and as they are. */
export type Alphabet = "digits" | "letters" | "alphanumeric"

const alphabets: Readonly<Record<Alphabet, string>> = {
  digits: "0123456789",
  letters: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
  alphanumeric: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
}

/** Smaller domains can be enumerated: NIST SP 800-38G rev. 1 forbids them. */
const DOMAIN_MIN = 1_000_000
const NUMERALS_MAX = 256
const NUMERIC_PRECISION_MAX = 256
const HEX = "0123456789abcdef"

type Direction = "encrypt" | "decrypt"

/**
 * `use: fpe`: FF1 with AES-256, keeping the format: as many signs of the same alphabet, integers and numerics of their
 * type, uuids. Whoever has the key gets the value back. Equal values have equal masks.
 */
export const fpe = (subkey: Uint8Array, alphabet: Alphabet, tag: string, constant: string): Operator => {
  const ciphers = new Ciphers(subkey, tag)
  const turn = (text: string, type: ValueType, direction: Direction): string | undefined => {
    switch (classOf(type)) {
      case "text":
        return text.length <= charactersMax(type)
          ? signs(text, alphabets[alphabet], ciphers, direction)
          : undefined
      case "integer":
        return integer(text, integerBits(type), ciphers, direction)
      case "numeric":
        return numeric(text, type, ciphers, direction)
      case "uuid":
        return signs(text, HEX, ciphers, direction)
      default:
        return undefined
    }
  }
  return {
    use: "fpe",
    fixed: false,
    constant,
    of: (text, type) => turn(text, type, "encrypt"),
    reveal: (mask, type) => turn(mask, type, "decrypt")
  }
}

/** The permutations of one key: one for each radix and length. */
class Ciphers {
  private readonly known = new Map<number, Ff1>()
  private readonly key: Uint8Array
  private readonly tweak: Uint8Array

  constructor(key: Uint8Array, tag: string) {
    this.key = key
    this.tweak = Buffer.from(tag, "utf8")
  }

  /** Undefined for a domain that is too small, or longer than anyone needs. */
  of(radix: number, length: number): Ff1 | undefined {
    if (length < 2 || length > NUMERALS_MAX || radix ** length < DOMAIN_MIN) return undefined
    const at = radix * (NUMERALS_MAX + 1) + length
    let cipher = this.known.get(at)
    if (cipher === undefined) this.known.set(at, cipher = new Ff1(this.key, radix, length, this.tweak))
    return cipher
  }
}

const signs = (text: string, alphabet: string, ciphers: Ciphers, direction: Direction): string | undefined => {
  const radix = BigInt(alphabet.length)
  let value = 0n
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const numeral = alphabet.indexOf(text[i]!)
    if (numeral < 0) continue
    if (count++ > NUMERALS_MAX) return undefined
    value = value * radix + BigInt(numeral)
  }
  const cipher = ciphers.of(alphabet.length, count)
  if (cipher === undefined) return undefined
  let turned = cipher[direction](value)
  let made = ""
  for (let i = text.length - 1; i >= 0; i--) {
    if (!alphabet.includes(text[i]!)) {
      made = text[i]! + made
      continue
    }
    made = alphabet[Number(turned % radix)]! + made
    turned /= radix
  }
  return made
}

/** The sign stays, and what is behind it is permuted among all that the type holds. */
const integer = (text: string, bits: number, ciphers: Ciphers, direction: Direction): string | undefined => {
  const cipher = ciphers.of(2, bits)
  const value = BigInt(text)
  // -0 would lose its sign, and the value with it: -n stands for n - 1.
  const counted = value < 0n ? -value - 1n : value
  if (cipher === undefined || counted >> BigInt(bits) !== 0n) return undefined
  const turned = cipher[direction](counted)
  return String(value < 0n ? -turned - 1n : turned)
}

/** All digits that the type has, those behind the point too. Without a declared precision there is no domain. */
const numeric = (text: string, type: ValueType, ciphers: Ciphers, direction: Direction): string | undefined => {
  const { precision, scale = 0 } = type
  if (precision === undefined || precision > NUMERIC_PRECISION_MAX || scale > precision) return undefined
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text)
  const cipher = ciphers.of(10, precision)
  if (match === null || cipher === undefined) return undefined
  const negative = match[1] === "-"
  const value = BigInt(match[2]! + (match[3] ?? "").padEnd(scale, "0"))
  if (value >= 10n ** BigInt(precision) || (negative && value === 0n)) return undefined
  // The same as with integers: the smallest negative number stands where -0 would.
  const turned = cipher[direction](negative ? value - 1n : value) + (negative ? 1n : 0n)
  const digits = String(turned).padStart(scale + 1, "0")
  if (digits.length > precision && negative) return undefined
  const point = digits.length - scale
  return `${negative ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`
}
