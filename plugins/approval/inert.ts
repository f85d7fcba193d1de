/**
 * Text as whoever decides must see it: whatever would move, hide, reorder or imitate is spelt out as `\u{…}`. That is
 * control and format characters (bidi overrides, zero-width, tags, soft hyphens), odd spaces and line separators, what
 * combines with nothing, what no font shows, and letters that pass for ASCII's.
 *
 * Long runs of blank lines are shown as a count, so that nothing is pushed off the screen; nothing is ever cut.
 */
export const inert = (text: string): string =>
  text
    .replace(UNSEEN, spell)
    .replace(LOOKALIKE, spell)
    .replace(/\n(?:[ \t]*\n){3,}/g, (run) => `\n\\u{blank lines: ${run.split("\n").length - 2}}\n`)
    .replace(/[ \t]{40,}/g, (run) => `\\u{blanks: ${run.length}}`)

/** On one line: line breaks and tabs are spelt out too. */
export const inertLine = (text: string): string => inert(text).replace(/[\n\t]/g, spell)

const spell = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

const UNSEEN =
  /[\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?![\n\t])\p{Cc}|(?<=^|[\s\p{Cc}])\p{M}/gu

/** Letters of other scripts, and forms of ASCII's own, that a reader takes for ASCII: where names are compared, no. */
const LOOKALIKE =
  /[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u03bf\u03b1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131\u017f\u212a\uff01-\uff5e\u2212\u2010-\u2015\u2018-\u201f\u02bc\u{1d400}-\u{1d7ff}]/gu
