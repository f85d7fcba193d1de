/** A plain string or a number as it stands in a text: from `start` up to `end`, in UTF-16 units. */
export interface Literal {
  readonly start: number
  readonly end: number
}

const blank = /\s+/y
const string = /'[^']*(?:''[^']*)*'/y
const number = /\d+(?:\.\d+)?(?![\w.$\u0080-\uffff])/y
const name = /"[^"]*(?:""[^"]*)*"|[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*(?!['$&\w\u0080-\uffff])/y
const parameter = /\$\d+(?![\w$\u0080-\uffff])/y
const other = /[(),.;*=<>+[\]:|]|-(?!-)|\/(?!\*)/y

/**
 * The literals of a text, in order; undefined where the text has anything that this is not sure of: comments, other
 * kinds of strings and of numbers, strings that a line end makes one of (PostgreSQL manual, 4.1.2.1). Two texts that
 * differ in the values of plain literals alone have as many of them, at the same places in this order.
 */
export const literalsIn = (text: string): ReadonlyArray<Literal> | undefined => {
  const found: Array<Literal> = []
  let isAfterString = false
  for (let at = 0; at < text.length;) {
    at = endOf(blank, text, at) ?? at
    if (at === text.length) break
    const end = endOf(name, text, at) ?? endOf(parameter, text, at) ?? endOf(other, text, at)
    const quoted = end === undefined ? endOf(string, text, at) : undefined
    if (isAfterString && quoted !== undefined) return undefined
    isAfterString = quoted !== undefined
    const literal = end === undefined ? quoted ?? endOf(number, text, at) : undefined
    if (literal !== undefined) found.push({ start: at, end: literal })
    const next = end ?? literal
    if (next === undefined) return undefined
    at = next
  }
  return found
}

const endOf = (pattern: RegExp, text: string, at: number): number | undefined => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** What a literal stands for. Strings are standard ones: a backslash is a backslash. */
export const valueOf = (text: string, { end, start }: Literal): string =>
  text.charCodeAt(start) === 0x27 ? text.slice(start + 1, end - 1).replaceAll("''", "'") : text.slice(start, end)
