import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import type { Exchange, Outcome, Session, TransactionStatus } from "../../../../core/exchange/index.ts"
import type { ColumnRef, Sql, Statement } from "../../../../core/family/sql/index.ts"
import type { Analyser } from "../../../../core/protocol/index.ts"
import { analysis } from "../../../../protocols/postgres/analysis/index.ts"
import { AskedStatement } from "../../../../protocols/postgres/statement.ts"

const definitions = "CREATE TABLE people (id integer, ssn text); CREATE TABLE orders (id integer, memo text);"

const session: Session = {
  id: "s1",
  pipeline: "p",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => 0
}

/** A client of the analyser: asks, and says how it ended. */
class Client {
  readonly analyser: Analyser<Sql>
  #id = 0

  constructor(analyser: Analyser<Sql>) {
    this.analyser = analyser
  }

  async ask(text: string, phase: Statement["phase"] = "simple"): Promise<readonly [Statement, Exchange<Sql>]> {
    const operation = new AskedStatement(text, phase)
    const exchange: Exchange<Sql> = { id: ++this.#id, session, operation, asked: operation }
    const answer = this.analyser.analyse(exchange)
    return ["_tag" in answer ? await Effect.runPromise(answer.until) : answer, exchange]
  }

  async run(
    text: string,
    result: Outcome["result"] = "completed",
    status: TransactionStatus = "idle"
  ): Promise<Statement> {
    const [statement, exchange] = await this.ask(text)
    this.analyser.settle(exchange, { result, rows: 0, bytes: 0 })
    this.analyser.ready(status)
    return statement
  }
}

const withClient = (body: (client: Client) => Promise<void>): Promise<void> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const opened = yield* analysis({}, { _tag: "Declared", text: definitions })
    const analyser = yield* opened.open(session, undefined)
    yield* Effect.promise(() => body(new Client(analyser)))
  })))

const columnsOf = (statement: Statement): string =>
  statement.results.flatMap(({ columns }) =>
    columns.flatMap(({ sources }) => sources.map(({ table, column }) => `${table}.${column}`))
  )
    .join(" ")

describe("what was analysed", () => {
  it("keeps what was asked and adds what was found", () =>
    withClient(async (client) => {
      const [statement, exchange] = await client.ask("SELECT ssn FROM people")
      expect(statement.text).toBe("SELECT ssn FROM people")
      expect(statement.digest).toBe(exchange.asked.digest)
      expect(statement.summary).toBe("SELECT ssn FROM people")
      expect(statement.kind).toBe("read")
      expect(statement.resolved).toBe(true)
      expect("unresolved" in statement).toBe(false)
    }))

  it("is shared by equal texts, in this session and others", () =>
    withClient(async (client) => {
      const [first] = await client.ask("SELECT ssn FROM people")
      const [second] = await client.ask("SELECT ssn FROM people")
      expect(second.results).toBe(first.results)
      expect(second.reads).toBe(first.reads)
    }))

  it("pins the settings that names rely on", () =>
    withClient(async ({ analyser }) => {
      expect(Object.fromEntries(analyser.settings)).toEqual({
        search_path: "\"public\", pg_temp",
        standard_conforming_strings: "on",
        client_encoding: "UTF8",
        transform_null_equals: "off"
      })
    }))

  it("comes from another thread when the text is long, and is the same", () =>
    withClient(async (client) => {
      const long = `SELECT ssn FROM people WHERE id IN (${"1,".repeat(30_000)}1)`
      const operation = new AskedStatement(long, "simple")
      const held = client.analyser.analyse({ id: 99, session, operation, asked: operation })
      expect("_tag" in held && held._tag).toBe("Hold")
      const [statement] = await client.ask(long)
      expect(columnsOf(statement)).toBe("public.people.ssn")
      const [insert] = await client.ask(`INSERT INTO orders VALUES ${"(1,'x'),".repeat(10_000)}(1,'x')`)
      expect([insert.kind, insert.resolved]).toEqual(["write", true])
    }))
})

describe("what would hold up others", () => {
  const masked = { mask: ({ column }: ColumnRef) => column === "ssn" ? "***" : undefined }

  it("is rewritten in another thread, to the same text", () =>
    withClient(async (client) => {
      const text = (count: number): string => `SELECT upper(ssn) FROM people WHERE id IN (${"1,".repeat(count)}1)`
      const rewritten = async (count: number): Promise<string> => {
        const [statement] = await client.ask(text(count))
        const answer = statement.project!(masked)
        const later = "_tag" in answer && answer._tag === "Later"
        expect(later).toBe(count > 1000)
        const projected = later ? await answer.answer(new AbortController().signal) : answer
        if ("_tag" in projected) throw new Error("reason" in projected ? projected.reason : "late")
        expect([projected.rewritten, projected.resolved]).toEqual([true, true])
        return projected.text
      }
      const short = await rewritten(3)
      expect(await rewritten(20_000)).toBe(short.replace("1,1,1,1", `${"1,".repeat(20_000)}1`))
    }))

  it("is refused under a name, and forgotten as a definition", () =>
    withClient(async (client) => {
      const prepared = await client.run(`PREPARE a AS SELECT ${"id,".repeat(9000)}id FROM people`)
      expect(prepared.unresolved).toBeDefined()
      const [view, exchange] = await client.ask(
        `CREATE TEMP VIEW v AS SELECT id FROM people WHERE id IN (${"id,".repeat(9000)}1)`
      )
      expect(view.resolved).toBe(true)
      client.analyser.settle(exchange, { result: "completed", rows: 0, bytes: 0 })
      expect((await client.ask("SELECT ssn FROM people"))[0].unresolved).toContain("could not be followed")
    }))

  it("waits for the next turn where this one had enough", () =>
    withClient(async ({ analyser }) => {
      const ask = (id: number) => {
        const operation = new AskedStatement(`SELECT ${`${id},`.repeat(400)}1`, "simple")
        return analyser.analyse({ id, session, operation, asked: operation })
      }
      const answers = Array.from({ length: 10 }, (_, id) => ask(id))
      const held = answers.filter((answer) => "_tag" in answer)
      expect(held.length).toBeGreaterThan(3)
      expect(held.length).toBeLessThan(10)
      for (const answer of held) {
        if ("_tag" in answer) expect((await Effect.runPromise(answer.until)).resolved).toBe(true)
      }
    }))
})

