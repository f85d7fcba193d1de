import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Column, Lineage } from "../../../core/family/sql/index.ts"
import { type Decided, Memory, openMemory } from "../../../plugins/masking/detection/index.ts"
import { maskJson, type MaskOf, maskSpans } from "../../../plugins/masking/detection/spans.ts"
import { fixed } from "../../../plugins/masking/operators/index.ts"
import { memoryState } from "../../../plugins/residency/index.ts"
import { columnOf, copy, derived, exchangeOf, FakeRow, masker, reportOf, statementOf } from "./fakes.ts"

const CARD = "4111 1111 1111 1111"
const customers = [{ data_set: "customers", table: "public.customers", column: "email", kind: "email" }]

interface Asked {
  readonly config: Parameters<typeof masker>[0]
  readonly memory?: Memory
  readonly groups?: ReadonlyArray<string>
  readonly lineage?: Lineage
}

/** What a caller sees of cells of one column, one row each. */
const shown = (column: Column, values: ReadonlyArray<string | null>, asked: Asked): ReadonlyArray<string | null> => {
  const { config, groups = [], lineage = copy(`public.notes.${column.name}`), memory } = asked
  const { transform } = masker(config, new Map(), memory)
  const exchange = exchangeOf(statementOf({ results: [[lineage]] }), { protect: customers, groups })
  const columns = [column]
  return values.map((value) => {
    const bytes = value === null ? null : column.format === "text" ? Buffer.from(value) : column.encode(value)
    if (bytes === undefined) throw new Error("the column cannot hold it")
    const row = new FakeRow(columns, [bytes])
    transform(row, exchange)
    const after = row.cells[0]!
    if (after === null || column.format === "text") return after === null ? null : Buffer.from(after).toString()
    let read: string | null = null
    column.substitute(after, {
      of: (text) => {
        read = text
        return text
      },
      constant: () => null
    })
    return read
  })
}
const text = columnOf("note", "text")
const balanced = { config: { detect: "balanced" } } as const
const strict = { config: { detect: "strict" } } as const

