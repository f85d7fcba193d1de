import { scanSync } from "libpg-query"
import { spend } from "../guard/work.ts"

/** A text as PostgreSQL's scanner splits it, by bytes, without its comments. */
export class Tokens {
  private readonly bytes: Buffer
  private readonly spans: ReadonlyArray<{ readonly start: number; readonly end: number }>

  private constructor(bytes: Buffer, spans: Tokens["spans"]) {
    this.bytes = bytes
    this.spans = spans
  }

  /** Undefined where the scanner does not say what it saw: it cannot write down control characters in a literal. */
  static of(text: string): Tokens | undefined {
    spend(text.length)
    try {
      const { tokens } = scanSync(text)
      return new Tokens(Buffer.from(text), tokens.filter(({ tokenName }) => !tokenName.endsWith("_COMMENT")))
    } catch {
      return undefined
    }
  }

  /** Which token starts at a byte; -1: none does. */
  at(start: number): number {
    let low = 0
    let high = this.spans.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.spans[middle]!.start
      if (found === start) return middle
      if (found < start) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** A token as it is written, in small letters: a keyword compares equal, a quoted name never does. */
  word(index: number): string {
    const span = this.spans[index]
    return span === undefined ? "" : this.bytes.toString("utf8", span.start, span.end).toLowerCase()
  }

  start(index: number): number {
    return this.spans[index]?.start ?? this.bytes.length
  }

  end(index: number): number {
    return this.spans[index]?.end ?? this.bytes.length
  }

  /** What stands from the first of these tokens up to the last. */
  between(first: number, last: number): string {
    return this.bytes.toString("utf8", this.start(first), this.end(last))
  }

  /** The token behind a name's part: `U&"…" UESCAPE '!'` is one part. */
  behindName(index: number): number {
    return this.word(index + 1) === "uescape" ? index + 3 : index + 1
  }

  /** The token behind the bracket that closes the one at `index`. */
  behindBrackets(index: number): number {
    let depth = 0
    for (let at = index; at < this.spans.length; at++) {
      const word = this.word(at)
      if (word === "(") depth++
      if (word === ")" && --depth === 0) return at + 1
    }
    return this.spans.length
  }
}
