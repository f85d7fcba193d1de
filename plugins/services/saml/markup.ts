/** A start tag, and where it stands. */
export interface Tag {
  /** Without its prefix. */
  readonly name: string
  /** As they are written, by the name that is written: references are not resolved. */
  readonly attributes: ReadonlyMap<string, string>
  readonly parent: Tag | undefined
  /** The text between this tag and the next, as it is written. */
  text: string
}

const DEPTH_MAX = 64

const SPACE = "[ \\t\\r\\n]"
const NAME = "[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?"
const ATTRIBUTE = `${SPACE}+(${NAME})${SPACE}*=${SPACE}*(?:"([^"<]*)"|'([^'<]*)')`
const OPENING = new RegExp(`<(${NAME})((?:${ATTRIBUTE})*)${SPACE}*(/?)>`, "y")
const CLOSING = new RegExp(`</(${NAME})${SPACE}*>`, "y")
const TEXT = /[^<]+/y
const REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)/

/**
 * The start tags of a document of plain elements, attributes and text, in order; undefined for anything else.
 *
 * The grammar is the part of XML 1.0 (3.1) that has one reading: names in ASCII with at most one colon, every value in
 * quotes and every attribute once, every element closed by its own name, the five references that need no declaration.
 * Parsers mend what is not like that, each in its own way, and see other tags than whoever looked before them.
 */
export const readMarkup = (xml: string): ReadonlyArray<Tag> | undefined => {
  const tags: Array<Tag> = []
  const open: Array<{ readonly written: string; readonly tag: Tag }> = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(xml)
    if (found !== null) at += found[0].length
    return found
  }
  while (at < xml.length) {
    const text = match(TEXT)?.[0]
    if (text !== undefined) {
      if (REFERENCE.test(text) || open.length === 0 && text.trim() !== "") return undefined
      const last = tags.at(-1)
      if (last !== undefined && last.text === "" && open.at(-1)?.tag === last) last.text = text
      continue
    }
    const closing = match(CLOSING)
    if (closing !== null) {
      if (open.pop()?.written !== closing[1]) return undefined
      continue
    }
    const opening = match(OPENING)
    const attributes = opening === null ? undefined : attributesOf(opening[2]!)
    if (opening === null || attributes === undefined || (open.length === 0 && tags.length > 0)) return undefined
    const written = opening[1]!
    const tag: Tag = { name: localOf(written), attributes, parent: open.at(-1)?.tag, text: "" }
    tags.push(tag)
    if (opening.at(-1) !== "/" && open.push({ written, tag }) > DEPTH_MAX) return undefined
  }
  return open.length === 0 && tags.length > 0 ? tags : undefined
}

/** A name without its prefix. */
export const localOf = (name: string): string => name.slice(name.indexOf(":") + 1)

const attributesOf = (written: string): ReadonlyMap<string, string> | undefined => {
  const attributes = new Map<string, string>()
  for (const [, name = "", double, single] of written.matchAll(new RegExp(ATTRIBUTE, "g"))) {
    const value = double ?? single ?? ""
    if (attributes.has(name) || REFERENCE.test(value)) return undefined
    attributes.set(name, value)
  }
  return attributes
}
