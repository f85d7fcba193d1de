import { describe, expect, it } from "vitest"
import { inert, inertLine } from "../../../plugins/approval/inert.ts"

describe("I17: text that an approver reads", () => {
  it.each([
    ["bidirectional overrides", "a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["zero width, joiners, soft hyphens", "dr\u200bop\u200d\u00ad", "dr\\u{200b}op\\u{200d}\\u{ad}"],
    ["tags and private use", "\u{e0041}\ue000", "\\u{e0041}\\u{e000}"],
    ["terminal escapes and returns", "\u001b[2Jx\r\u0008", "\\u{1b}[2Jx\\u{d}\\u{8}"],
    ["NUL", "a\0b", "a\\u{0}b"],
    ["odd spaces and separators", "a\u00a0b\u2028c\u3000", "a\\u{a0}b\\u{2028}c\\u{3000}"],
    [
      "letters that pass for others",
      "p\u0430ypal \uff41 \u212a \u{1d41a}",
      "p\\u{430}ypal \\u{ff41} \\u{212a} \\u{1d41a}"
    ],
    ["marks that combine with nothing", "\u0301a", "\\u{301}a"],
    ["variation selectors and fillers", "a\ufe0f\u3164", "a\\u{fe0f}\\u{3164}"],
    ["minus signs and quotes of print", "a \u2212 \u2019", "a \\u{2212} \\u{2019}"],
    ["halves of pairs", "a\ud800b", "a\\u{d800}b"]
  ])("spells out %s", (_what, text, shown) => expect(inert(text)).toBe(shown))

  it("lets nothing be pushed off the screen, and cuts nothing", () => {
    const far = `select 1${"\n".repeat(10_000)}; drop table x`
    expect(inert(far)).toBe("select 1\n\\u{9999 blank lines}\n; drop table x")
    expect(inert(`a${" ".repeat(500)}b`)).toBe("a \\u{500 blanks} b")
    expect(inert(`a${"b".repeat(100_000)}c`)).toHaveLength(100_002)
  })

  it("leaves ordinary text as it is", () => {
    const text = "select *\n\tfrom caf\u00e9 where n = '\u4e2d\u6587' -- \u{1f600}"
    expect(inert(text)).toBe(text)
    expect(inertLine("a\n\tb")).toBe("a\\u{a}\\u{9}b")
  })

  it("shows no two texts alike, but for spelt ones and what they stand for", () => {
    const seen = new Map<string, string>()
    for (let point = 0; point < 0x3000; point++) {
      const shown = inert(`a${String.fromCodePoint(point)}b`)
      expect(seen.get(shown)).toBeUndefined()
      seen.set(shown, String(point))
    }
  })

  it("takes no time for what is long and strange", () => {
    const started = performance.now()
    inert("\u202e\n \t\u0430".repeat(50_000))
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
