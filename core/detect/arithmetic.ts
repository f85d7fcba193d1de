/** Letters and digits of one candidate, in ASCII, letters in upper case. */
export type Characters = Uint8Array

/** The digit at `at`. Only meaningful where the shape says that there is one. */
export const digit = (text: Characters, at: number): number => text[at]! - 48

/** The place of a letter in the alphabet, A being 0. */
export const letter = (text: Characters, at: number): number => text[at]! - 65

/** A digit's value, or 10 to 35 for a letter, as in ISO 7064 and ICAO 9303. */
export const base36 = (text: Characters, at: number): number => text[at]! > 57 ? text[at]! - 55 : text[at]! - 48

export const isLetter = (text: Characters, at: number): boolean => text[at]! > 57

/** The whole number that the digits from `from` up to `to` write. At most fifteen of them. */
export const numberAt = (text: Characters, from: number, to: number): number => {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + text[i]! - 48
  return value
}

/** The sum of digits by weights, from `from` on. */
export const weighted = (text: Characters, weights: ReadonlyArray<number>, from = 0): number => {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += (text[from + i]! - 48) * weights[i]!
  return sum
}

/** Luhn's check (ISO/IEC 7812-1) over the digits from `from` up to `to`. */
export const luhn = (text: Characters, from: number, to: number): boolean => luhnSum(text, from, to) % 10 === 0

const luhnSum = (text: Characters, from: number, to: number): number => {
  let sum = 0
  for (let i = to - 1, twice = false; i >= from; i--, twice = !twice) {
    const value = text[i]! - 48
    sum += twice ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return sum
}

/** ISO 7064, MOD 11,10: the last digit checks those before it. */
export const mod11and10 = (text: Characters, from: number, to: number): boolean => {
  let rest = 10
  for (let i = from; i < to - 1; i++) {
    const sum = (rest + text[i]! - 48) % 10 || 10
    rest = (sum * 2) % 11
  }
  return (11 - rest) % 10 === text[to - 1]! - 48
}

/** The rest of the number, letters standing for two digits, when divided by `by` (ISO 7064, MOD 97-10). */
export const restBy = (text: Characters, from: number, to: number, by: number): number => {
  let rest = 0
  for (let i = from; i < to; i++) {
    const value = base36(text, i)
    rest = (rest * (value > 9 ? 100 : 10) + value) % by
  }
  return rest
}

const turns = [
  "0123456789",
  "1234067895",
  "2340178956",
  "3401289567",
  "4012395678",
  "5987604321",
  "6598710432",
  "7659821043",
  "8765932104",
  "9876543210"
].join("")
const shuffles = [
  "0123456789",
  "1576283094",
  "5803796142",
  "8916043527",
  "9453126870",
  "4286573901",
  "2793806415",
  "7046913258"
].join("")
const turn = Uint8Array.from(turns, Number)
const shuffle = Uint8Array.from(shuffles, Number)

/** Verhoeff's check over the digits from `from` up to `to`. */
export const verhoeff = (text: Characters, from: number, to: number): boolean => {
  let check = 0
  for (let i = to - 1; i >= from; i--) {
    const moved = shuffle[((to - 1 - i) % 8) * 10 + text[i]! - 48]!
    check = turn[check * 10 + moved]!
  }
  return check === 0
}

const icaoWeights = [7, 3, 1]

/** The check digit of ICAO 9303: weights 7, 3, 1 over digits and letters. */
export const icao = (text: Characters, from: number, to: number): number => {
  let sum = 0
  for (let i = from; i < to; i++) sum += base36(text, i) * icaoWeights[(i - from) % 3]!
  return sum % 10
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether there is such a day. A year of two digits is taken to be a leap year when four divides it. */
export const isDay = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= monthDays[month - 1]!
  && (month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0 || year < 100)))

/** YYMMDD at `at`. */
export const isYmd = (text: Characters, at: number): boolean =>
  isDay(numberAt(text, at, at + 2), numberAt(text, at + 2, at + 4), numberAt(text, at + 4, at + 6))

/** DDMMYY at `at`. */
export const isDmy = (text: Characters, at: number): boolean =>
  isDay(numberAt(text, at + 4, at + 6), numberAt(text, at + 2, at + 4), numberAt(text, at, at + 2))

/** YYYYMMDD at `at`, of a person who may be alive. */
export const isYyyymmdd = (text: Characters, at: number): boolean => {
  const year = numberAt(text, at, at + 4)
  return year >= 1880 && year <= 2079 && isDay(year, numberAt(text, at + 4, at + 6), numberAt(text, at + 6, at + 8))
}

/** Whether all characters are the same: what people type when they must type something. */
export const isUniform = (text: Characters, length: number): boolean => {
  for (let i = 1; i < length; i++) if (text[i] !== text[0]) return false
  return true
}