describe("columns that nobody declared", () => {
  it("are left alone, unless the file says otherwise", () => {
    expect(shown(text, ["write to ada@example.com"], { config: {} })).toEqual(["write to ada@example.com"])
    expect(shown(text, ["write to ada@example.com"], { config: { detect: "off" } })).toEqual([
      "write to ada@example.com"
    ])
  })

  it.each(["text", "binary"] as const)("lose what is found in a text, %s", (format) => {
    const column = columnOf("note", "text", format)
    expect(shown(column, ["write to ada@example.com, please", `card ${CARD}.`, "nothing here", null], balanced))
      .toEqual([
        "write to ****@****.***, please",
        "card ****-****-****-****.",
        "nothing here",
        null
      ])
  })

  it("lose the whole text under strict", () => {
    expect(shown(text, ["nothing here", "write to ada@example.com, please"], strict)).toEqual(["nothing here", "****"])
  })

  it("have the masks of the file", () => {
    const config = { detect: "balanced", masks: { email: { use: "replace", with: "[mail]" } } } as const
    expect(shown(text, ["to ada@example.com"], { config })).toEqual(["to [mail]"])
    const own = { detect: "balanced", masks: { "public.notes.note": { use: "null" } } } as const
    expect(shown(text, ["to ada@example.com"], { config: own })).toEqual(["to "])
  })

  it.each(["json", "jsonb"])("lose members of %s documents, and nothing else", (type) => {
    const column = columnOf("doc", type)
    const doc = `{"mail": "ada@example.com", "n": 1.50, "in": [{"note": "call +49 30 901820 soon"}], "ok": "Grüße"}`
    expect(shown(column, [doc], balanced)).toEqual([
      `{"mail": "****@****.***", "n": 1.50, "in": [{"note": "call ***-***-**** soon"}], "ok": "Grüße"}`
    ])
    expect(shown(column, [`{"ssn": 536904399}`, `{"n": 536904399}`], balanced)).toEqual([
      `{"ssn": "***-**-****"}`,
      `{"n": 536904399}`
    ])
    expect(shown(column, [`{"ada@example.com": 1}`, `{"a": "ada\\u0040example.com"}`], balanced)).toEqual([
      `"****"`,
      `{"a": "****@****.***"}`
    ])
  })

  it("lose elements of arrays", () => {
    expect(shown(columnOf("notes", "_text"), ["{\"to ada@example.com\",plain,NULL}"], balanced)).toEqual([
      "{\"to ****@****.***\",plain,NULL}"
    ])
  })

  it("keep numbers that might be anything", () => {
    const column = columnOf("id", "int8")
    expect(shown(column, ["4111111111111111"], balanced)).toEqual(["4111111111111111"])
  })

  it("are shown to whom the file reveals", () => {
    const config = { detect: "strict", reveal_to_group: "dpo" } as const
    expect(shown(text, ["ada@example.com"], { config, groups: ["dpo"] })).toEqual(["ada@example.com"])
    expect(shown(text, ["ada@example.com"], { config, groups: ["other"] })).toEqual(["****@****.***"])
  })

  it("are left alone where the file excepts them", () => {
    for (const path of ["public.notes", "public.notes.note"]) {
      const config = { detect: "balanced", detect_except: [path] } as const
      expect(shown(text, ["ada@example.com"], { config })).toEqual(["ada@example.com"])
    }
    const other = { detect: "balanced", detect_except: ["public.notes.body"] } as const
    expect(shown(text, ["ada@example.com"], { config: other })).toEqual(["****@****.***"])
  })

  it("are looked at whatever computes them, or an answer that nobody foretold", () => {
    const computed = derived("note", "public.notes.a", "public.notes.b")
    expect(shown(text, ["ada@example.com"], { ...balanced, lineage: computed })).toEqual(["****@****.***"])
  })

  it("never weaken what is declared", () => {
    const { transform } = masker({ detect: "balanced", detect_except: ["public.customers"] })
    const columns = [columnOf("email", "text"), text]
    const row = new FakeRow(columns, [Buffer.from("not a mail"), Buffer.from("to ada@example.com")])
    const results = [[copy("public.customers.email"), copy("public.notes.note")]]
    transform(row, exchangeOf(statementOf({ results }), { protect: customers }))
    expect(row.cells.map(String)).toEqual(["****@****.***", "to ****@****.***"])
  })

  it("come masked where they cannot be looked at", () => {
    const broken: Column = {
      ...text,
      name: "note",
      encode: (value) => text.encode(value),
      substitute: () => {
        throw new Error("no")
      }
    }
    expect(shown(broken, ["to ada@example.com"], balanced)).toEqual(["****"])
    expect(shown(text, ["x".repeat((1 << 20) + 1)], balanced)).toEqual(["****"])
  })

  it("are not quoted by errors", () => {
    const { transform } = masker({ detect: "balanced" })
    const report = reportOf("23505", { detail: "Key (mail)=(ada@example.com) already exists.", table: "notes" })
    transform(report, exchangeOf(statementOf({ reads: [{ kind: "table", name: "public.notes" }] }), { protect: [] }))
    expect(report.extras.get("detail")).toBe("Key (mail)=(****@****.***) already exists.")
    expect(report.extras.get("table")).toBe("notes")
  })
})

