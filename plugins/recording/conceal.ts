import { lex } from "./lex.ts"

/** What of a text must not be recorded: nothing, every string (and comment), or also every number. */
export type Concealment = "none" | "strings" | "values"

/** A keyed digest, short and printable. */
export type Digest = (value: string | Uint8Array) => string

/** Under `values`, literals up to this long are kept: too little to tell anything, and needed to read a statement. */
const KEPT_MAX = 3

/**
 * A statement's text with literals replaced by `…` and their keyed digest, so that equal values can be recognised.
 * Comments go too. What the lexer is not sure of is replaced up to the text's end.
 */
export const conceal = (text: string, how: Concealment, digest: Digest): string => {
  if (how === "none") return text
  let out = ""
  let at = 0
  for (const { end, kind, start, value } of lex(text)) {
    if (kind === "number" ? how === "strings" : false) continue
    if (how === "values" && kind !== "comment" && kind !== "doubtful" && value.length <= KEPT_MAX) continue
    out += text.slice(at, start)
    if (kind === "comment") out += `/*…${digest(value)}*/`
    else if (kind === "number") out += `…${digest(value)}`
    else out += `'…${digest(value)}'`
    at = end
  }
  return out + text.slice(at)
}
