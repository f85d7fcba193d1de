import { restBy } from "./arithmetic.ts"
import { classAt, DIGIT, isWordAt, LETTER, WORD } from "./bytes.ts"

/**
 * How long an account number is in each country (the registry of ISO 13616, and some that only national banks
 * list).
 */
const lengths: Readonly<Record<string, number>> = Object.fromEntries(
  ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 "
    + "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 "
    + "LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 "
    + "QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 "
    + "DZ26 AO25 BF28 BJ28 CG27 CI28 CM27 CV25 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28")
    .split(" ").map((entry) => [entry.slice(0, 2), Number(entry.slice(2))])
)
const byLetters = new Uint8Array(32 * 32)
for (const [country, length] of Object.entries(lengths)) {
  byLetters[(country.charCodeAt(0) & 31) * 32 + (country.charCodeAt(1) & 31)] = length
}
const lengthOf = (first: number, second: number): number => byLetters[(first & 31) * 32 + (second & 31)]!

const text = new Uint8Array(34)
const turned = new Uint8Array(34)

/**
 * Where the account number that begins at `at` ends, or -1: letters of a country, its length, and modulo 97 leaves
 * 1.
 */
export const ibanEnd = (bytes: Uint8Array, at: number): number => {
  if ((classAt(bytes, at) & classAt(bytes, at + 1) & LETTER) === 0) return -1
  const length = lengthOf(bytes[at]!, bytes[at + 1]!)
  if (length === 0) return -1
  let end = at
  let digits = 0
  let cases = 0
  for (let taken = 0; taken < length;) {
    const byte = bytes[end]
    if (byte === undefined) return -1
    const isGap = (byte === 32 || byte === 45) && taken > 0 && isWordAt(bytes, end - 1)
    if (isGap) end++
    else if ((classAt(bytes, end) & WORD) === 0) return -1
    else {
      if (taken > 1 && taken < 4 && (classAt(bytes, end) & DIGIT) === 0) return -1
      if (byte < 58) digits++
      else cases |= byte > 90 ? 1 : 2
      text[taken++] = byte > 90 ? byte - 32 : byte
      end++
    }
  }
  if (isWordAt(bytes, end) || digits < 8 || cases === 3) return -1
  turned.set(text.subarray(4, length))
  turned.set(text.subarray(0, 4), length - 4)
  return restBy(turned, 0, length, 97) === 1 ? end : -1
}