describe("a column that is learned", () => {
  const mails = Array.from({ length: 9 }, (_, i) => `person-${i}@example.com`)
  const first = (column: Column, values: ReadonlyArray<string>, memory: Memory, more: Partial<Asked> = {}) =>
    shown(column, values, { ...strict, memory, ...more })

  it("is masked from the first row of the next statement, also where a cell says nothing", () => {
    const memory = new Memory()
    first(columnOf("c1", "text"), mails, memory)
    expect(first(columnOf("c1", "text"), ["unknown"], memory)).toEqual(["****@****.***"])
    expect(first(columnOf("c2", "text"), ["unknown"], memory)).toEqual(["unknown"])
  })

  it("is the same column under another name, and in COPY", () => {
    const memory = new Memory()
    first(columnOf("c1", "text"), mails, memory)
    const lineage = copy("public.notes.c1", "harmless")
    expect(first(columnOf("harmless", "text"), ["unknown"], memory, { lineage })).toEqual(["****@****.***"])
  })

  it("is told by its name alone, and no more where its cells say otherwise", () => {
    expect(first(columnOf("password", "text"), ["correct-horse"], new Memory())).toEqual(["****"])
  })

  it("holds names, which no single cell shows", () => {
    const names = ["James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Susan"]
    const memory = new Memory()
    first(columnOf("first_name", "text"), names, memory)
    expect(first(columnOf("first_name", "text"), ["Xq"], memory)).toEqual(["****"])
  })

  it("is learned anew where the name stands for another relation", () => {
    const memory = new Memory()
    const at = (tableOid: number): Column =>
      Object.assign(columnOf("c1", "text"), { origin: { tableOid, attribute: 1 } })
    first(at(1), mails, memory)
    expect(first(at(1), ["unknown"], memory)).toEqual(["****@****.***"])
    expect(first(at(2), ["unknown"], memory)).toEqual(["unknown"])
  })

  it("is no catalogue's", () => {
    const names = ["James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Susan"]
    const lineage = copy("pg_catalog.pg_class.first_name")
    expect(first(columnOf("first_name", "text"), names, new Memory(), { lineage })).toEqual(names)
  })

  it("is known after a restart", async () => {
    const state = memoryState()
    await Effect.runPromise(Effect.scoped(Effect.map(openMemory(state), (memory) => first(text, mails, memory))))
    const again = Effect.map(openMemory(state), (memory) => first(text, ["unknown"], memory))
    expect(await Effect.runPromise(Effect.scoped(again))).toEqual(["****@****.***"])
  })

  it("is saved once, and again where it could not be", () => {
    const memory = new Memory()
    first(text, mails, memory)
    const taken: ReadonlyMap<string, Decided> = memory.takeUnsaved()
    expect([...taken.values()]).toEqual([{ kind: "email" }])
    expect(memory.takeUnsaved().size).toBe(0)
    memory.giveBack(taken)
    expect(memory.takeUnsaved().size).toBe(1)
  })
})

describe("what is planted anywhere", () => {
  const planted = ["ada@canary.example", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "192.0.2.77"]
  const words = fc.constantFrom("note", "to", "Grüße,", "\"quoted\"", "{", "back\\slash", "12", "\n", "日本")
  const texts = fc.array(fc.oneof(words, fc.constantFrom(...planted)), { maxLength: 12 }).map((parts) =>
    parts.join(" ; ")
  )
  const documents = fc.letrec((tie) => ({
    value: fc.oneof(texts, fc.integer(), fc.constant(null), fc.array(tie("value"), { maxLength: 3 }), tie("object")),
    object: fc.dictionary(fc.constantFrom("a", "note", "b c"), tie("value"), { maxKeys: 3 })
  })).value
  const maskOf: MaskOf = () => fixed("redact", "*")
  const shows = (text: string): boolean => planted.some((one) => text.includes(one))

  const leaks = (mask: (text: string, json: boolean) => string | null | undefined): boolean =>
    fc.check(
      fc.property(texts, documents, (text, document) => {
        const json = JSON.stringify(document)
        const [one, other] = [mask(text, false) ?? text, mask(json, true)]
        if (shows(one) || shows(other === undefined ? json : other ?? "null")) return false
        if (other !== undefined && other !== null) JSON.parse(other)
        return shows(text) || one === text
      }),
      { numRuns: 300 }
    ).failed

  it("is gone, documents stay documents, and nothing else is touched", () => {
    expect(leaks((text, json) => json ? maskJson(text, maskOf, false) : maskSpans(text, maskOf))).toBe(false)
  })
  it.each<[string, Parameters<typeof leaks>[0]]>([
    ["that masks the first span only", (text) => maskSpans(text, maskOf)?.replace("*", planted[0]!)],
    ["that takes documents for text", (text, json) => json ? undefined : maskSpans(text, maskOf)],
    ["that masks everything", () => "*"]
  ])("would be found with a masker %s", (_, mask) => expect(leaks(mask)).toBe(true))
})