describe("names that a session gives", () => {
  it("are known once PREPARE has run", () =>
    withClient(async (client) => {
      await client.run("PREPARE a AS SELECT ssn FROM people")
      expect(columnsOf(await client.run("EXECUTE a"))).toBe("public.people.ssn")
      await client.run("DEALLOCATE a")
      expect((await client.run("EXECUTE a")).resolved).toBe(false)
    }))

  it("are not believed while PREPARE is under way, nor when it failed", () =>
    withClient(async (client) => {
      await client.run("PREPARE a AS SELECT ssn FROM people")
      const [, preparing] = await client.ask("PREPARE a AS SELECT memo FROM orders")
      expect((await client.ask("EXECUTE a"))[0].resolved).toBe(false)
      client.analyser.settle(preparing, { result: "failed", rows: 0, bytes: 0 })
      expect((await client.ask("EXECUTE a"))[0].resolved).toBe(false)
    }))

  it("follow cursors through DECLARE, FETCH, MOVE and CLOSE", () =>
    withClient(async (client) => {
      await client.run("BEGIN", "completed", "open")
      await client.run("DECLARE c CURSOR FOR SELECT ssn FROM people", "completed", "open")
      expect(columnsOf(await client.run("FETCH 5 FROM c", "completed", "open"))).toBe("public.people.ssn")
      expect((await client.run("MOVE 1 FROM c", "completed", "open")).results).toEqual([])
      await client.run("CLOSE c", "completed", "open")
      expect((await client.run("FETCH c", "completed", "open")).resolved).toBe(false)
    }))

  it("are forgotten by DISCARD ALL", () =>
    withClient(async (client) => {
      await client.run("PREPARE a AS SELECT ssn FROM people")
      await client.run("DISCARD ALL")
      expect((await client.run("EXECUTE a")).resolved).toBe(false)
    }))

  it("are not given by a statement that was only parsed", () =>
    withClient(async (client) => {
      const [, exchange] = await client.ask("PREPARE a AS SELECT ssn FROM people", "prepare")
      client.analyser.settle(exchange, { result: "completed", rows: 0, bytes: 0 })
      expect((await client.ask("EXECUTE a"))[0].resolved).toBe(false)
    }))
})

describe("definitions in a session", () => {
  it("are known once they have run", () =>
    withClient(async (client) => {
      expect((await client.run("SELECT a FROM fresh")).resolved).toBe(false)
      await client.run("CREATE TEMP TABLE fresh (a integer, b text)")
      expect(columnsOf(await client.run("SELECT b FROM fresh"))).toBe("pg_temp.fresh.b")
      await client.run("CREATE TEMP TABLE copied AS SELECT ssn AS s FROM people")
      expect(columnsOf(await client.run("SELECT s FROM copied"))).toBe("pg_temp.copied.s")
    }))

  it("never hide a table that was there before", () =>
    withClient(async (client) => {
      await client.run("CREATE TEMP TABLE people (ssn text)")
      expect(columnsOf(await client.run("SELECT ssn FROM people"))).toBe("public.people.ssn")
      expect(columnsOf(await client.run("SELECT ssn FROM pg_temp.people"))).toBe("pg_temp.people.ssn")
    }))

  it("make everything unresolved while they are under way", () =>
    withClient(async (client) => {
      const [, creating] = await client.ask("CREATE TABLE fresh (a integer)")
      expect((await client.ask("SELECT ssn FROM people"))[0].resolved).toBe(false)
      expect((await client.ask("COMMIT"))[0].resolved).toBe(true)
      client.analyser.settle(creating, { result: "completed", rows: 0, bytes: 0 })
      expect((await client.ask("SELECT ssn FROM people"))[0].resolved).toBe(true)
    }))

  it("are not believed when they failed", () =>
    withClient(async (client) => {
      await client.run("CREATE TABLE fresh (a integer)", "failed")
      expect((await client.run("SELECT a FROM fresh")).resolved).toBe(false)
    }))

  it("make relations unresolved when they cannot be followed", () =>
    withClient(async (client) => {
      await client.run("BEGIN", "completed", "open")
      await client.run("ALTER TABLE people INHERIT orders, DISABLE RULE x", "completed", "open")
      const after = await client.run("SELECT ssn FROM people", "completed", "open")
      expect(after.unresolved).toBe("a definition earlier in this transaction could not be followed")
      expect((await client.run("COMMIT")).resolved).toBe(true)
    }))

  it("are not believed after ROLLBACK TO", () =>
    withClient(async (client) => {
      await client.run("BEGIN; SAVEPOINT a", "completed", "open")
      await client.run("ALTER TABLE people ADD COLUMN extra text", "completed", "open")
      expect(columnsOf(await client.run("SELECT extra FROM people", "completed", "open"))).toBe("public.people.extra")
      await client.run("ROLLBACK TO a", "completed", "open")
      expect((await client.run("SELECT extra FROM people", "completed", "open")).resolved).toBe(false)
    }))
})
