import { fnvStart, step, wordBytes, wordOf } from "./vocabulary.ts"

/** Stands for a run in a script that sets no blanks between words. */
export const unspaced = -1
const LETTER_S = 115
const capacity = 1024
/** How far before what is asked for reading begins: the next question may be about a few bytes earlier. */
const slackBytes = 64

/**
 * The known words of a text and where they stand. Each byte is read once, however many spans stand near it; what no
 * question comes near is not read at all. Questions go forward, or back by no more than the slack.
 */
export class WordTape {
  #bytes: Uint8Array = new Uint8Array(0)
  /** What was read: from here up to there, whole words. */
  #from = 0
  #to = 0
  readonly starts = new Int32Array(capacity)
  readonly ends = new Int32Array(capacity)
  /** The number of the word, or `unspaced`. A plural has two entries: the word, and the word without its `s`. */
  readonly words = new Int32Array(capacity)
  count = 0

  /** Begins with another text, or with another content of the same bytes. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#from = this.#to = this.count = 0
  }

  /** Reads on, so that all words between `from` and `to` are there. */
  cover(from: number, to: number): void {
    if (from < this.#from || from > this.#to) {
      this.count = 0
      this.#from = this.#to = Math.max(0, from - slackBytes)
    }
    const bytes = this.#bytes
    const end = Math.min(to, bytes.length)
    let at = this.#to
    while (at < end) {
      while (at < end && wordBytes[bytes[at]!] === 0) at++
      if (at < end) at = this.#readWord(bytes, at)
    }
    if (at > this.#to) this.#to = at
    if (this.count > capacity / 2) this.#forget(from - slackBytes)
  }

  /** Reads the word that begins at `start`, and says where it ends. */
  #readWord(bytes: Uint8Array, start: number): number {
    let at = start
    let hash = fnvStart
    let stem = 0
    let highest = 0
    for (; at < bytes.length; at++) {
      const byte = wordBytes[bytes[at]!]!
      if (byte === 0) break
      if (byte > highest) highest = byte
      stem = byte === LETTER_S ? hash : 0
      hash = step(hash, byte)
    }
    if (highest >= 0xe0) this.#add(start, at, unspaced)
    // A word of which the beginning was not read is none.
    if (start > 0 && wordBytes[bytes[start - 1]!] !== 0) return at
    const word = wordOf(hash)
    if (word >= 0) this.#add(start, at, word)
    const singular = stem === 0 ? -1 : wordOf(stem)
    if (singular >= 0) this.#add(start, at, singular)
    return at
  }

  #add(start: number, end: number, word: number): void {
    if (this.count === capacity) this.#forget(this.starts[capacity / 2]!)
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.words[this.count++] = word
  }

  /** Drops the words that end before `at`. */
  #forget(at: number): void {
    let first = 0
    while (first < this.count && this.ends[first]! < at) first++
    for (const column of [this.starts, this.ends, this.words]) column.copyWithin(0, first, this.count)
    this.count -= first
    this.#from = Math.max(this.#from, at)
  }
}
