import { spend, TOKEN_STEPS } from "./work.ts"

/** What a text may be before the parser sees it. Everything beyond is refused. */
export interface ScanLimits {
  /** UTF-16 units; the codec's limit on messages bounds the bytes. */
  readonly charactersMax: number
  readonly tokensMax: number
  readonly commentDepthMax: number
  readonly nestingMax: number
  /** The longest run of tokens that could be one chain of operators: each link costs the parser a stack frame. */
  readonly chainTokensMax: number
}

export const defaultScanLimits: ScanLimits = {
  charactersMax: 1_048_576,
  tokensMax: 400_000,
  commentDepthMax: 32,
  nestingMax: 128,
  chainTokensMax: 3000
}

/** Identifiers are cut at this many bytes by PostgreSQL (NAMEDATALEN - 1): a longer one may not mean what it says. */
const identifierBytesMax = 63

/**
 * Walks over a text once, as PostgreSQL's scanner (scan.l) splits it, and says why it must not reach the parser, or
 * undefined. Nothing is looked at twice, so the time is linear whatever the text is. What
 * parsing it will cost is counted as work.
 *
 * State: the position; how many brackets are open, and for each the tokens since the last comma inside it. Their sum is
 * what could be one chain. AND, OR, commas and semicolons start a chain anew: the grammar makes lists of those.
 */
export const scan = (text: string, major: number | undefined, limits = defaultScanLimits): string | undefined => {
  if (text.length > limits.charactersMax) return "the text is longer than may be analysed"
  // A replacement character is what decoding leaves of bytes that are not UTF-8: what they were is not known here.
  if (!text.isWellFormed() || text.includes("\uFFFD")) return "text that is not valid UTF-8 is not understood"
  return new Scanner(text, major, limits).run()
}

class Scanner {
  readonly #text: string
  readonly #major: number | undefined
  readonly #limits: ScanLimits
  #at = 0
  #tokens = 0
  /** Tokens in chains of the brackets around this one, and in this one. */
  #chain = 0
  readonly #open: Array<number> = []

  constructor(text: string, major: number | undefined, limits: ScanLimits) {
    this.#text = text
    this.#major = major
    this.#limits = limits
  }

  run(): string | undefined {
    const { length } = this.#text
    while (this.#at < length) {
      const trouble = this.#step()
      if (trouble !== undefined) return trouble
    }
    if (this.#open.length > 0) return "brackets do not match"
    spend(this.#tokens * TOKEN_STEPS)
    return undefined
  }

  #step(): string | undefined {
    const code = this.#text.charCodeAt(this.#at)
    if (code === 0) return "a NUL is not understood"
    if (isSpace(code)) {
      this.#at++
      return undefined
    }
    const next = this.#text.charCodeAt(this.#at + 1)
    if (code === minus && next === minus) return this.#lineComment()
    if (code === slash && next === star) return this.#blockComment()
    if (++this.#tokens > this.#limits.tokensMax) return "the text has more tokens than may be analysed"
    if (++this.#chain > this.#limits.chainTokensMax) return "an expression is longer than may be analysed"
    if (code === quote) return this.#string(false)
    if (code === doubleQuote) return this.#quotedIdentifier()
    if (code === dollar) return this.#dollar()
    if (isDigit(code)) return this.#number()
    if (isIdentifierStart(code)) return this.#word()
    return this.#symbol(code)
  }

  #symbol(code: number): string | undefined {
    this.#at++
    switch (code) {
      case leftParenthesis:
      case leftBracket:
        if (this.#open.length >= this.#limits.nestingMax) return "brackets nest too deeply"
        this.#open.push(this.#chain)
        return undefined
      case rightParenthesis:
      case rightBracket: {
        const before = this.#open.pop()
        if (before === undefined) return "brackets do not match"
        this.#chain = before
        return undefined
      }
      case comma:
      case semicolon:
        this.#restart()
        return undefined
      default:
        return undefined
    }
  }

  #restart(): void {
    this.#chain = this.#open.length === 0 ? 0 : this.#open[this.#open.length - 1]!
  }

  #lineComment(): undefined {
    const { length } = this.#text
    while (this.#at < length) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 10 || code === 13 || code === 0) return undefined
      this.#at++
    }
    return undefined
  }

  #blockComment(): string | undefined {
    let depth = 0
    const { length } = this.#text
    while (this.#at < length) {
      const code = this.#text.charCodeAt(this.#at)
      const next = this.#text.charCodeAt(this.#at + 1)
      if (code === 0) return "a NUL is not understood"
      if (code === slash && next === star) {
        if (++depth > this.#limits.commentDepthMax) return "comments nest too deeply"
        this.#at += 2
      } else if (code === star && next === slash) {
        this.#at += 2
        if (--depth === 0) return undefined
      } else this.#at++
    }
    return "a comment does not end"
  }

  /** From the opening quote to after the closing one. `escapes`: a backslash takes the next character with it. */
  #string(escapes: boolean): string | undefined {
    this.#at++
    const { length } = this.#text
    while (this.#at < length) {
      const code = this.#text.charCodeAt(this.#at++)
      if (code === 0) return "a NUL is not understood"
      if (escapes && code === backslash) this.#at++
      else if (code === quote) {
        if (this.#text.charCodeAt(this.#at) !== quote) return undefined
        this.#at++
      }
    }
    return "a string does not end"
  }

  #quotedIdentifier(): string | undefined {
    const start = ++this.#at
    const { length } = this.#text
    while (this.#at < length) {
      const code = this.#text.charCodeAt(this.#at++)
      if (code === 0) return "a NUL is not understood"
      if (code !== doubleQuote) continue
      if (this.#text.charCodeAt(this.#at) !== doubleQuote) return this.#identifier(start, this.#at - 1)
      this.#at++
    }
    return "a quoted name does not end"
  }

  #identifier(start: number, end: number): string | undefined {
    if (end - start > identifierBytesMax * 2) return tooLong
    let bytes = 0
    for (let at = start; at < end; at++) {
      const code = this.#text.charCodeAt(at)
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : isSurrogate(code) ? 2 : 3
      if (code === doubleQuote) at++
    }
    return bytes > identifierBytesMax ? tooLong : undefined
  }

