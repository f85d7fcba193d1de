import * as fc from "fast-check"
import * as net from "node:net"
import pg from "pg"
import postgres from "postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { concatBytes } from "../../../core/bytes/index.ts"
import { allow, deny } from "../../../core/exchange/index.ts"
import { postgresCodec } from "../../../protocols/postgres/index.ts"
import { client, shapeOf } from "../../fixtures/client-messages.ts"
import { contextOf, listen } from "../../fixtures/open-relay.ts"
import { type RealPostgres, startPostgres } from "../../fixtures/real-postgres.ts"
import { config } from "../../fixtures/session.ts"

let server: RealPostgres
let gateway: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  server = await startPostgres()
  gateway = await listen(() => postgresCodec(config)(contextOf()), { host: "127.0.0.1", port: server.port }, {
    decide: ({ operation }) => operation.text.includes("forbidden") ? deny("residency", "Not here.") : allow,
    transform: (output) => {
      if (output.kind !== "row") return
      for (const [at, column] of output.columns.entries()) {
        const masked = column.name === "masked" ? column.encode("*****") : undefined
        if (masked !== undefined) output.replace(at, masked)
      }
    }
  })
}, 60_000)

afterAll(async () => {
  await server?.stop()
  await gateway?.close()
})

const login = () => ({ host: "127.0.0.1", port: gateway.port, user: "ada", password: "x", database: "postgres" })

/** Logs in at `port`, sends `script` in one piece and collects what comes up to the answer to its last query. */
const talk = (port: number, script: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1")
    let parts: Array<Uint8Array> = []
    let greeted = false
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      parts.push(chunk)
      const whole = concatBytes(parts)
      parts = [whole]
      // Anything cut in the middle is looked at again with the next chunk.
      const shape = endsWhole(whole) ? shapeOf(whole) : []
      if (!greeted && shape.at(-1) === "R8" && shape.length === 1) socket.write(client.password("x"))
      else if (!greeted && shape.includes("Z:I")) {
        greeted = true
        parts = []
        socket.write(concatBytes([...script, END]))
      } else if (greeted && (shape.at(-1) ?? "").startsWith("Z") && text(whole).includes(MARK)) {
        socket.end(client.terminate())
        resolve(shape)
      }
    })
    socket.write(client.startup({ user: "postgres", database: "postgres" }))
  })

const MARK = "the end of the script"
const END = concatBytes([client.sync(), client.query("rollback"), client.query(`select '${MARK}'`)])
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const endsWhole = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 5 <= bytes.length) at += 1 + view.getUint32(at + 1)
  return at === bytes.length
}

/**
 * Refusals are played by syntax errors; and of an unnamed statement that a Query has dropped inside an open pipeline,
 * PostgreSQL 18 says `XX000` where it says `26000` otherwise.
 */
const asServer = (part: string): string => ({ "E:42501": "E:42601", "E:XX000": "E:26000" })[part] ?? part

