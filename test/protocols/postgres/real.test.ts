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

/** Sends `script` in one piece and collects what comes up to the `ready`th ReadyForQuery. */
const talk = (script: ReadonlyArray<Uint8Array>, ready: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(gateway.port, "127.0.0.1")
    const parts: Array<Uint8Array> = []
    let greeted = false
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      parts.push(chunk)
      const whole = concatBytes(parts)
      // Anything cut in the middle is looked at again with the next chunk.
      const shape = endsWhole(whole) ? shapeOf(whole) : []
      if (!greeted && shape.includes("Z:I")) {
        greeted = true
        parts.length = 0
        socket.write(concatBytes(script))
      } else if (greeted && shape.filter((part) => part.startsWith("Z")).length === ready) {
        socket.end(client.terminate())
        resolve(shape)
      }
    })
    socket.write(client.startup())
    socket.write(client.password("x"))
  })

const endsWhole = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 5 <= bytes.length) at += 1 + view.getUint32(at + 1)
  return at === bytes.length
}

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
      ...[client.parse("", "create table if not exists piped (n int)"), client.bind("", ""), client.execute("")],
      ...[client.parse("s", text), client.bind("", "s"), client.execute(""), client.sync()],
      ...[client.bind("", "s"), client.execute(""), client.sync()],
      ...[client.query("begin"), client.query(text), client.query("select 1"), client.query("rollback")],
      ...[client.parse("", "select 1"), client.query(text), client.bind("", ""), client.sync()],
      ...[client.query("select to_regclass('piped')")]
    ]
    const wrong = await talk(script("wrong"), 9)
    const refused = await talk(script("forbidden"), 9)
    expect(refused.map((part) => part === "E:42501" ? "E:42601" : part)).toEqual(wrong)
    expect(refused).toContain("E:42501")
  })

  it("rows of a statement that nobody described are understood all the same", async () => {
    const shape = await talk([
      client.parse("", "select 'x' as masked"),
      client.bind("", ""),
      client.execute(""),
      client.sync()
    ], 1)
    expect(shape).toEqual(["14", "24", "D15", "C13", "Z:I"])
  })
})
