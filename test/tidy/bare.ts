/** A source with its comments and the text of its templates blanked: the same length, the same lines. */
export interface Bare {
  /** Strings are still there. */
  readonly code: string
  /** Strings and regular expressions are blanked too, but for their quotes. */
  readonly bare: string
  /** The source without the text of its templates and regular expressions, which cannot be broken into lines. */
  readonly breakable: string
}

/** After these, a slash begins a regular expression; after anything else it divides. */
const beforeRegExp =
  /(^|[(,=:[!&|?{};+\-*%~^<>]|\b(return|typeof|case|in|of|do|else|void|delete|throw|await|yield))\s*$/

/** Reads TypeScript just well enough to know what is code. */
export const bareOf = (text: string): Bare => {
  const code = text.split("")
  const bare = text.split("")
  const breakable = text.split("")
  const blank = (from: number, to: number, of: Array<string>): void => {
    for (let i = from; i < to; i++) if (of[i] !== "\n" && i < of.length) of[i] = " "
  }
  const remove = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (text[i] !== "\n" && i < text.length) breakable[i] = ""
  }
  /** For each template that is open, how many braces are open inside its expression. */
  const templates: Array<number> = []
  let at = 0
  const quoted = (open: string): number => {
    let end = at + 1
    for (let inClass = false; end < text.length && text[end] !== "\n"; end++) {
      if (text[end] === "\\") end++
      else if (open === "/" && text[end] === "[") inClass = true
      else if (open === "/" && text[end] === "]") inClass = false
      else if (text[end] === open && !inClass) break
    }
    return end
  }
  const template = (from: number): void => {
    let end = from
    while (end < text.length && text[end] !== "`" && !text.startsWith("${", end)) end += text[end] === "\\" ? 2 : 1
    blank(from, end, code)
    blank(from, end, bare)
    remove(from, end)
    if (text[end] === "$") {
      templates.push(0)
      at = end + 2
    } else at = end + 1
  }
  while (at < text.length) {
    const character = text[at]!
    if (text.startsWith("//", at) || text.startsWith("/*", at)) {
      const close = text.startsWith("//", at) ? text.indexOf("\n", at) : text.indexOf("*/", at) + 2
      const end = close < at + 2 ? text.length : close
      blank(at, end, code)
      blank(at, end, bare)
      at = end
    } else if (character === "\"" || character === "'") {
      const end = quoted(character)
      blank(at + 1, end, bare)
      at = end + 1
    } else if (character === "/" && beforeRegExp.test(bare.slice(Math.max(0, at - 80), at).join(""))) {
      const end = quoted("/")
      blank(at + 1, end, bare)
      blank(at + 1, end, code)
      remove(at + 1, end)
      at = end + 1
    } else if (character === "`") template(at + 1)
    else if (character === "}" && templates[templates.length - 1] === 0) {
      templates.pop()
      template(at + 1)
    } else {
      if (templates.length > 0 && character === "{") templates[templates.length - 1]!++
      if (templates.length > 0 && character === "}") templates[templates.length - 1]!--
      at++
    }
  }
  return { code: code.join(""), bare: bare.join(""), breakable: breakable.join("") }
}