describe("with a real server", () => {
  it("pg: simple, extended, named, denied, in a transaction", async () => {
    const db = new pg.Client(login())
    await db.connect()
    expect((await db.query("select 1 as a; select 'é' as b")) as unknown).toMatchObject([
      { rows: [{ a: 1 }] },
      { rows: [{ b: "é" }] }
    ])
    expect((await db.query("select $1::int + 1 as n, $2::text as masked", [4, "z"])).rows).toEqual([
      { n: 5, masked: "*****" }
    ])
    for (const n of [1, 2]) {
      expect((await db.query({ name: "named", text: "select $1::int as n", values: [n] })).rows).toEqual([{ n }])
    }
    await expect(db.query("select 'forbidden'")).rejects.toMatchObject({ code: "42501", routine: "sluice_residency" })
    await expect(db.query("select $1::int as forbidden", [1])).rejects.toMatchObject({ code: "42501" })
    await db.query("create table kept (n int)")
    await db.query("begin")
    await db.query("insert into kept values ($1)", [1])
    await expect(db.query("select $1::int as forbidden", [1])).rejects.toMatchObject({ code: "42501" })
    await expect(db.query("select 1")).rejects.toMatchObject({ code: "25P02" })
    expect((await db.query("commit")).command).toBe("ROLLBACK")
    expect((await db.query("select count(*)::int as n from kept")).rows).toEqual([{ n: 0 }])
    await db.end()
  })

  it("postgres: pipelined, cursors, COPY both ways", async () => {
    const sql = postgres({ ...login(), username: "ada", max: 1 })
    const many = await Promise.all(Array.from({ length: 200 }, (_, i) => sql`select ${i}::int as k`))
    expect(many.map((rows) => rows[0]?.["k"])).toEqual(Array.from({ length: 200 }, (_, i) => i))
    let rows = 0
    await sql`select g, 'x' as masked from generate_series(1, 1000) g`.cursor(100, (some) => {
      expect(some.every(({ masked }) => masked === "*****")).toBe(true)
      rows += some.length
    })
    expect(rows).toBe(1000)
    await sql`create table copied (n int, t text)`
    const into = await sql`copy copied from stdin`.writable()
    into.write("1\tone\n2\ttwo\n")
    into.end()
    await new Promise((done) => into.once("close", done))
    expect((await sql`select count(*)::int as n from copied`)[0]).toEqual({ n: 2 })
    const out: Array<string> = []
    for await (const chunk of await sql`copy copied to stdout`.readable()) out.push(String(chunk))
    expect(out.join("")).toBe("1\tone\n2\ttwo\n")
    await sql.end()
  })

  it("PG14 a refusal in a pipeline is what a syntax error is there", async () => {
    const script = (text: string): ReadonlyArray<Uint8Array> => [
      client.parse("", "create table if not exists piped (n int)"),
      client.bind("", ""),
      client.execute(""),
      client.parse("s", text),
      client.bind("", "s"),
      client.execute(""),
      client.sync(),
      client.bind("", "s"),
      client.execute(""),
      client.sync(),
      client.query("begin"),
      client.query(text),
      client.query("select 1"),
      client.query("rollback"),
      client.parse("", "select 1"),
      client.query(text),
      client.bind("", ""),
      client.sync(),
      client.query("select to_regclass('piped')")
    ]
    const wrong = await talk(server.port, script("forbidden"))
    const refused = await talk(gateway.port, script("forbidden"))
    expect(refused.map((part) => part === "E:42501" ? "E:42601" : part)).toEqual(wrong)
    expect(refused).toContain("E:42501")
  })

  it("rows of a statement that nobody described are understood all the same", async () => {
    const shape = await talk(gateway.port, [
      client.parse("", "select 'x' as masked"),
      client.bind("", ""),
      client.execute("")
    ])
    expect(shape.slice(0, 4)).toEqual(["14", "24", "D15", "C13"])
  })

  it("a description that the server skips is asked for again", async () => {
    const script = [
      client.parse("s", "select 1"),
      client.sync(),
      client.parse("", "wrong"),
      client.describe("statement", "s"),
      client.sync(),
      client.bind("", "s"),
      client.execute(""),
      client.sync()
    ]
    expect(await talk(gateway.port, script)).toEqual(await talk(server.port, script))
  })

  it("PG19 rows in binary are described as binary, whoever asked for the description", async () => {
    const statement = "select 7::int4 as n, 'x'::text as masked"
    const bind = client.raw("B", [0, 0x62, 0, 0, 0, 0, 0, 0, 1, 0, 1])
    const start = gateway.seen.length
    const parse = client.parse("b", statement)
    await talk(gateway.port, [parse, bind, client.execute("")])
    await talk(gateway.port, [parse, client.describe("statement", "b"), bind, client.execute("")])
    await talk(gateway.port, [parse, bind, client.describe("portal", ""), client.execute("")])
    const described = gateway.seen.slice(start).flatMap((event) =>
      event._tag === "Output" && event.output.kind === "description" && event.exchange?.operation.text === statement
        ? [event.output.columns.map(({ type, format }) => `${type} ${format}`)]
        : []
    )
    expect(described).toEqual(Array.from({ length: 3 }, () => ["int4 binary", "text binary"]))
  })

  it("random scripts: a refusal is what a syntax error is, and all else is the server's own", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (script) => {
        const direct = await talk(server.port, script)
        const through = await talk(gateway.port, script)
        expect(through.map(asServer)).toEqual(direct.map(asServer))
      }),
      { numRuns: Number(process.env["REAL_RUNS"] ?? 50) }
    )
  }, 600_000)
})

const statement = fc.constantFrom(
  "begin",
  "commit",
  "rollback",
  "select g, 'name' from generate_series(1, 3) g",
  "insert into pg_temp.kept values (1)",
  "create temp table if not exists kept (n int)",
  "select 1/0",
  "do $$begin raise notice 'noted'; end$$",
  "set application_name to 'x'",
  "notify channel, 'payload'",
  "listen channel",
  "copy (select 1) to stdout",
  "",
  "discard all",
  "deallocate all",
  "declare c cursor with hold for select 1",
  "fetch 1 from c",
  "forbidden",
  "forbidden"
)
const name = fc.constantFrom("", "x", "y")
const of = fc.constantFrom("statement" as const, "portal" as const)
const step: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: statement.map(client.query) },
  { weight: 3, arbitrary: fc.tuple(name, statement).map(([as, what]) => client.parse(as, what)) },
  { weight: 3, arbitrary: fc.tuple(name, name).map(([portal, from]) => client.bind(portal, from)) },
  fc.tuple(of, name).map(([kind, which]) => client.describe(kind, which)),
  { weight: 3, arbitrary: fc.tuple(name, fc.constantFrom(0, 1)).map(([which, rows]) => client.execute(which, rows)) },
  fc.tuple(of, name).map(([kind, which]) => client.close(kind, which)),
  {
    weight: 3,
    arbitrary: fc.tuple(name, statement).map(([as, what]) =>
      concatBytes([client.parse(as, what), client.bind(as, as), client.execute(as)])
    )
  },
  { weight: 4, arbitrary: fc.constant(client.sync()) },
  fc.constant(client.flush())
)
