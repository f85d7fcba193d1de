import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes, type Wire, writeInt16, writeInt32 } from "../../../core/bytes/index.ts"
import type { Column, Row } from "../../../core/family/sql/index.ts"
import { deny, Principal, type Receipt } from "../../../core/index.ts"
import { valueOf } from "../../../plugins/recording/value.ts"
import { DataRow } from "../../../protocols/postgres/row.ts"
import { ann, answer, ask, desk, digest, exchange, parameter, protection, statement } from "./desk.ts"

const CANARY = "CANARY-7c1e"
const login = {
  user: "ann",
  database: "shop",
  method: "password" as const,
  secret: Buffer.from(CANARY),
  settings: new Map([["application_name", "psql"]])
}
const receipt = { decision: "mask", outcome: "mask", policy: "p", inputs: "i" } as unknown as Receipt

describe("a recorded session", () => {
  it("begins with who it is, and ends with what it did", () => {
    const bench = desk()
    bench.facts.set(Principal, ann)
    bench.recorder.login({ _tag: "LoggedIn", login, verdict: { _tag: "Allow" } }, bench.facts)
    const seen = exchange(bench, 1, statement("select a from t"), { receipt })
    ask(bench, seen)
    bench.pass(12)
    bench.recorder.note({ _tag: "Settled", outcome: { result: "completed", rows: 3, bytes: 40 } }, seen)
    ask(bench, exchange(bench, 2, statement("select b from t")), deny("residency", "No."))
    bench.recorder.close("finished")
    expect(bench.records).toMatchObject([
      {
        type: "session.start",
        body: {
          pipeline: "orders",
          policy: "policy-hash",
          peer: { address: "192.0.2.7" },
          login: { user: "ann", database: "shop", settings: { application_name: "psql" } },
          principal: { subject: "ann", groups: ["analysts"], claims: { region: "us" }, actors: [{ subject: "bot" }] }
        }
      },
      {
        type: "operation",
        body: { exchange: 1, text: "select a from t", digest: "sha256:select a from t", verdict: "allow", receipt }
      },
      { type: "outcome", body: { exchange: 1, result: "completed", rows: 3, bytes: 40, milliseconds: 12 } },
      { type: "operation", body: { exchange: 2, verdict: { deny: "residency", message: "No." } } },
      { type: "session.end", body: { reason: "finished", operations: 2, denials: 1, rows: 3, bytes: 40 } }
    ])
    expect(JSON.stringify(bench.records)).not.toContain(CANARY)
  })

  it("records refused logins, without anyone's name when nobody was identified", () => {
    const bench = desk()
    bench.recorder.login({ _tag: "LoggedIn", login, verdict: deny("identity", "Who?") }, bench.facts)
    expect(bench.records).toMatchObject([{
      type: "session.refused",
      body: { deny: "identity", login: { user: "ann" } }
    }])
    expect(bench.records[0]!.body["principal"]).toBeUndefined()
    expect(JSON.stringify(bench.records)).not.toContain(CANARY)
  })

  it("corrects a receipt's outcome by the verdict that was final", () => {
    const bench = desk()
    const body = ask(bench, exchange(bench, 1, statement("select 1"), { receipt }), deny("guardrail", "No."))
    expect(body["receipt"]).toMatchObject({ decision: "mask", outcome: "deny", outcome_code: "guardrail" })
  })

  it("says a prepared text once, and a binding's parameters once", () => {
    const bench = desk()
    const text = "select a from t where b = $1"
    const prepared = ask(bench, exchange(bench, 1, statement(text, { phase: "prepare" })))
    const parameters = [parameter("x"), parameter(null), { format: "binary" as const, value: Buffer.from([0, 255]) }]
    const bound = ask(bench, exchange(bench, 2, statement(text, { phase: "bind", parameters, digest: "d2" })))
    const run = ask(bench, exchange(bench, 3, statement(text, { phase: "execute", parameters, digest: "d2" })))
    expect([prepared["text"], prepared["of"]]).toEqual([text, undefined])
    expect([bound["text"], bound["of"], bound["parameters"]]).toEqual([undefined, 1, ["x", null, { base64: "AP8=" }]])
    expect([run["text"], run["of"], run["parameters"]]).toEqual([undefined, 2, undefined])
    const alone = ask(bench, exchange(bench, 4, statement(text, { phase: "execute", parameters, digest: "other" })))
    expect([alone["text"], alone["parameters"]]).toEqual([text, bound["parameters"]])
  })

  it("keeps what was asked beside what runs instead", () => {
    const bench = desk()
    const asked = statement("select * from t")
    const body = ask(bench, exchange(bench, 1, statement("select a from t", { rewritten: true }), { asked }))
    expect(body).toMatchObject({ text: "select a from t", asked: { text: "select * from t" } })
  })

  it("says every parameter, however many, and conceals what is too many as one", () => {
    const parameters = Array.from({ length: 5000 }, (_, index) => parameter(`p${index}`))
    const said = (bench: ReturnType<typeof desk>): any =>
      ask(bench, exchange(bench, 1, statement("select $1", { phase: "bind", parameters })))["parameters"]
    expect(said(desk())).toEqual(parameters.map((_, index) => `p${index}`))
    const concealed = said(desk({ parameters: false }))
    expect(concealed).toHaveLength(257)
    expect([concealed[255], concealed[256].more]).toEqual([{ digest: digest("p255") }, 4744])
    expect(JSON.stringify(concealed)).not.toMatch(/p4\d{3}"/)
    parameters[4999] = parameter("other")
    expect(said(desk({ parameters: false }))[256].digest).not.toBe(concealed[256].digest)
  })

  it("leaves parameters out where the file says so", () => {
    const bench = desk({ parameters: false })
    const body = ask(bench, exchange(bench, 1, statement("select $1", { phase: "bind", parameters: [parameter("x")] })))
    expect(body["parameters"]).toEqual([{ digest: digest("x") }])
  })
})

describe("secrets", () => {
  it("of protected columns enter neither as literals, nor as parameters, nor as digests that can be guessed", () => {
    const bench = desk({ inputs: true })
    const write = statement(`insert into t values ('${CANARY}', 31337)`, { digest: "abcd" })
    const body = ask(bench, exchange(bench, 1, write, { protection }))
    const bind = { phase: "bind" as const, parameters: [parameter(CANARY)] }
    ask(bench, exchange(bench, 2, statement("insert into t values ($1)", bind), { protection }))
    const copying = exchange(bench, 3, statement("copy t from stdin", { tags: ["COPY"] }), { protection })
    ask(bench, copying)
    const input = { kind: "copy", bytes: Buffer.from(CANARY) }
    bench.recorder.note({ _tag: "Input", input, verdict: { _tag: "Allow" } }, copying)
    expect(JSON.stringify(bench.records)).not.toMatch(/CANARY|31337|abcd"/)
    // Equal values can be recognised, and only with the key.
    expect(body["text"]).toContain(digest(CANARY))
    expect(JSON.stringify(bench.records[1])).toContain(digest(CANARY))
    expect(bench.records.at(-1)).toEqual({
      type: "input",
      body: { exchange: 3, bytes: CANARY.length, digest: digest(CANARY) }
    })
  })

  it("do not enter when it is not known what an operation touches", () => {
    const bench = desk()
    const blind = statement(`select f('${CANARY}')`, { resolved: false, unresolved: "function f" })
    expect(JSON.stringify(ask(bench, exchange(bench, 1, blind, { receipt })))).not.toContain("CANARY")
  })

  it.each(["ALTER ROLE", "CREATE ROLE", "CREATE SUBSCRIPTION", "CREATE USER MAPPING", "ALTER SERVER"])(
    "of %s do not enter",
    (tag) => {
      const bench = desk()
      const body = ask(
        bench,
        exchange(bench, 1, statement(`${tag} x PASSWORD '${CANARY}' -- ${CANARY}`, { tags: [tag] }))
      )
      expect(JSON.stringify(body)).not.toContain("CANARY")
      expect(body["text"]).toContain(`${tag} x PASSWORD '…`)
    }
  )

  it("do not enter where no parser understood what speaks of one", () => {
    const bench = desk()
    const body = ask(
      bench,
      exchange(bench, 1, statement(`alter role x password ${CANARY}`, { tags: [], kind: "unknown" }))
    )
    expect(JSON.stringify(body)).not.toContain("CANARY")
  })

  it("are hidden in what was asked, too", () => {
    const bench = desk()
    const asked = statement(`alter role x password '${CANARY}'`, { tags: ["ALTER ROLE"] })
    const seen = exchange(bench, 1, statement("select 1", { rewritten: true }), { asked })
    expect(JSON.stringify(ask(bench, seen))).not.toContain("CANARY")
  })
})

describe("answers", () => {
  const column = (name: string, format: "text" | "binary"): Column => ({
    name,
    type: "text",
    format,
    encode: () => undefined,
    valueType: { name: "text" },
    substitute: () => null
  })
  const row = (columns: ReadonlyArray<Column>, values: ReadonlyArray<string | null>, result = 0): Row => ({
    kind: "row",
    columns,
    result,
    isNull: (i) => values[i] === null,
    bytes: (i) => values[i] === null ? null : Buffer.from(values[i]!, "latin1"),
    replace: () => undefined
  })

  const wireOf = (values: ReadonlyArray<Uint8Array | null>): Wire => {
    const parts = values.map((value) => {
      const part = new Uint8Array(4 + (value?.length ?? 0))
      writeInt32(part, 0, value?.length ?? -1)
      part.set(value ?? [], 4)
      return part
    })
    const head = new Uint8Array(7)
    head[0] = 0x44
    writeInt16(head, 5, values.length)
    const chunk = concatBytes([head, ...parts])
    writeInt32(chunk, 1, chunk.length - 1)
    return { chunk, start: 0, end: chunk.length }
  }

  it("are recorded as the client saw them, many rows to a record", () => {
    const bench = desk({ answers: true })
    const columns = [column("a", "text"), column("b", "binary")]
    const seen = exchange(bench, 1, statement("select a, b from t"))
    ask(bench, seen)
    for (let i = 0; i < 3000; i++)
      answer(bench, seen, row(columns, [`value ${i} ${"x".repeat(40)}`, i === 0 ? null : "\xff"]))
    answer(bench, seen, { kind: "completion", tag: "SELECT 3000", rows: 3000 })
    bench.recorder.note({ _tag: "Settled", outcome: { result: "completed", rows: 3000, bytes: 1 } }, seen)
    const answers = bench.records.filter(({ type }) => type === "answer").map(({ body }) => body)
    expect(answers[0]).toMatchObject({ exchange: 1, columns: [{ name: "a", format: "text" }, { name: "b" }] })
    const rows = answers.flatMap((body) => Array.isArray(body["rows"]) ? body["rows"] : [])
    expect(rows).toHaveLength(3000)
    expect([rows[0]?.[1], rows[1]?.[1]]).toEqual([null, { base64: "/w==" }])
    expect(rows[2999]?.[0]).toContain("value 2999 ")
    for (const body of answers) expect(JSON.stringify(body).length).toBeLessThan(100_000)
    expect(answers.at(-1)).toMatchObject({ completion: "SELECT 3000" })
    expect(bench.records.at(-1)?.type).toBe("outcome")
  })

  it("are recorded byte for byte, whatever the values are made of", () => {
    const value = fc.option(fc.oneof(
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.string({ maxLength: 9000 }).map((text) => Buffer.from(text))
    ))
    const columns = [column("a", "text"), column("b", "binary"), column("c", "text")]
    fc.assert(fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 8 }), (rows) => {
      const bench = desk({ answers: true })
      const seen = exchange(bench, 1, statement("select a, b, c from t"))
      ask(bench, seen)
      const dataRow = new DataRow()
      for (const values of rows) {
        dataRow.move(wireOf(values), columns, 0)
        answer(bench, seen, dataRow)
      }
      answer(bench, seen, { kind: "completion", tag: "SELECT", rows: 0 })
      const said = bench.records.flatMap(({ body }) => Array.isArray(body["rows"]) ? body["rows"] : [])
      expect(said).toEqual(rows.map((values) => values.map((bytes, i) => valueOf(bytes, columns[i]!.format))))
    }))
  })

  it("are not recorded unless asked for", () => {
    const bench = desk()
    const seen = exchange(bench, 1, statement("select a from t"))
    ask(bench, seen)
    answer(bench, seen, row([column("a", "text")], [CANARY]))
    expect(JSON.stringify(bench.records)).not.toContain("CANARY")
  })
})
