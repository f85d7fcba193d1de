import type { ValueType } from "../../../core/family/sql/index.ts"
import { addressOf } from "./address.ts"
import { inType } from "./hash.ts"
import type { Digest } from "./keyed.ts"
import { passesLuhn } from "./luhn.ts"
import type { Operator } from "./operator.ts"
import { canonical, charactersMax, classOf } from "./value-class.ts"

const PREFIX = "tok_"
const MAIL_HOST = "@token.invalid"
/** Five bits each: these many are 100 bits. */
const LETTERS = 20
const LETTERS_MIN = 8
const SHAPED_SIGNS_MIN = 6
const SHAPED_SIGNS_MAX = 64

/** Kinds whose values applications check by their pattern: digits stay digits, letters letters, the rest what it is. */
const shaped: ReadonlySet<string> = new Set(["card", "us_ssn", "phone", "national_id", "iban"])

/**
 * `use: token`: a stand-in of the kind's shape, that applications accept as they do the value. Without a vault: it is
 * made of the value with HMAC-SHA-256, so it is always the same, and there is no way back, not even with the key.
 */
export const token = (digest: Digest, kind: string, constant: string): Operator => ({
  use: "token",
  fixed: false,
  constant,
  of: (value, type) => {
    const text = canonical(value, type)
    const mac = digest.of(text)
    const valueClass = classOf(type)
    if (valueClass === "network") return addressLike(text, mac)
    if (valueClass !== "text") return inType(mac, type)
    if (kind === "ip") return addressLike(text, mac)
    if (shaped.has(kind)) return shapedLike(text, digest, kind, type) ?? named(mac, type)
    return kind === "email" ? mail(mac, type) : named(mac, type)
  }
})

const named = (mac: Buffer, type: ValueType): string | undefined => {
  const room = charactersMax(type)
  if (room >= PREFIX.length + LETTERS_MIN) return PREFIX + letters(mac, Math.min(LETTERS, room - PREFIX.length))
  return room >= LETTERS_MIN ? letters(mac, room) : undefined
}

/** Under a domain that is reserved for never being anyone's (RFC 2606). */
const mail = (mac: Buffer, type: ValueType): string | undefined => {
  const room = charactersMax(type) - MAIL_HOST.length
  return room >= LETTERS_MIN ? letters(mac, Math.min(LETTERS, room)) + MAIL_HOST : undefined
}

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

const letters = (mac: Buffer, count: number): string => {
  let made = ""
  for (let i = 0; i < count; i++) made += alphabet[mac[i]! & 31]!
  return made
}

/** Never what it was made of, and never a card number that passes its check, so that none is somebody's. */
const shapedLike = (text: string, digest: Digest, kind: string, type: ValueType): string | undefined => {
  if (text.length > Math.min(SHAPED_SIGNS_MAX, charactersMax(type))) return undefined
  for (let round = 0; round < 4; round++) {
    const mac = digest.of(`${round}\0${text}`)
    const again = digest.of(`${round}\0\0${text}`)
    const made = patterned(text, Buffer.concat([mac, again]))
    if (made === undefined) return undefined
    if (made !== text && !(kind === "card" && passesLuhn(made))) return made
  }
  return undefined
}

const patterned = (text: string, stream: Buffer): string | undefined => {
  let signs = 0
  const made = text.replaceAll(/[0-9A-Za-z]/g, (sign) => {
    const byte = stream[signs++ % stream.length]!
    if (sign <= "9") return String(byte % 10)
    return String.fromCharCode((sign <= "Z" ? 65 : 97) + byte % 26)
  })
  return signs < SHAPED_SIGNS_MIN ? undefined : made
}

/** An address that no host has: of the reserved block 240.0.0.0/4 (RFC 1112), or a unique local one (RFC 4193). */
const addressLike = (text: string, mac: Buffer): string | undefined => {
  const address = addressOf(text)
  if (address === undefined) return undefined
  if (address.bytes.length === 4) return `${240 + mac[0]! % 15}.${mac[1]}.${mac[2]}.${mac[3]}`
  const groups = Array.from({ length: 7 }, (_, i) => (mac.readUInt16BE(i * 2) | 1).toString(16))
  return `fd${(mac[14]! | 16).toString(16)}:${groups.join(":")}`
}
