import { classAt, DIGIT, isDigitAt, isWordAt, startsWith, WORD } from "./bytes.ts"

/** A number that may be a telephone's. */
export interface PhoneSpan {
  readonly start: number
  readonly end: number
  /** How much its form says by itself, on the scale of all evidence. */
  readonly score: number
  readonly evidence: "international" | "north American" | "trunk prefix" | "grouped" | "digits"
}

/** Calling codes that exist, by their digits (ITU-T E.164); of one, two or three digits, none begins another. */
const codes = new Set(
  ("1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    + "90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 "
    + "236 237 "
    + "238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 "
    + "267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 "
    + "381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 "
    + "598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 "
    + "855 856 870 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 "
    + "993 994 995 996 998").split(" ")
)

const groups = new Uint8Array(12)
const separators = new Uint8Array(12)
const digits = new Uint8Array(20)
/** One for all numbers, so that nothing is made for each. */
const reading: Reading = { start: 0, end: 0, digits: 0, groups: 0, brackets: 0 }

interface Reading {
  start: number
  end: number
  digits: number
  groups: number
  brackets: number
}

/** Reads digits in groups, with blanks, hyphens, dots, slashes and one pair of brackets, from `at` on. */
const read = (bytes: Uint8Array, at: number): void => {
  reading.start = reading.end = at
  reading.digits = reading.groups = reading.brackets = 0
  let from = at
  if (bytes[from] === 43) from++
  while (reading.groups < 9) {
    let between = 0
    let separator = 0
    while (between < 3) {
      const byte = bytes[from]
      if (byte === 40) reading.brackets |= 1
      else if (byte === 41) {
        if ((reading.brackets & 1) === 0) break
        reading.brackets |= 2
      } else if (byte !== 32 && byte !== 45 && byte !== 46 && byte !== 47) break
      if (separator === 0 || byte === 45) separator = byte
      from++
      between++
    }
    let size = 0
    while (isDigitAt(bytes, from + size)) size++
    if (
      size === 0 || reading.digits + size > 16 || (isWordAt(bytes, from + size) && !isExtension(bytes, from + size))
    ) {
      break
    }
    for (let i = 0; i < size; i++) digits[reading.digits++] = bytes[from + i]! - 48
    separators[reading.groups] = separator
    groups[reading.groups++] = size
    from += size
    reading.end = from
  }
}

const isExtension = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at] === 120 && isDigitAt(bytes, at + 1)) || startsWith(bytes, at, "ext")

/** The number that begins at `at`, with its first digit, bracket or plus. */
export const phoneAt = (bytes: Uint8Array, at: number): PhoneSpan | undefined => {
  const before = classAt(bytes, at - 1)
  if ((before & WORD) !== 0 || bytes[at - 1] === 95 || bytes[at - 1] === 46 || bytes[at - 1] === 36) return undefined
  read(bytes, at)
  const { brackets, start } = reading
  if (brackets === 1 || reading.digits < 6 || reading.digits > 15 || slashes() > 1) return undefined
  const tail = bytes[reading.end]
  if (tail === 45 && isWordAt(bytes, reading.end + 1) && !wordFollows(bytes, reading.end + 1)) return undefined
  if (tail === 95 || tail === 58 || tail === 64 || tail === 37) return undefined
  const [score, evidence] = judge(bytes, reading)
  return score < 0 ? undefined : { start, end: extensionEnd(bytes, reading.end), score, evidence }
}

/** More than one is a fraction or a date. */
const slashes = (): number => {
  let count = 0
  for (let i = 1; i < reading.groups; i++) if (separators[i] === 47) count++
  return count
}

/** `-Office`: a label that was put right behind. */
const wordFollows = (bytes: Uint8Array, at: number): boolean => {
  for (let i = at; i < at + 3; i++) if ((classAt(bytes, i) & DIGIT) !== 0 || !isWordAt(bytes, i)) return false
  return true
}

const extensionEnd = (bytes: Uint8Array, end: number): number => {
  let at = bytes[end] === 32 ? end + 1 : end
  if (startsWith(bytes, at, "ext")) at += bytes[at + 3] === 46 ? 4 : 3
  else if (bytes[at] === 120) at++
  else return end
  if (bytes[at] === 32) at++
  const from = at
  while (isDigitAt(bytes, at)) at++
  return at > from && at - from < 7 ? at : end
}

const judge = (bytes: Uint8Array, reading: Reading): readonly [number, PhoneSpan["evidence"]] => {
  const { brackets, digits: count, groups: parts, start } = reading
  if (bytes[start] === 43) return [hasCode(count) ? 7 : -1, "international"]
  if (isNorthAmerican(reading))
    return [parts === 1 ? 0.5 : brackets === 3 ? 7 : separators[1] === 32 ? 3.5 : 6, "north American"]
  if (!isEven(reading)) return [-1, "grouped"]
  if (count < 7 && parts < 2) return [-1, "digits"]
  if (digits[0] === 0 && digits[1] === 0 && count > 9) return [parts > 1 ? 5.5 : 0.5, "international"]
  if (digits[0] === 0 && count >= 8 && count <= 12) {
    return [
      parts > 1
        ? (digits[1] === 0 ? 1 : parts === 2 && groups[0]! + groups[1]! < 10 ? 3 : 5.5)
        : count === 10 || count === 11
        ? 1.5
        : 0.5,
      "trunk prefix"
    ]
  }
  if (brackets === 3) return [4.5, "grouped"]
  return parts > 1 ? [parts > 2 ? 1.5 : 0.6, "grouped"] : [0, "digits"]
}

/** Groups of two to five digits with the same separator: a number that was written to be read aloud. */
const isEven = ({ brackets, groups: parts }: Reading): boolean => {
  for (let i = 0; i < parts; i++) {
    if (parts > 1 && groups[i]! > 8) return false
    if (i > 1 && brackets === 0 && separators[i] !== separators[1] && separators[i] !== 32 && separators[1] !== 47) {
      return false
    }
  }
  return parts <= 6
}

const hasCode = (count: number): boolean => {
  if (count < 8) return false
  let code = ""
  for (let i = 0; i < 3; i++) {
    code += digits[i]
    if (codes.has(code)) return true
  }
  return false
}

/** NPA-NXX-XXXX, with or without the 1: neither area nor exchange begins with 0 or 1. */
const isNorthAmerican = ({ digits: count, groups: parts }: Reading): boolean => {
  const from = count === 11 && digits[0] === 1 ? 1 : 0
  if (count - from !== 10 || digits[from]! < 2) return false
  if (parts === 1) return digits[from + 3]! > 1
  const first = from === 1 && groups[0] === 1 ? 1 : 0
  return parts === first + 3 && groups[first]! - (first === 0 ? from : 0) === 3 && groups[first + 1] === 3
}