  #word(): string | undefined {
    const start = this.#at++
    const { length } = this.#text
    while (this.#at < length && isIdentifierPart(this.#text.charCodeAt(this.#at))) this.#at++
    const end = this.#at
    const next = this.#text.charCodeAt(end)
    if (next === quote && end - start === 1) {
      const prefix = this.#text.charCodeAt(start) | 0x20
      if (prefix === letterE) return this.#string(true)
      if (prefix === letterB || prefix === letterX || prefix === letterN) return this.#string(false)
    }
    if (end - start <= 3 && isListWord(this.#text.slice(start, end).toLowerCase())) this.#restart()
    return this.#identifier(start, end)
  }

  /** A number, with what PostgreSQL 15 and 16 changed: before, `1_000` was `1 AS _000` and `0x1F` was `0 AS x1F`. */
  #number(): string | undefined {
    const start = this.#at++
    const { length } = this.#text
    let modern = false
    while (this.#at < length) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === underscore || (isLetter(code) && !isExponent(code))) modern = true
      else if (!isDigit(code) && !isLetter(code) && code !== dot) {
        const sign = code === minus || code === plus
        if (!sign || !isExponent(this.#text.charCodeAt(this.#at - 1)) || modern) break
      }
      this.#at++
    }
    if (modern && (this.#major === undefined || this.#major < 16)) {
      return "a number with letters or underscores means something else before PostgreSQL 16"
    }
    return this.#at - start > 4096 ? "a number is longer than may be analysed" : undefined
  }

  /** `$1`, or a dollar-quoted string, whose tag must come again exactly. */
  #dollar(): string | undefined {
    let at = this.#at + 1
    const first = this.#text.charCodeAt(at)
    if (isDigit(first)) {
      while (isDigit(this.#text.charCodeAt(at))) at++
      if (isIdentifierStart(this.#text.charCodeAt(at))) return "a parameter that runs into a name is not understood"
      this.#at = at
      return undefined
    }
    while (isTagPart(this.#text.charCodeAt(at))) at++
    if (this.#text.charCodeAt(at) !== dollar) return "a lone dollar sign is not understood"
    const tag = this.#text.slice(this.#at, at + 1)
    if (tag.length > 64) return "a dollar quote's tag is longer than may be analysed"
    const end = this.#text.indexOf(tag, at + 1)
    if (end < 0) return "a dollar-quoted string does not end"
    if (this.#text.slice(at + 1, end).includes("\0")) return "a NUL is not understood"
    this.#at = end + tag.length
    return undefined
  }
}

const tooLong = "a name longer than 63 bytes is cut by PostgreSQL, and so is not understood"

const minus = 0x2d
const plus = 0x2b
const slash = 0x2f
const star = 0x2a
const quote = 0x27
const doubleQuote = 0x22
const backslash = 0x5c
const dollar = 0x24
const dot = 0x2e
const comma = 0x2c
const semicolon = 0x3b
const underscore = 0x5f
const leftParenthesis = 0x28
const rightParenthesis = 0x29
const leftBracket = 0x5b
const rightBracket = 0x5d
const letterB = 0x62
const letterE = 0x65
const letterN = 0x6e
const letterX = 0x78

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
const isExponent = (code: number): boolean => (code | 0x20) === letterE
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff
const isIdentifierStart = (code: number): boolean => isLetter(code) || code === underscore || code >= 0x80
const isTagPart = (code: number): boolean => isIdentifierStart(code) || isDigit(code)
const isIdentifierPart = (code: number): boolean => isTagPart(code) || code === dollar
const isListWord = (word: string): boolean => word === "and" || word === "or"
