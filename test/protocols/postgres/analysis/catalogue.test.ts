import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Reader } from "../../../../core/protocol/index.ts"
import { openReader } from "../../../../plugins/services/catalogue/pg-reader.ts"
import { loadSnapshot } from "../../../../protocols/postgres/analysis/catalogue/loader.ts"
import type { Snapshot } from "../../../../protocols/postgres/analysis/catalogue/snapshot.ts"
import { examine } from "../../../../protocols/postgres/analysis/examine.ts"
import { analysis } from "../../../../protocols/postgres/analysis/index.ts"
import { AskedStatement } from "../../../../protocols/postgres/statement.ts"
import { golden } from "./golden.ts"
import { definitions, lineage, snapshot as declared, uses } from "./schema.ts"
import { installed, type Server, startServer } from "./server.ts"

// 18 comes with the dependencies and must be there; 15 is tested wherever Debian's package is installed.
const majors = [15, 18].filter((major) => major === 18 || installed(major))

describe.each(majors)("the catalogue of PostgreSQL %i", (major) => {
  let server: Server
  let scope: Scope.Closeable
  let reader: Reader
  let live: Snapshot

  const connect = (): Effect.Effect<Reader, unknown> =>
    Scope.provide(
      openReader({
        host: "127.0.0.1",
        port: server.port,
        tls: "off",
        authority: undefined,
        database: "postgres",
        credential: { user: "postgres", password: "none" }
      }, { statementMillis: 10_000, connectMillis: 10_000 }),
      scope
    )

  beforeAll(async () => {
    server = await startServer(major)
    scope = Scope.makeUnsafe()
    await server.sql("CREATE EXTENSION postgres_fdw").catch(() =>
      server.sql("CREATE FOREIGN DATA WRAPPER postgres_fdw")
    )
    await server.sql(definitions)
    reader = await Effect.runPromise(connect())
    live = (await Effect.runPromise(loadSnapshot(reader, 1))).snapshot
  }, 120_000)

  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await server.stop()
  }, 60_000)

  it("has the relations that the same definitions declare", () => {
    const own = [...live.relations].filter(([, { schema }]) => schema === "public" || schema === "hr")
    expect(own.length).toBeGreaterThan(14)
    for (const [name, relation] of own) {
      if (name === "public.orders_id_seq") continue
      const other = declared.relations.get(name)
      expect(other?.kind, name).toBe(relation.kind)
      expect(other?.columns.map((column) => column.name), name).toEqual(relation.columns.map((column) => column.name))
      expect(other?.parents, name).toEqual(relation.parents)
      const byName = (triggers: typeof relation.triggers) => triggers.map(({ routine }) => routine).toSorted()
      expect(byName(other?.triggers ?? []), name).toEqual(byName(relation.triggers))
      expect(other?.cascades ?? [], name).toEqual(relation.cascades)
      expect(other?.rules, name).toEqual(relation.rules)
      if (relation.kind === "view" || relation.kind === "materialised") continue
      expect(other?.columns.map((column) => column.type), name).toEqual(relation.columns.map((column) => column.type))
    }
  })

  it("has the routines that the same definitions declare", () => {
    for (const [name, overloads] of declared.routines) {
      const shape = (all: typeof overloads) =>
        all.map(({ language, volatility, argumentsMin, argumentsMax, set, kind }) =>
          [language, volatility, argumentsMin, argumentsMax, set, kind].join(" ")
        ).toSorted()
      expect(shape(live.routines.get(name) ?? []), name).toEqual(shape(overloads))
    }
  })

  it.each(golden("lineage"))("finds the same lineage: %s", (statement, expected) => {
    const { finding } = examine(statement, live)
    expect(finding.unresolved).toBeUndefined()
    const got = [`  ${lineage(finding)}`, `  uses ${uses(finding)}`].map((line) => line.trimEnd()).join("\n")
    expect(got).toBe(expected)
  })

  it.each(golden("effects"))("finds the same effects: %s", (statement, expected) => {
    const { finding } = examine(statement, live)
    expect(`  ${finding.kind}${finding.unresolved === undefined ? "" : "?"} ${finding.tags.join(",")}`)
      .toBe(expected.split("\n")[0])
  })

  it("predicts the server's names of outputs, and calls nothing a copy that the server does not", async () => {
    let compared = 0
    let copies = 0
    const places = await columnPlaces(server)
    for (const [statement] of golden("lineage")) {
      if (!/^(select|with|values|table)/i.test(statement) || /\$1|delete|json_value/.test(statement)) continue
      const { finding } = examine(statement, live)
      const described = await fieldsOf(server, statement)
      const columns = finding.results[0]?.columns ?? []
      expect(columns.map(({ name }) => name), statement).toEqual(described.map(({ name }) => name))
      for (const [index, { how, sources }] of columns.entries()) {
        if (how !== "copy") continue
        const place = places.get(`${described[index]!.tableID} ${described[index]!.columnID}`)
        expect(place, statement).toBeDefined()
        // The server names a view's own column; what is under it, it does not say.
        if (place!.kind === "v" || place!.kind === "m") continue
        expect(`${sources[0]!.table}.${sources[0]!.column}`, statement).toBe(place!.name)
        copies++
      }
      compared++
    }
    expect(compared).toBeGreaterThan(90)
    expect(copies).toBeGreaterThan(50)
  })

  it("follows what changes, and waits for it when the session itself changed it", async () => {
    await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      const opened = yield* analysis({}, { _tag: "Live", reader: () => connect() as never })
      const session = {
        id: "s",
        pipeline: "p",
        peer: { address: "127.0.0.1", port: 1, encrypted: true },
        now: () => 0
      }
      const analyser = yield* opened.open(session, "postgres")
      let id = 0
      const ask = (text: string) => {
        const operation = new AskedStatement(text, "simple")
        return { id: ++id, session, operation, asked: operation }
      }
      const create = ask("CREATE TABLE later (secret text)")
      analyser.analyse(create)
      yield* Effect.promise(() => server.sql("CREATE TABLE later (secret text)"))
      analyser.settle(create, { result: "completed", rows: 0, bytes: 0 })
      analyser.ready("idle")
      const held = analyser.analyse(ask("SELECT secret FROM later"))
      expect("_tag" in held && held._tag).toBe("Hold")
      const answer = "_tag" in held ? yield* held.until : held
      expect(answer.results[0]?.columns[0]?.sources).toEqual([{ table: "public.later", column: "secret" }])
      const undone = ask("CREATE TABLE never (secret text)")
      analyser.ready("open")
      analyser.analyse(undone)
      analyser.settle(undone, { result: "completed", rows: 0, bytes: 0 })
      analyser.ready("idle")
      const after = analyser.analyse(ask("SELECT secret FROM never"))
      const gone = "_tag" in after ? yield* after.until : after
      expect(gone.resolved).toBe(false)
    })))
  }, 30_000)

  it("says why it cannot connect, and quotes no secret", async () => {
    const refused = await Effect.runPromise(Effect.flip(Effect.scoped(
      openReader({
        host: "127.0.0.1",
        port: 1,
        tls: "off",
        authority: undefined,
        database: "postgres",
        credential: { user: "someone", password: "hunter2" }
      }, { statementMillis: 1000, connectMillis: 1000 })
    )))
    expect(refused.plugin).toBe("catalogue")
    expect(refused.message).toContain("ECONNREFUSED")
    expect(JSON.stringify(refused)).not.toContain("hunter2")
  })

  it("connects again when the connection broke", async () => {
    const own = await Effect.runPromise(connect())
    const [row] = await Effect.runPromise(own.query("SELECT pg_catalog.pg_backend_pid()::text AS pid"))
    await server.sql(`SELECT pg_terminate_backend(${row!["pid"]})`)
    let answer: string | null | undefined
    for (let attempt = 0; attempt < 50 && answer === undefined; attempt++) {
      answer = await Effect.runPromise(own.query("SELECT pg_catalog.pg_backend_pid()::text AS pid"))
        .then(([again]) => again?.["pid"], () => undefined)
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(answer).toBeTypeOf("string")
    expect(answer).not.toBe(row!["pid"])
  })
})

/** The outputs as the server describes them. */
const fieldsOf = async (server: Server, statement: string): Promise<ReadonlyArray<pg.FieldDef>> => {
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" })
  await client.connect()
  try {
    return (await client.query(statement)).fields
  } finally {
    await client.end()
  }
}

interface Place {
  readonly name: string
  readonly kind: string
}

/** Columns by the numbers that RowDescription gives them. */
const columnPlaces = async (server: Server): Promise<ReadonlyMap<string, Place>> => {
  const rows = await server.sql(`SELECT a.attrelid || ' ' || a.attnum AS key, c.relkind::text AS kind,
    n.nspname || '.' || c.relname || '.' || a.attname AS name
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace`)
  return new Map(rows.map((row) => [String(row["key"]), { name: String(row["name"]), kind: String(row["kind"]) }]))
}
