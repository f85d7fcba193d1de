import { classAt, DIGIT, isWordAt, LETTER, lower, runStart, SPACE, startsWith, WORD } from "./bytes.ts"

/** How issuers begin their keys, and how many characters follow at least. */
const prefixes: ReadonlyArray<readonly [prefix: string, least: number]> = [
  ["akia", 16],
  ["asia", 16],
  ["ghp_", 30],
  ["gho_", 30],
  ["ghu_", 30],
  ["ghs_", 30],
  ["ghr_", 30],
  ["github_pat_", 22],
  ["glpat-", 20],
  ["xoxb-", 20],
  ["xoxp-", 20],
  ["xoxa-", 20],
  ["xoxr-", 20],
  ["xoxs-", 20],
  ["xapp-", 20],
  ["sk_live_", 16],
  ["sk_test_", 16],
  ["rk_live_", 16],
  ["pk_live_", 16],
  ["whsec_", 16],
  ["sk-", 20],
  ["aiza", 35],
  ["ya29.", 20],
  ["npm_", 30],
  ["pypi-", 30],
  ["sg.", 40],
  ["hf_", 30],
  ["dop_v1_", 40],
  ["shpat_", 30],
  ["shpss_", 30],
  ["lin_api_", 30],
  ["sq0atp-", 20],
  ["age-secret-key-1", 40],
  ["hvs.", 20],
  ["eyj", 30]
]

const isKeyByte = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === 45 || byte === 46 || byte === 95 || byte === 43 || byte === 47 || byte === 61
    || (byte >= 48 && byte <= 57) || (lower(byte) >= 97 && lower(byte) <= 122))

const keyEnd = (bytes: Uint8Array, at: number): number => {
  let end = at
  while (isKeyByte(bytes[end])) end++
  while (end > at && (bytes[end - 1] === 46 || bytes[end - 1] === 47)) end--
  return end
}

/** The letters that some key begins with. */
const firsts = new Uint8Array(256)
for (const [prefix] of prefixes) firsts[prefix.charCodeAt(0)] = 1

/**
 * Where the key that begins at `at`, the start of a word, ends: a known prefix, then as much as there must be. Negative
 * where there is none: then, where it only begins like one, this is the end of the run that need not be read again.
 */
export const keyAt = (bytes: Uint8Array, at: number): number => {
  if (firsts[lower(bytes[at]!)] === 0) return -1
  for (const [prefix, least] of prefixes) {
    if (lower(bytes[at]!) !== prefix.charCodeAt(0) || !startsWith(bytes, at, prefix)) continue
    const end = keyEnd(bytes, at)
    if (end - at - prefix.length < least) continue
    const isKey = prefix === "eyj"
      ? isJwt(bytes, at, end)
      : prefix === "akia" || prefix === "asia"
      ? end - at === 20 && bytes[at] === 65
      : mixes(bytes, at + prefix.length, end)
    return isKey ? end : -end
  }
  return -1
}

/** Three parts with dots, the first of which holds the name of an algorithm. */
const isJwt = (bytes: Uint8Array, from: number, to: number): boolean => {
  let dots = 0
  for (let i = from; i < to; i++) if (bytes[i] === 46) dots++
  return bytes[from] === 101 && bytes[from + 1] === 121 && bytes[from + 2] === 74 && (dots === 2 || dots === 4)
}

/** Both letters and digits: a word, or a path, is no key. */
const mixes = (bytes: Uint8Array, from: number, to: number): boolean => {
  let seen = 0
  for (let i = from; i < to; i++) seen |= classAt(bytes, i) & (DIGIT | LETTER)
  return seen === (DIGIT | LETTER)
}

const keyWords = [
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "secret",
  "token",
  "api_key",
  "apikey",
  "api-key",
  "access_key",
  "accesskey",
  "private_key",
  "client_secret",
  "secret_key",
  "authorization",
  "passwort",
  "kennwort",
  "contraseña",
  "mot de passe",
  "senha"
]

/** The letters that some word ends with. */
const lasts = new Uint8Array(256)
for (const word of keyWords) lasts[word.charCodeAt(word.length - 1)] = 1

/** Nothing that people write runs on so long without a blank: whatever it is, it is found, and not looked at again. */
const longest = 256

/**
 * What follows a word such as `password` and the `=` or `:` at `at`: where it begins and ends, or undefined. An empty
 * value, a placeholder and a word of the same language as the text are none.
 */
export const keyedSecret = (
  bytes: Uint8Array,
  at: number,
  floor: number
): { readonly start: number; readonly end: number } | undefined => {
  let to = at
  while (to > floor && (bytes[to - 1] === 34 || bytes[to - 1] === 39 || bytes[to - 1] === 32)) to--
  if (to === floor || lasts[lower(bytes[to - 1]!)] === 0) return undefined
  const from = Math.max(floor, to - 16)
  if (!keyWords.some((word) => to - word.length >= from && startsWith(bytes, to - word.length, word))) return undefined
  let start = at + 1
  while (bytes[start] === 32 || bytes[start] === 34 || bytes[start] === 39 || bytes[start] === 61) start++
  if (startsWith(bytes, start, "bearer ")) start += 7
  let end = start
  while (end < bytes.length && (classAt(bytes, end) & SPACE) === 0 && !isEnd(bytes[end]!)) end++
  const isSecret = end - start > longest || (end - start >= 6 && isUnguessable(bytes, start, end))
  return isSecret ? { start, end } : undefined
}

const isEnd = (byte: number): boolean =>
  byte === 34 || byte === 39 || byte === 44 || byte === 59 || byte === 38
  || byte === 60 || byte === 62 || byte === 41 || byte === 125

/** Two sorts of characters at least: `required` and `${secret}` are none, `hunter2x` is. */
const isUnguessable = (bytes: Uint8Array, from: number, to: number): boolean => {
  let sorts = 0
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!
    if (byte === 36 && bytes[i + 1] === 123) return false
    if (byte === 42 || byte === 60) return false
    sorts |= byte >= 48 && byte <= 57 ? 1 : byte >= 97 && byte <= 122 ? 2 : byte >= 65 && byte <= 90 ? 4 : 8
  }
  return (sorts & 9) !== 0 && (sorts & 6) !== 0
}

const begin = "-----begin "
const end = "private key"

/** Where the private key whose first hyphen is at `at` ends, or -1. One that is cut off ends with the text. */
export const privateKeyEnd = (bytes: Uint8Array, at: number): number => {
  if (!startsWith(bytes, at, begin) || isWordAt(bytes, at - 1)) return -1
  let title = at + begin.length
  const most = Math.min(bytes.length, title + 32)
  while (title < most && !startsWith(bytes, title, end)) title++
  if (title === most) return -1
  for (let i = title; i < bytes.length; i++) {
    if (bytes[i] === 45 && startsWith(bytes, i, "-----end ")) {
      let close = i + 9
      while (close < bytes.length && bytes[close] !== 45 && bytes[close] !== 10) close++
      while (bytes[close] === 45) close++
      return close
    }
  }
  return bytes.length
}

/** The start of the word that holds `at`, with what may stand in a key. */
export const keyStart = (bytes: Uint8Array, at: number, floor: number): number => {
  let start = runStart(bytes, at, WORD, floor)
  while (start - 1 > floor && (bytes[start - 1] === 95 || bytes[start - 1] === 45) && isWordAt(bytes, start - 2)) {
    start = runStart(bytes, start - 1, WORD, floor)
  }
  return start
}
