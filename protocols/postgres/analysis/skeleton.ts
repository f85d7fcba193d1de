/**
 * A text with those literals taken out that cannot steer what it touches, so that the same statement with other values
 * is understood once. Undefined when nothing can be taken out, or when the text is not of the plain kind that this
 * scanner is sure of: it then has to be analysed for itself.
 *
 * A literal is taken out where its value is only ever data: after a comparison or a binary plus or minus, after LIKE,
 * BETWEEN, LIMIT and OFFSET, and as a whole item of a VALUES list; never before a cast, never as an argument (functions
 * may take names), never in ORDER BY and GROUP BY (positions), never outside SELECT, INSERT, UPDATE, DELETE and VALUES
 * (settings), and not at all from a text with HAVING, whose numbers prove how many rows stand behind each answer. What
 * stays is part of the key, so leaving a literal in costs a cache entry and nothing else. Whole numbers of up to nine
 * digits become `0`, plain strings `''`: both keep their type.
 */
export const skeletonOf = (text: string): string | undefined =>
  text.length > CHARACTERS_MAX || !STARTS.test(text) ? undefined : new SkeletonScanner(text).run()

/** Longer texts are hardly ever written by a program that varies a value. In UTF-16 units. */
const CHARACTERS_MAX = 4096

const STARTS = /^\s*(?:select|insert|update|delete|with|values)\b/i

/** What stands before a token, as far as it matters. */
type Before = "data" | "number" | "item" | "operand" | "other"

class SkeletonScanner {
  private readonly text: string
  private at = 0
  /** What was copied so far, and from where the next copy starts. */
  private out = ""
  private copied = 0
  private before: Before = "other"
  /** For each open bracket, whether it is a row of a VALUES list. */
  private readonly rows: Array<boolean> = []
  /** A VALUES list goes on: the next bracket at this depth opens a row. -1 outside. */
  private valuesDepth = -1

  constructor(text: string) {
    this.text = text
  }

  run(): string | undefined {
    const { text } = this
    while (this.at < text.length) if (!this.step(text.charCodeAt(this.at))) return undefined
    return this.copied === 0 ? undefined : this.out + text.slice(this.copied)
  }

  /** Takes one token. False where it is of a kind that this scanner does not take apart. */
  private step(code: number): boolean {
    if (code === 32 || (code >= 9 && code <= 13)) {
      this.at++
      return true
    }
    if (code === QUOTE) return this.string()
    if (code === DOUBLE_QUOTE) return this.quotedName()
    if (isDigit(code)) return this.number()
    if (isNameStart(code)) return this.word()
    if (isOperator(code)) return this.operator()
    return this.symbol(code)
  }

  private string(): boolean {
    const start = this.at
    for (;;) {
      const end = this.text.indexOf("'", this.at + 1)
      if (end < 0) return false
      this.at = end + 1
      if (this.text.charCodeAt(this.at) !== QUOTE) break
    }
    if (this.before === "data" || this.before === "item") this.take(start, "''")
    this.before = "operand"
    return true
  }

  private quotedName(): boolean {
    const end = this.text.indexOf("\"", this.at + 1)
    // A doubled quote is read as two names side by side, which is the same for a key.
    if (end < 0) return false
    this.at = end + 1
    this.before = "operand"
    return true
  }

  private number(): boolean {
    const start = this.at
    while (isDigit(this.text.charCodeAt(this.at))) this.at++
    const next = this.text.charCodeAt(this.at)
    const whole = next !== DOT && !isNameStart(next) && this.at - start <= 9
    while (isNameStart(this.text.charCodeAt(this.at)) || isDigit(this.text.charCodeAt(this.at))) this.at++
    if (whole && (this.before === "data" || this.before === "number" || this.before === "item")) this.take(start, "0")
    this.before = "operand"
    return true
  }

