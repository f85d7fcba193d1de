/** Each known word by its hash, in an open table. */
const tableSize = 1 << 13
const hashes = new Int32Array(tableSize)
const ids = new Int32Array(tableSize)
/** Per word, when it was last seen, as the number of a context; and the lists in which it begins a phrase. */
export const seen: Array<number> = []
export const listsOf: Array<Array<number>> = []
/** Per list, when a word was last seen that begins one of its phrases. */
export const begun: Array<number> = []
let known = 0

export const fnvStart = 0x811c9dc5 | 0
export const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

/** Small letters of ASCII, and every byte of the letters that are not; 0 for what separates words. */
export const wordBytes = new Uint8Array(256)
for (let byte = 97; byte <= 122; byte++) {
  wordBytes[byte] = byte
  wordBytes[byte - 32] = byte
}
for (let byte = 128; byte < 256; byte++) wordBytes[byte] = byte

const slotOf = (hash: number): number => {
  let slot = (hash ^ (hash >>> 15)) & (tableSize - 1)
  while (hashes[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & (tableSize - 1)
  return slot
}

/**
 * The number of a word, given when it is first met. Two words of one hash would be one: there are too few to fear
 * it.
 */
const enter = (bytes: Uint8Array): number => {
  let hash = fnvStart
  for (const byte of bytes) hash = step(hash, wordBytes[byte]!)
  const slot = slotOf(hash)
  if (hashes[slot] === 0) {
    hashes[slot] = hash
    ids[slot] = known++
    seen.push(0)
    listsOf.push([])
  }
  return ids[slot]!
}

/** Words and phrases that may stand near a span, ready to be looked for. */
export interface WordList {
  readonly number: number
  /** Each phrase as the numbers of its words, all of which must be there. */
  readonly phrases: ReadonlyArray<ReadonlyArray<number>>
  /** Those in scripts that set no blanks between words: looked for as pieces of the text. */
  readonly pieces: ReadonlyArray<string>
}

const encoder = new TextEncoder()
const isUnspaced = (phrase: string): boolean => /[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]/u.test(phrase)

/** Makes a list of words and phrases, in lower case, ready. */
export const wordList = (given: ReadonlyArray<string>): WordList => {
  const number = begun.length
  begun.push(0)
  const phrases = given.filter((phrase) => !isUnspaced(phrase)).map((phrase) =>
    phrase.split(/[^\p{L}\p{M}]+/u).filter((word) => word !== "").map((word) => enter(encoder.encode(word)))
  )
  for (const [first] of phrases) if (!listsOf[first!]!.includes(number)) listsOf[first!]!.push(number)
  return { number, phrases, pieces: given.filter(isUnspaced) }
}

/** The number of the word of this hash, -1 where it is in no list. */
export const wordOf = (hash: number): number => {
  const slot = slotOf(hash)
  return hashes[slot] === hash ? ids[slot]! : -1
}
