/** A run of text as it is, or what stands for something that must not be shown as it is. */
export interface Piece {
  readonly text: string
  readonly spelt: boolean
}

/**
 * Text as whoever decides must see it: whatever would move, hide, reorder or imitate is spelt out as `\u{…}`. That is
 * control and format characters (bidi overrides, zero-width, tags, soft hyphens), odd spaces and line separators, marks
 * that combine with nothing, what no font shows, and letters that pass for ASCII's.
 *
 * Long runs of blanks and blank lines are shown as a count, so that nothing is pushed off the screen; nothing is cut.
 */
export const pieces = (text: string): ReadonlyArray<Piece> => {
  const found: Array<Piece> = []
  let from = 0
  for (const match of text.matchAll(STRANGE)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), spelt: false })
    found.push({ text: spell(match[0]), spelt: true })
    from = match.index + match[0].length
  }
  if (from < text.length) found.push({ text: text.slice(from), spelt: false })
  return found
}

export const inert = (text: string): string => pieces(text).map((piece) => piece.text).join("")

/** On one line: line breaks and tabs are spelt out too. */
export const inertLine = (text: string): string => inert(text).replace(/[\n\t]/g, spell)

const spell = (strange: string): string => {
  if (/^\n[ \t]*\n/.test(strange)) return `\n\\u{${strange.split("\n").length - 2} blank lines}\n`
  if (/^[ \t]{2}/.test(strange)) return ` \\u{${strange.length} blanks} `
  return `\\u{${strange.codePointAt(0)!.toString(16)}}`
}

const BLANKS = String.raw`\n(?:[ \t]*\n){3,}|[ \t]{40,}`
const UNSEEN = String.raw`[\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]`
  + String.raw`|(?! )\p{Zs}|(?![\n\t])\p{Cc}|(?<=^|[\s\p{Cc}])\p{M}`
/** Letters of other scripts, and forms of ASCII's own, that a reader takes for ASCII: where names are compared, no. */
const LOOKALIKE = "[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d"
  + "\u041e\u0420\u0421\u0422\u0425\u0406\u03bf\u03b1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
  + "\u03a4\u03a5\u03a7\u0131\u017f\u212a\uff01-\uff5e\u2212\u2010-\u2015\u2018-\u201f\u02bc\u{1d400}-\u{1d7ff}]"
const STRANGE = new RegExp(`${BLANKS}|${UNSEEN}|${LOOKALIKE}`, "gu")