  /** Takes out the literal that was just read, unless a cast follows or it is not the whole of an item. */
  private take(start: number, placeholder: string): void {
    let next = this.at
    while (this.text.charCodeAt(next) <= 32) next++
    const after = this.text.charCodeAt(next)
    if (after === COLON || after === DOT || after === LEFT_BRACKET || after === QUOTE) return
    if (this.before === "item" && after !== COMMA && after !== RIGHT_PARENTHESIS) return
    this.out += this.text.slice(this.copied, start) + placeholder
    this.copied = this.at
  }

  private word(): boolean {
    const start = this.at
    while (isNameStart(this.text.charCodeAt(this.at)) || isDigit(this.text.charCodeAt(this.at))) this.at++
    // A letter before a quote makes another kind of string: E'', B'', X'', N'', U&''.
    const next = this.text.charCodeAt(this.at)
    if (next === QUOTE || next === DOLLAR || (next === AMPERSAND && this.at - start === 1)) return false
    const length = this.at - start
    const word = length > 7 ? "" : this.text.slice(start, this.at).toLowerCase()
    if (word === "having") return false
    if (word === "values") this.valuesDepth = this.rows.length
    this.before = WORDS.get(word) ?? "operand"
    return true
  }

  private operator(): boolean {
    const start = this.at
    while (isOperator(this.text.charCodeAt(this.at))) this.at++
    const operator = this.text.slice(start, this.at)
    if (operator.includes("--") || operator.includes("/*")) return false
    const compares = COMPARISONS.has(operator) || ((operator === "+" || operator === "-") && this.before === "operand")
    this.before = compares ? "data" : "other"
    return true
  }

  private symbol(code: number): boolean {
    this.at++
    this.before = "other"
    switch (code) {
      case LEFT_PARENTHESIS: {
        const row = this.rows.length === this.valuesDepth
        this.rows.push(row)
        if (row) this.before = "item"
        return true
      }
      case RIGHT_PARENTHESIS:
        this.rows.pop()
        if (this.rows.length < this.valuesDepth) this.valuesDepth = -1
        this.before = "operand"
        return true
      case COMMA:
        if (this.rows.at(-1) === true && this.rows.length === this.valuesDepth + 1) this.before = "item"
        return true
      case LEFT_BRACKET:
      case RIGHT_BRACKET:
      case DOT:
        return true
      case DOLLAR:
        // A parameter; a dollar-quoted string is not taken apart.
        if (!isDigit(this.text.charCodeAt(this.at))) return false
        while (isDigit(this.text.charCodeAt(this.at))) this.at++
        this.before = "operand"
        return !isNameStart(this.text.charCodeAt(this.at))
      case SEMICOLON:
        return this.text.slice(this.at).trim() === ""
      default:
        return false
    }
  }
}

/** One for each character that an operator may hold, by its code. */
const OPERATORS = new Uint8Array(128)
for (const character of "+-*/<>=~!@#%^&|`?:") OPERATORS[character.charCodeAt(0)] = 1
const COMPARISONS: ReadonlySet<string> = new Set(["=", "<", ">", "<=", ">=", "<>", "!="])

/** What a word makes of the literal behind it. By its lower case; every other word is an operand. */
const WORDS: ReadonlyMap<string, Before> = new Map([
  ["like", "data"],
  ["ilike", "data"],
  ["between", "data"],
  ["and", "number"],
  ["limit", "number"],
  ["offset", "number"],
  ["by", "other"]
])

const QUOTE = 0x27
const DOUBLE_QUOTE = 0x22
const DOLLAR = 0x24
const AMPERSAND = 0x26
const LEFT_PARENTHESIS = 0x28
const RIGHT_PARENTHESIS = 0x29
const COMMA = 0x2c
const DOT = 0x2e
const COLON = 0x3a
const SEMICOLON = 0x3b
const LEFT_BRACKET = 0x5b
const RIGHT_BRACKET = 0x5d

/** Outside the table, and behind the text's end, there is nothing: `undefined` is not 1. */
const isOperator = (code: number): boolean => OPERATORS[code] === 1
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isNameStart = (code: number): boolean =>
  ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x5f || code >= 0x80
