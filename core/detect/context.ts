/** How far before a span its words are looked for, and behind it. Bytes. */
const before = 64
const after = 32
/** And how far where only the words right there count. */
const rightBefore = 28
const rightBehind = 12

/** Each known word by its hash, in an open table; and when it was last seen, as the number of a context. */
const tableSize = 1 << 13
const hashes = new Int32Array(tableSize)
const ids = new Int32Array(tableSize)
const seen: Array<number> = []
/** The lists in which a word begins a phrase; and per list when that was last so. */
const listsOf: Array<Array<number>> = []
const begun: Array<number> = []
let known = 0
let contexts = 0

const fnvStart = 0x811c9dc5 | 0
const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

/** Small letters of ASCII, and every byte of the letters that are not; 0 for what separates words. */
const wordBytes = new Uint8Array(256)
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
const decoder = new TextDecoder()
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

/** The words around one span. Only one is current: reading another takes its place. */
class Context {
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0
  #hasUnspaced = false

  /** Reads the words before `start` and behind `end`. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    contexts++
    this.#hasUnspaced = false
    this.#mark(Math.max(0, start - before), start)
    this.#mark(end, Math.min(bytes.length, end + after))
  }

  /** Reads only what stands right before. */
  readRightBefore(bytes: Uint8Array, start: number): void {
    this.#near(bytes, start, Math.max(0, start - rightBefore), start)
  }

  /** Reads only what stands right behind. */
  readRightBehind(bytes: Uint8Array, end: number): void {
    this.#near(bytes, end, end, Math.min(bytes.length, end + rightBehind))
  }

  #near(bytes: Uint8Array, at: number, from: number, to: number): void {
    this.#bytes = bytes
    this.#start = this.#end = at
    contexts++
    this.#hasUnspaced = false
    this.#mark(from, to)
  }

  #mark(from: number, to: number): void {
    const bytes = this.#bytes
    let at = from
    // A word that is cut by the window's edge is none.
    if (from > 0) { while (at < to && wordBytes[bytes[at - 1]!] !== 0 && wordBytes[bytes[at]!] !== 0) at++ }
    while (at < to) {
      let hash = fnvStart
      let stem = 0
      const begin = at
      for (let byte = wordBytes[bytes[at]!]!; byte !== 0; byte = at < to ? wordBytes[bytes[at]!]! : 0) {
        if (byte >= 0xe0) this.#hasUnspaced = true
        stem = byte === 115 ? hash : 0
        hash = step(hash, byte)
        at++
      }
      if (at === begin) at++
      else {
        meet(hash)
        // The plural counts as the word.
        if (stem !== 0) meet(stem)
      }
    }
  }

  has({ number, phrases, pieces }: WordList): boolean {
    if (this.#hasUnspaced && pieces.length > 0 && this.#hasPiece(pieces)) return true
    if (begun[number] !== contexts) return false
    for (const phrase of phrases) {
      let all = true
      for (const id of phrase) if (seen[id] !== contexts) all = false
      if (all) return true
    }
    return false
  }

  #hasPiece(pieces: ReadonlyArray<string>): boolean {
    const from = Math.max(0, this.#start - before)
    const text = decoder.decode(this.#bytes.subarray(from, Math.min(this.#bytes.length, this.#end + after)))
    return pieces.some((piece) => text.includes(piece))
  }
}

const meet = (hash: number): void => {
  const slot = slotOf(hash)
  if (hashes[slot] !== hash) return
  const id = ids[slot]!
  seen[id] = contexts
  for (const list of listsOf[id]!) begun[list] = contexts
}

/** The current context: one for all scans, none of which outlives a call. */
export const context = new Context()
