import { lex, type Literal } from "./lex.ts"

/**
 * What of a text must not be recorded: `none`. `values`: strings, numbers and comments, short ones excepted. `secrets`:
 * strings, quoted names and comments. `all`: both. `whole`: nothing of the text is.
 */
export type Concealment = "none" | "values" | "secrets" | "all" | "whole"

/** A keyed digest, short and printable. */
export type Digest = (value: string | Uint8Array) => string

/** Under `values`, literals of up to so many characters are kept: they tell little, and a statement is read by them. */
const KEPT_MAX = 3

/** So many literals are concealed one by one; what follows them is concealed as one. */
const HIDDEN_MAX = 1000

/**
 * A statement's text with literals replaced by `…` and their keyed digest, so that equal values can be recognised.
 * Comments go too. What the lexer is not sure of is replaced up to the text's end.
 */
export const conceal = (text: string, how: Concealment, digest: Digest): string => {
  if (how === "none") return text
  if (how === "whole") return `…${digest(text)}`
  let out = ""
  let at = 0
  let hidden = 0
  for (const literal of lex(text)) {
    if (!isHidden(literal, how)) continue
    if (++hidden > HIDDEN_MAX) return `${out}${text.slice(at, literal.start)}'…${digest(text.slice(literal.start))}'`
    out += text.slice(at, literal.start) + substitute(literal, digest(literal.value))
    at = literal.end
  }
  return out + text.slice(at)
}

const isHidden = ({ kind, value }: Literal, how: "values" | "secrets" | "all"): boolean => {
  switch (kind) {
    case "number":
      return how === "all" || how === "values" && value.length > KEPT_MAX
    case "name":
      return how !== "values"
    case "string":
      return how !== "values" || value.length > KEPT_MAX
    case "comment":
    case "doubtful":
      break
  }
  return true
}

const substitute = ({ kind }: Literal, token: string): string => {
  switch (kind) {
    case "comment":
      return `/*…${token}*/`
    case "number":
      return `…${token}`
    case "name":
      return `"…${token}"`
    case "string":
    case "doubtful":
      break
  }
  return `'…${token}'`
}
