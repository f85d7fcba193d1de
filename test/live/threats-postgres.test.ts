import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findCanary } from "../../core/testing/index.ts"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { canaries, clerk, shop, support } from "../fixtures/shop.ts"
import { type Told, WireClient } from "../fixtures/wire-client.ts"

/**
 * Attacks on the wire, against real servers. What must not have happened is asked of the upstream's own log; what must
 * not have left is looked for, in every encoding, in all that any client was told, in the ledger and in the log.
 */
let live: Live
let token: string
const wires: Array<WireClient> = []
const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${live.process!.pid}/status`, "utf8"))![1])

beforeAll(async () => {
  live = await Live.start({ ...shop, pipeline: "    limits: { login_seconds: 2 }" })
  token = await live.token(clerk, 3600)
})
afterAll(() => live?.stop())

const open = async (): Promise<WireClient> => {
  const wire = await WireClient.open(live.port)
  wires.push(wire)
  return wire
}
const login = async (pairs?: Record<string, string>, password = token): Promise<WireClient> => {
  const wire = await WireClient.login(live.port, password, pairs)
  wires.push(wire)
  return wire
}
const refusedWith = (pairs: Record<string, string>): Promise<string> =>
  login(pairs).then(() => "let in", (error: Error) => error.message)
const typesOf = (told: ReadonlyArray<Told>): string => told.map(({ type }) => type).join("")
const int32 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4))
  return bytes
}
const SSL_REQUEST = int32(8, 80877103)
/** A statement that shows in the upstream's log if it ever gets there. */
const marked = (marker: string): Uint8Array => say.query(`insert into scratch values ('${marker}', 1)`)
const ran = (marker: string): boolean => live.upstreamLog().includes(marker)
const keyOf = (wire: WireClient): Buffer => Buffer.from(wire.told.find(({ type }) => type === "K")!.body)
const cancel = async (key: Uint8Array): Promise<void> => {
  const wire = await open()
  wire.send(Buffer.concat([int32(8 + key.length, 80877102), key]))
  expect(await wire.gone()).toBe(true)
  expect(wire.bytes.length).toBe(0)
}
const LONG = say.query("select count(*) from generate_series(1, 100000000000)")

describe("before the login", () => {
  it("PG05 plaintext behind a request for encryption is never parsed", async () => {
    const wire = await open()
    wire.send(SSL_REQUEST, say.startup({ user: "app", database: "postgres" }), say.password(token), marked("pg05"))
    expect(await wire.gone()).toBe(true)
    expect(ran("pg05")).toBe(false)
  })
  it("PG08 a request for encryption, and then silence", async () => {
    const wire = await open()
    wire.send(SSL_REQUEST)
    expect(await wire.gone(10_000)).toBe(true)
  })
  it.each<[string, Record<string, string>]>([
    ["options", { options: "-c search_path=evil -c session_authorization=postgres" }],
    ["role", { role: "postgres" }],
    ["session_authorization", { session_authorization: "postgres" }],
    ["search_path", { search_path: "evil" }],
    ["session_preload_libraries", { session_preload_libraries: "auto_explain" }],
    ["standard_conforming_strings", { standard_conforming_strings: "off" }],
    ["row_security", { row_security: "off" }],
    ["client_encoding", { client_encoding: "SJIS" }]
  ])("PG11 a startup packet with %s", async (_name, more) => {
    expect(await refusedWith({ user: "app", database: "postgres", ...more })).toMatch(
      /FATAL (22023|42501|0A000|28000) /
    )
  })
  it.each(["true", "database", "1", "on"])("PG12 replication=%s", async (replication) => {
    expect(await refusedWith({ user: "app", database: "postgres", replication })).toMatch(/FATAL \w{5} /)
    expect(live.upstreamLog()).not.toContain("replication connection authorized")
  })
  it("PG23 what is pipelined behind a wrong password never runs; behind a right one, only what is allowed", async () => {
    const startup = say.startup({ user: "app", database: "postgres" })
    const wrong = await open()
    wrong.send(startup, say.password(`${token}x`), marked("pg23-wrong"))
    expect(await wrong.gone()).toBe(true)
    const right = await open()
    right.send(
      startup,
      say.password(token),
      say.query("delete from stray where what = 'pg23-denied'"),
      marked("pg23-right")
    )
    expect(await right.until(({ type }) => type === "C")).toBe(true)
    expect(ran("pg23-wrong")).toBe(false)
    expect(ran("pg23-denied")).toBe(false)
    expect(ran("pg23-right")).toBe(true)
  })
  it("PG28 other versions of the protocol", async () => {
    for (const version of [0x20000, 0x10000, 0x40000, 0]) {
      const wire = await open()
      wire.send(Buffer.concat([int32(8 + 10, version), Buffer.from("user\0app\0\0")]))
      expect(await wire.gone()).toBe(true)
    }
    for (const minor of [2, 99, 9999]) {
      const wire = await open()
      const startup = Buffer.from(say.startup({ user: "app", database: "postgres" }))
      startup.writeUInt32BE(0x30000 + minor, 4)
      wire.send(startup, say.password(token))
      expect(await wire.until(({ type }) => type === "Z")).toBe(true)
      if (minor > 2) expect(wire.types).toContain("v")
      expect(keyOf(wire).length).toBeGreaterThanOrEqual(8)
    }
  })
  it("PG29 names that a server would cut, or take for something else", async () => {
    const long = "a".repeat(64)
    expect(await refusedWith({ user: long, database: "postgres" })).toMatch(/FATAL /)
    expect(await refusedWith({ user: "app", database: `postgres${"x".repeat(60)}` })).toMatch(/FATAL /)
    expect(await refusedWith({ user: "app", database: "pgbouncer" })).toMatch(/FATAL /)
    expect(await refusedWith({ user: "app", database: "POSTGRES" })).toMatch(/FATAL /)
  })
})

describe("PG10 a request to cancel", () => {
  const running = async () => {
    const wire = await login()
    wire.send(LONG)
    await sleep(300)
    return wire
  }
  it("with a guessed key, another session's, or an altered one, cancels nothing", async () => {
    const [busy, other] = [await running(), await login()]
    const key = keyOf(busy)
    const altered = Buffer.from(key)
    altered[altered.length - 1]! ^= 1
    for (const guess of [altered, keyOf(other), Buffer.alloc(key.length), key.subarray(0, 8), Buffer.alloc(256, 1)]) {
      if (!guess.equals(key)) await cancel(guess)
    }
    await sleep(300)
    expect(busy.errors).toEqual([])
    await cancel(key)
    expect(await busy.until(({ type }) => type === "E")).toBe(true)
    expect(busy.errors.join()).toMatch(/57014/)
  })
  it("after the end of what ran, or of the session, hits nothing that came later", async () => {
    const first = await login()
    await first.ask(say.query("select 1"))
    const key = keyOf(first)
    await cancel(key)
    expect(typesOf(await first.ask(say.query("select 2")))).toBe("TDCZ")
    first.destroy()
    await sleep(100)
    const busy = await running()
    await cancel(key)
    await sleep(300)
    expect(busy.errors).toEqual([])
    await cancel(keyOf(busy))
    expect(await busy.until(({ type }) => type === "E")).toBe(true)
  })
})

describe("in a session", () => {
  it("PG13 a function call by its number", async () => {
    const wire = await login()
    for (const oid of [3458, 3826, 2159, 764]) {
      const call = Buffer.concat([int32(oid), Buffer.from([0, 0, 0, 0, 0, 0])])
      wire.send(say.raw("F", [...call]))
    }
    expect(await wire.until(({ type }) => type === "E") || wire.isClosed).toBe(true)
    expect(live.upstreamLog()).not.toMatch(/fastpath/i)
  })
  it("PG14 a denied statement in a pipeline takes everything up to Sync with it", async () => {
    const wire = await login()
    const step = (text: string) => [say.parse("", text), say.bind("", ""), say.execute("")]
    const told = await wire.ask(
      ...step("insert into scratch values ('pg14-first', 1)"),
      ...step("select what as pg14_denied from stray"),
      ...step("insert into scratch values ('pg14-last', 1)"),
      say.sync()
    )
    expect(typesOf(told)).toMatch(/^12C1?2?EZ$/)
    expect(ran("pg14_denied") || ran("pg14-last")).toBe(false)
    const { rows } = await live.direct((client) => client.query("select from scratch where sku like 'pg14%'"))
    expect(rows).toEqual([])
  })
  it("PG15 a name that was closed and given anew is judged by what it names now", async () => {
    const wire = await login()
    await wire.ask(say.parse("s", "select sku from prices order by sku limit 1"), say.bind("p", "s"), say.sync())
    await wire.ask(say.close("statement", "s"), say.sync())
    const told = await wire.ask(
      say.parse("s", "select what as pg15_denied from stray"),
      say.bind("p", "s"),
      say.execute("p"),
      say.sync()
    )
    expect(typesOf(told)).toContain("E")
    expect(typesOf(told)).not.toContain("D")
    expect(ran("pg15_denied")).toBe(false)
  })
  it("PG17 names of SQL and of the protocol, mixed", async () => {
    const wire = await login()
    await wire.ask(say.query("prepare s as select ssn from customers order by id"))
    await wire.ask(say.bind("", "s"), say.describe("portal", ""), say.execute(""), say.sync())
    await wire.ask(say.query("execute s"))
    await wire.ask(say.parse("t", "select email from customers order by id"), say.sync())
    await wire.ask(say.query("execute t"))
    await wire.ask(say.query("deallocate all"))
    await wire.ask(say.bind("", "t"), say.execute(""), say.sync())
    await wire.ask(say.query("execute s"))
    expect(typesOf(await wire.ask(say.query("select 1")))).toBe("TDCZ")
  })
  it("PG18 a portal that is resumed row by row is masked every time", async () => {
    const wire = await login()
    wire.send(say.query("begin"))
    const resumed = Array.from({ length: 4 }, () => say.execute("p", 1))
    const told = await wire.ask(say.parse("", "select ssn from customers"), say.bind("p", ""), ...resumed, say.sync())
    await wire.until(({ type }) => type === "s")
    expect(typesOf(wire.told)).toContain("DsDs")
    expect(told.length).toBeGreaterThan(0)
    wire.destroy()
  })
  it.each(["ssn", "email", "born", "phone", "*", "id, ssn, born, balance, profile, tags"])(
    "PG19 %s in binary",
    async (what) => {
      const wire = await login()
      const bind = say.raw("B", [0, 0, 0, 0, 0, 0, 0, 1, 0, 1])
      const told = await wire.ask(say.parse("", `select ${what} from customers`), bind, say.execute(""), say.sync())
      expect(typesOf(told)).toMatch(/^12DDDCZ$|E/)
    }
  )
  it.each(["", "csv", "binary"])("PG20 COPY of protected columns, %s", async (format) => {
    const wire = await login()
    const options = format === "" ? "" : ` with (format ${format})`
    for (const from of ["customers", "customers (id, ssn)", "(select email, name from customers)"]) {
      const told = await wire.ask(say.query(`copy ${from} to stdout${options}`))
      expect(typesOf(told)).toMatch(/^(Hd+cC|E)Z$/)
    }
  })
  it("PG21 what is copied in is data, whatever it looks like", async () => {
    const wire = await login()
    wire.send(say.query("copy scratch from stdin"))
    await wire.until(({ type }) => type === "G")
    const hostile = Buffer.from(marked("pg21-inner")).toString("latin1").replaceAll(/[\t\n\\\0]/g, ".")
    wire.send(say.copyData(`${hostile}\t1\n`), say.copyData("pg21\t2\n"), say.copyFail("no"), marked("pg21-after"))
    expect(await wire.until(({ body, type }) => type === "C" && body.toString().startsWith("INSERT"))).toBe(true)
    const { rows } = await live.direct((client) => client.query("select sku from scratch where sku like '%pg21%'"))
    expect(rows).toEqual([{ sku: "pg21-after" }])
  })
  it("PG26 notices between rows reach the session they belong to, and no other", async () => {
    const [one, other] = [await login(), await login()]
    await one.ask(say.query("drop table if exists nosuch_pg26"))
    await other.ask(say.query("select 1"))
    expect(other.types).not.toContain("N")
    expect(other.types).not.toContain("A")
  })
  it("PG30 who leaves in mid-transaction leaves nothing behind", async () => {
    const wire = await login()
    await wire.ask(say.query("begin"))
    await wire.ask(marked("pg30"))
    await wire.ask(say.query("set statement_timeout = 1234"))
    wire.destroy()
    await sleep(300)
    const { rows } = await live.direct((client) => client.query("select from scratch where sku = 'pg30'"))
    expect(rows).toEqual([])
    const next = await login()
    const told = await next.ask(say.query("show statement_timeout"))
    expect(Buffer.concat(told.map(({ body }) => body)).toString()).not.toContain("1234")
    const open = await live.direct((client) =>
      client.query("select from pg_stat_activity where state like 'idle in transaction%' and pid <> pg_backend_pid()")
    )
    expect(open.rows).toEqual([])
  })
})

describe("after all of that", () => {
  it("no canary has left, by whatever way", async () => {
    const told = wires.map((wire) => wire.bytes)
    const ledger = readdirSync(live.ledger).map((name) => readFileSync(join(live.ledger, name)))
    const all = [...told, ...ledger, Buffer.from(live.log.join("\n"))]
    expect(told.some((bytes) => bytes.includes("***-**-****"))).toBe(true)
    for (const canary of [...canaries, token]) {
      for (const bytes of all) expect(findCanary(bytes.subarray(0, 1 << 20), canary)).toBeUndefined()
    }
    expect(findCanary(Buffer.concat([all[0]!, Buffer.from(canaries[0]!)]), canaries[0]!)).toBe("plain")
  })
  it("the ledger verifies and names who it was", async () => {
    await live.as(support, (client) => client.query("select 1"))
    const verified = await live.sluice("audit", "verify", live.ledger)
    expect(verified.status, verified.stdout + verified.stderr).toBe(0)
    const listed = await live.sluice("sessions", "list", "--ledger", live.ledger)
    expect(listed.stdout).toContain("clerk")
  })
  it("the gateway is alive, and no larger than it should be", () => {
    expect(live.process!.exitCode).toBeNull()
    expect(memory()).toBeLessThan(700 * 1024)
  })
})
