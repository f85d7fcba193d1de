import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { conceal } from "../../../plugins/recording/conceal.ts"
import { lex } from "../../../plugins/recording/lex.ts"
import { mayBearSecret } from "../../../plugins/recording/secret-bearing.ts"

const mark = (): string => "D"
const found = (text: string) => [...lex(text)].map(({ kind, value }) => [kind, value])

describe("the literals of a text", () => {
  it.each<[string, ReadonlyArray<[string, string]>]>([
    ["select 'a''b', x'1F', B'01', n'q'", [["string", "a'b"], ["string", "1F"], ["string", "01"], ["string", "q"]]],
    ["E'it\\'s' || 'x'", [["string", "it\\'s"], ["string", "x"]]],
    ["U&'d\\0061t' UESCAPE '!'", [["string", "d\\0061t"], ["string", "!"]]],
    ["$$a'b$$ || $q$ $$ $q$", [["string", "a'b"], ["string", " $$ "]]],
    ["a$$b from t1 where c2 = $1", []],
    ["\"it's\" = \"a\"\"b\"", [["name", "it's"], ["name", "a"], ["name", "b"]]],
    ["1 + 2.5e-3 - .5 * 0xFF - 1_000", [["number", "1"], ["number", "2.5e-3"], ["number", ".5"], ["number", "0xFF"], [
      "number",
      "1_000"
    ]]],
    ["1 -- two 'x'\n+ 3", [["number", "1"], ["comment", "-- two 'x'"], ["number", "3"]]],
    ["/* a /* 'b' */ c */ 1", [["comment", "/* a /* 'b' */ c */"], ["number", "1"]]],
    ["'a\\' or b", [["doubtful", "'a\\' or b"]]],
    ["'open", [["doubtful", "'open"]]],
    ["$x$ open", [["doubtful", "$x$ open"]]],
    ["/* open", [["doubtful", "/* open"]]]
  ])("%s", (text, literals) => expect(found(text)).toEqual(literals))

  it("are all concealed in a text that is too long to be taken apart, or has too many", () => {
    const long = `select '${"x".repeat(70_000)}', 'CANARY', 4827, "CANARY"`
    const many = `select ${"1000, ".repeat(2000)}'CANARY'`
    for (const text of [long, many, " ".repeat(70_000) + many]) {
      for (const how of ["values", "secrets", "all"] as const) {
        expect(conceal(text, how, mark)).not.toContain("CANARY'")
        expect(conceal(text, how, mark).startsWith(text.slice(0, 7))).toBe(true)
      }
      expect(conceal(text, "none", mark)).toBe(text)
    }
    expect(conceal(many, "values", mark).match(/…D/g)).toHaveLength(1001)
  })

  it("are found in any text without failing, in order, without overlap", () => {
    const piece = fc.constantFrom(
      "'",
      "''",
      "\\",
      "E'",
      "$$",
      "$a$",
      "--",
      "\n",
      "/*",
      "*/",
      "\"",
      "1",
      "x",
      " ",
      "U&'"
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
        const text = pieces.join("")
        let at = 0
        for (const { end, start } of lex(text)) {
          if (start < at || end <= start || end > text.length) return false
          at = end
        }
        return true
      }),
      { numRuns: 5000 }
    )
  })
})

describe("concealing", () => {
  it("leaves what is no literal as it was, and nothing of a literal", () => {
    expect(conceal("select a from t where b = 'secret' and c = 12345 and d = 1 /* x */", "values", mark))
      .toBe("select a from t where b = '…D' and c = …D and d = 1 /*…D*/")
    expect(conceal("alter role x password 'p' valid until '2030' connection limit 5", "secrets", mark))
      .toBe("alter role x password '…D' valid until '…D' connection limit 5")
    expect(conceal("select 'p'", "none", mark)).toBe("select 'p'")
  })

  it("hides any string, however it is spelt", () => {
    const spellings: ReadonlyArray<(secret: string) => string> = [
      (s) => `'${s.replaceAll("'", "''")}'`,
      (s) => `E'${s.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
      (s) => `$tag$${s}$tag$`,
      (s) => `U&'${s.replaceAll("'", "''")}'`,
      (s) => `-- ${s.replaceAll(/[\r\n]/g, "")}\n`,
      (s) => `'${s.replaceAll("'", "''")}`,
      (s) => `/* ${s} `,
      (s) => `"${s.replaceAll("\"", "\"\"")}"`
    ]
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.nat(spellings.length - 1), (noise, which) => {
        const secret = `${noise.replaceAll(/[$/*]/g, "")}CANARY-9f3${noise.replaceAll(/[$/*]/g, "")}`
        const text = `alter role x with ${spellings[which]!(secret)} login`
        return ["secrets", "all", "whole"].every((how) => !conceal(text, how as "secrets", mark).includes("CANARY"))
      }),
      { numRuns: 3000 }
    )
  })

  it("hides as much where both a credential and protected values may stand", () => {
    const text = "update \"t\" set a = 'xy', b = 7 where c = 'longer' and d = 123456"
    expect(conceal(text, "values", mark)).toBe("update \"t\" set a = 'xy', b = 7 where c = '…D' and d = …D")
    expect(conceal(text, "all", mark)).toBe("update \"…D\" set a = '…D', b = …D where c = '…D' and d = …D")
    expect(conceal(text, "whole", mark)).toBe("…D")
  })

  it("says which statements may carry a credential, when in doubt: yes", () => {
    const yes = [
      ["ALTER ROLE", "alter role x login"],
      ["CREATE USER MAPPING", "create user mapping for x server y options (p 'z')"],
      ["CREATE SUBSCRIPTION", "create subscription s connection 'x' publication p"],
      ["DO", "do $$ begin execute 'alter role x PassWord ''y'''; end $$"],
      ["SELECT", "select dblink('host=x', 'y')"]
    ]
    for (const [tag, text] of yes) expect(mayBearSecret({ tags: [tag!], text: text! }), text).toBe(true)
    expect(mayBearSecret({ tags: [], text: "not sql at all" })).toBe(true)
    expect(mayBearSecret({ tags: ["SELECT"], text: "select name from customers where id = 3" })).toBe(false)
  })
})
