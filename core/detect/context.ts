import { begun, listsOf, seen, type WordList } from "./vocabulary.ts"
import { unspaced, WordTape } from "./word-tape.ts"

/** How far before a span its words are looked for, and behind it. Bytes. */
const before = 64
const after = 32
/** And how far where only the words right there count. */
const rightBefore = 28
const rightBehind = 12

const decoder = new TextDecoder()

/** The words around one span of a text. Only one is current: reading another takes its place. */
class Context {
  #bytes: Uint8Array = new Uint8Array(0)
  readonly #tape = new WordTape()
  #number = 0
  #start = 0
  #end = 0
  #hasUnspaced = false

  /** The text whose spans are asked about from now on. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#tape.begin(bytes)
  }

  /** Reads the words before `start` and behind `end`. */
  read(start: number, end: number): void {
    this.#open(start, end)
    this.#mark(start - before, start)
    this.#mark(end, end + after)
  }

  /** Reads only what stands right before. */
  readRightBefore(start: number): void {
    this.#open(start, start)
    this.#mark(start - rightBefore, start)
  }

  /** Reads only what stands right behind. */
  readRightBehind(end: number): void {
    this.#open(end, end)
    this.#mark(end, end + rightBehind)
  }

  #open(start: number, end: number): void {
    this.#start = start
    this.#end = end
    this.#number++
    this.#hasUnspaced = false
  }

  /** Notes the words between `from` and `to`. One that an edge cuts is none. */
  #mark(from: number, to: number): void {
    const tape = this.#tape
    tape.cover(Math.max(0, from), to)
    for (let i = tape.count - 1; i >= 0 && tape.ends[i]! > from; i--) {
      if (tape.words[i] === unspaced) {
        if (tape.starts[i]! < to) this.#hasUnspaced = true
      } else if (tape.starts[i]! >= from && tape.ends[i]! <= to) this.#meet(tape.words[i]!)
    }
  }

  #meet(word: number): void {
    if (seen[word] === this.#number) return
    seen[word] = this.#number
    for (const list of listsOf[word]!) begun[list] = this.#number
  }

  has({ number, phrases, pieces }: WordList): boolean {
    if (this.#hasUnspaced && pieces.length > 0 && this.#hasPiece(pieces)) return true
    if (begun[number] !== this.#number) return false
    for (const phrase of phrases) {
      let all = true
      for (const word of phrase) if (seen[word] !== this.#number) all = false
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

/** The current context: one for all scans, none of which outlives a call. */
export const context = new Context()
