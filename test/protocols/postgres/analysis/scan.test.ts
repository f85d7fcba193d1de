import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { defaultScanLimits, scan, type ScanLimits } from "../../../../protocols/postgres/analysis/guard/scan.ts"
import { find } from "./schema.ts"

const reason = (text: string, limits?: ScanLimits): string | undefined => scan(text, 18, limits)

describe("the guard before the parser", () => {
  it.each([
    ["comments", `SELECT 1 ${"/*".repeat(40)}`, "comments nest too deeply"],
    ["a bomb of comments", "/*".repeat(500_000), "comments nest too deeply"],
    ["brackets", `SELECT ${"(".repeat(200)}1${")".repeat(200)}`, "brackets nest too deeply"],
    ["square brackets", `SELECT a${"[".repeat(200)}`, "brackets nest too deeply"],
    ["operators", `SELECT 1${"+1".repeat(20_000)}`, "an expression is longer than may be analysed"],
    ["negations", `SELECT ${"NOT ".repeat(20_000)}a`, "an expression is longer than may be analysed"],
    ["casts", `SELECT 1${"::int".repeat(20_000)}`, "an expression is longer than may be analysed"],
    ["set operations", `SELECT 1${" UNION SELECT 1".repeat(20_000)}`, "an expression is longer than may be analysed"],
    ["joins", `SELECT 1 FROM a${" CROSS JOIN b".repeat(20_000)}`, "an expression is longer than may be analysed"],
    [
      "chains inside brackets",
      `SELECT ${"(1+".repeat(100)}${"1+".repeat(4000)}1`,
      "an expression is longer than may be analysed"
    ],
    ["tokens", "1,".repeat(300_000), "the text has more tokens than may be analysed"],
    ["length", "x".repeat(1_048_577), "the text is longer than may be analysed"],
    ["a NUL", "SELECT 1\0", "a NUL is not understood"],
    ["a NUL in a string", "SELECT '\0'", "a NUL is not understood"],
    ["a NUL in a comment", "SELECT 1 /* \0 */", "a NUL is not understood"],
    ["a NUL in dollar quotes", "SELECT $$\0$$", "a NUL is not understood"],
    ["half a character", "SELECT '\ud83d'", "text that is not valid UTF-8 is not understood"],
    ["what was no UTF-8", "SELECT '\ufffd'", "text that is not valid UTF-8 is not understood"],
    ["an open string", "SELECT 'a", "a string does not end"],
    ["an open name", "SELECT \"a", "a quoted name does not end"],
    ["an open comment", "SELECT /* a", "a comment does not end"],
    ["an open dollar quote", "SELECT $a$ $b$", "a dollar-quoted string does not end"],
    ["a lone dollar", "SELECT $ 1", "a lone dollar sign is not understood"],
    ["a parameter with letters", "SELECT $1a", "a parameter that runs into a name is not understood"],
    ["brackets that do not match", "SELECT (1", "brackets do not match"],
    ["too many closed", "SELECT 1)", "brackets do not match"],
    [
      "a long name",
      `SELECT ${"a".repeat(64)}`,
      "a name longer than 63 bytes is cut by PostgreSQL, and so is not understood"
    ]
  ])("refuses %s", (_, text, expected) => {
    expect(reason(text)).toBe(expected)
    expect(find(text).unresolved).toBe(expected)
    expect(find(text).kind).toBe("unknown")
  })

  it.each([
    ["E strings with quotes", "SELECT E'a\\'b' , '(' "],
    ["brackets in strings, names and comments", "SELECT '(((', \"((\" /* ((( */ -- (((\n"],
    ["dollar quotes in dollar quotes", "SELECT $a$ $b$ ( $b$ $a$"],
    ["doubled quotes", "SELECT 'it''s (', \"a\"\"(\""],
    ["a name of 63 bytes", `SELECT ${"a".repeat(63)}`],
    ["dollars inside names", "SELECT a$b$c"],
    ["numbers", "SELECT 1.5e-10, .5, 1., 1e10, 0x1F, 1_000"],
    ["long lists", `SELECT 1 WHERE 1 IN (${"1,".repeat(50_000)}1)`],
    ["long conjunctions", `SELECT 1 WHERE true${" AND 1 = 1".repeat(10_000)}`],
    ["string prefixes in any case", "SELECT b'101', X'1F', n'a', e'\\''"]
  ])("lets %s pass", (_, text) => {
    expect(reason(text)).toBeUndefined()
  })

  it("reads every character a bounded number of times, whatever the text is", () => {
    const pieces = fc.constantFrom(
      "/*",
      "*/",
      "'",
      "\"",
      "$$",
      "$a$",
      "--",
      "\n",
      "(",
      ")",
      "[",
      "E'",
      "\\",
      "1",
      "a",
      ",",
      " "
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 300 }), (parts) => {
        const text = parts.join("")
        const counted = counting(text)
        scan(counted.text, 18)
        expect(counted.reads()).toBeLessThan(12 * text.length + 50)
      }),
      { numRuns: 1000 }
    )
  })

  it("notices a scan that starts again from the beginning", () => {
    const text = "/*".repeat(30) + "*/".repeat(30)
    const counted = counting(text)
    for (let start = 0; start < text.length; start++) scan(counted.text, 18)
    expect(counted.reads()).toBeGreaterThan(12 * text.length + 50)
  })

  it("keeps its limits in one place", () => {
    const tight = { ...defaultScanLimits, nestingMax: 2 }
    expect(reason("SELECT ((1))", tight)).toBeUndefined()
    expect(reason("SELECT (((1)))", tight)).toBe("brackets nest too deeply")
  })
})

/** A text that counts how often its characters are read one by one. */
const counting = (text: string): { readonly text: string; readonly reads: () => number } => {
  let reads = 0
  const counted = Object.assign(Object(text) as object, {
    charCodeAt: (at: number) => {
      reads++
      return text.charCodeAt(at)
    }
  })
  return { text: counted as unknown as string, reads: () => reads }
}
