/**
 * The parts of an SQL text that hold values: string, bit and dollar-quoted literals, numbers, comments, and quoted
 * names, which other dialects take for strings (PostgreSQL manual 4.1). `doubtful` reaches to the text's end: from
 * there on it depends on the server's settings, or on a missing quote, what is a literal.
 */
export interface Literal {
  readonly kind: "string" | "number" | "name" | "comment" | "doubtful"
  /** Where it stands, prefix and quotes included. */
  readonly start: number
  readonly end: number
  /** What is inside, with doubled quotes undone. */
  readonly value: string
}

/** Of longer texts, only so much is taken apart, in UTF-16 units: whoever records holds up everybody else. */
export const LEXED_MAX = 65_536

/** Finds the literals of a text, in order. Never fails; what begins behind `LEXED_MAX` is one that is doubtful. */
export function* lex(text: string): Generator<Literal> {
  for (let at = 0; at < text.length;) {
    const found = at < LEXED_MAX ? literalAt(text, at) : doubtful(text, at)
    if (found !== undefined) {
      yield found
      at = found.end
    } else at = skip(text, at)
  }
}

const literalAt = (text: string, at: number): Literal | undefined => {
  const c = text[at]!
  switch (c) {
    case "'":
      return quoted(text, at, at, false)
    case "\"":
      return name(text, at)
    case "-":
      return text[at + 1] === "-" ? comment(text, at, lineEnd(text, at)) : undefined
    case "/":
      return text[at + 1] === "*" ? blockComment(text, at) : undefined
    case "$":
      return dollar(text, at)
    case ".":
      return isDigit(text[at + 1]) ? number(text, at) : undefined
  }
  if (isDigit(c)) return number(text, at)
  // E'…', B'…', X'…', N'…', and U&'…': a prefix belongs to its literal.
  const next = text[at + 1]
  if (next === "'" && /[ebxnEBXN]/.test(c)) return quoted(text, at, at + 1, c === "e" || c === "E")
  if (next === "&" && text[at + 2] === "'" && (c === "u" || c === "U")) return quoted(text, at, at + 2, false)
  return undefined
}

/** Past one thing that is no literal: a bare identifier, a parameter's number, or one character. */
const skip = (text: string, at: number): number => {
  if (text[at] === "$") {
    let end = at + 1
    while (isDigit(text[end])) end++
    return end
  }
  if (!isIdentifier(text[at])) return at + 1
  let end = at + 1
  while (isIdentifier(text[end]) || isDigit(text[end]) || text[end] === "$") end++
  return end
}

const quoted = (text: string, start: number, quote: number, escapes: boolean): Literal => {
  const pieces: Array<string> = []
  for (let at = quote + 1;;) {
    plain.lastIndex = at
    plain.test(text)
    const end = plain.lastIndex
    const c = text[end]
    if (c === undefined) return doubtful(text, start)
    // Without E, whether a backslash escapes is a setting (standard_conforming_strings): before a quote it matters.
    if (c === "\\" && !escapes && text[end + 1] === "'") return doubtful(text, start)
    const isDoubled = c === "'" && text[end + 1] === "'"
    const isEscape = c === "\\" && escapes
    if (c === "'" && !isDoubled) {
      return { kind: "string", start, end: end + 1, value: pieces.join("") + text.slice(at, end) }
    }
    pieces.push(text.slice(at, isEscape ? end + 2 : end + 1))
    at = end + (isEscape || isDoubled ? 2 : 1)
  }
}

/** What of a string needs no look. */
const plain = /[^'\\]*/y

/** A doubled quote inside reads as two names side by side, which hides the same. */
const name = (text: string, start: number): Literal => {
  const end = text.indexOf("\"", start + 1)
  return end < 0 ? doubtful(text, start) : { kind: "name", start, end: end + 1, value: text.slice(start + 1, end) }
}

const dollar = (text: string, at: number): Literal | undefined => {
  let end = at + 1
  while (isIdentifier(text[end]) || (end > at + 1 && isDigit(text[end]))) end++
  if (text[end] !== "$") return undefined
  const tag = text.slice(at, end + 1)
  const close = text.indexOf(tag, end + 1)
  if (close < 0) return doubtful(text, at)
  return { kind: "string", start: at, end: close + tag.length, value: text.slice(end + 1, close) }
}

const number = (text: string, at: number): Literal => {
  let end = at + 1
  while (end < text.length) {
    const c = text[end]!
    const signed = (c === "+" || c === "-") && /[eE]/.test(text[end - 1]!) && !/^0[xX]/.test(text.slice(at, at + 2))
    if (!isDigit(c) && !isIdentifier(c) && c !== "." && !signed) break
    end++
  }
  return { kind: "number", start: at, end, value: text.slice(at, end) }
}

const blockComment = (text: string, at: number): Literal => {
  let depth = 1
  for (const { 0: pair, index } of text.slice(at + 2).matchAll(/\/\*|\*\//g)) {
    depth += pair === "/*" ? 1 : -1
    if (depth === 0) return comment(text, at, at + 2 + index + 2)
  }
  return doubtful(text, at)
}

const lineEnd = (text: string, at: number): number => {
  let end = at
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++
  return end
}

const comment = (text: string, start: number, end: number): Literal => ({
  kind: "comment",
  start,
  end,
  value: text.slice(start, end)
})

const doubtful = (text: string, start: number): Literal => ({
  kind: "doubtful",
  start,
  end: text.length,
  value: text.slice(start)
})

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= "0" && c <= "9"
const isIdentifier = (c: string | undefined): boolean =>
  c !== undefined && (c === "_" || c >= "a" && c <= "z" || c >= "A" && c <= "Z" || c >= "\u0080")
