import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { client as say } from "../fixtures/client-messages.ts"
import { FaultyUpstream } from "../fixtures/faulty-upstream.ts"
import { makeIssuer } from "../fixtures/issuer.ts"
import { Live } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { WireClient } from "../fixtures/wire-client.ts"

/** Bad input ends in a clear error with the right SQLSTATE, and the gateway goes on as if nothing had been. */
let live: Live
let between: FaultyUpstream
let token: string
const limits =
  `    limits: { login_seconds: 2, sessions_max: 20, exchanges_in_flight_max: 16, message_bytes_max: 65536 }`

beforeAll(async () => {
  live = await Live.start({ ...shop, pipeline: limits })
  between = await FaultyUpstream.open(live.postgres.port)
  await live.down()
  const text = readFileSync(live.file, "utf8")
  writeFileSync(
    live.file,
    text.replace(`address: "127.0.0.1:${live.postgres.port}"`, `address: "127.0.0.1:${between.port}"`)
  )
  await live.up()
})
afterAll(async () => {
  between?.close()
  await live?.stop()
})
beforeEach(async () => {
  token = await live.token(clerk)
})
/** Whatever a test did, the next client is served as ever. */
afterEach(async () => {
  between.fault = "none"
  expect(live.process!.exitCode).toBeNull()
  await live.as(clerk, async (client) => {
    expect((await client.query("select count(*)::int as n from prices where sku like 'sku-%'")).rows).toEqual([{
      n: 50
    }])
  })
})

const refused = async (password: string, pairs?: Record<string, string>): Promise<string> =>
  WireClient.login(live.port, password, pairs).then(() => "let in", (error: Error) => error.message)

describe("a file that is wrong", () => {
  it.each(["check", "up"])("sluice %s says where, and exits with 1", async (command) => {
    const path = join(live.folder, "wrong.yaml")
    writeFileSync(path, readFileSync(live.file, "utf8").replace("login_seconds: 2", "login_secs: 2"))
    const ran = await live.sluice(command, "--config", path)
    expect(ran.status).toBe(1)
    expect(ran.stdout + ran.stderr).toMatch(/wrong\.yaml:\d+:\d+/)
    expect(ran.stdout + ran.stderr).toContain("login_seconds")
  })
})

describe("an upstream", () => {
  it("that refuses connections", async () => {
    between.fault = "refusing"
    const since = performance.now()
    expect(await refused(token)).toMatch(/FATAL (08006|57P03|08001) /)
    expect(performance.now() - since).toBeLessThan(5000)
  })
  it("that accepts and says nothing", async () => {
    between.fault = "silent"
    expect(await refused(token)).toMatch(/FATAL 08006 /)
  })
  it("that dies in mid-query", async () => {
    const wire = await WireClient.login(live.port, token)
    wire.send(say.query("select count(*) from generate_series(1, 100000000000)"))
    await sleep(200)
    between.cut()
    expect(await wire.gone()).toBe(true)
    expect(wire.errors.join()).toMatch(/^FATAL 08006 /)
  })
  it("that dies in mid-transaction", async () => {
    const wire = await WireClient.login(live.port, token)
    await wire.ask(say.query("begin"))
    await wire.ask(say.query("insert into scratch values ('lost', 1)"))
    between.cut()
    expect(await wire.gone()).toBe(true)
    expect(wire.errors.join()).toMatch(/^FATAL 08006 /)
    const { rows } = await live.direct((client) => client.query("select from scratch where sku = 'lost'"))
    expect(rows).toEqual([])
  })
  it("that has no such database", async () => {
    expect(await refused(token, { user: "app", database: "nosuch" })).toMatch(/FATAL (3D000|57P03|08006) /)
  })
  it("that takes another password", async () => {
    const path = join(live.folder, "secrets.yaml")
    const right = readFileSync(path, "utf8")
    writeFileSync(path, right.replace("local-only", "wr0ng-s3cret"))
    await sleep(500)
    let told = ""
    // Secrets are read again by and by.
    for (let i = 0; i < 20 && !told.includes("FATAL"); i++) {
      told = await refused(token)
      await sleep(200)
    }
    writeFileSync(path, right)
    expect(told).toMatch(/FATAL (08006|57P03|28\w+) /)
    expect(told + live.log.join()).not.toContain("wr0ng-s3cret")
    for (let i = 0; i < 30 && (await refused(token)) !== "let in"; i++) await sleep(200)
  })
})

describe("a token", () => {
  it("that has expired", async () => {
    expect(await refused(await live.token(clerk, -120))).toMatch(/FATAL 28\w+ /)
  })
  it("of an issuer that nobody knows, or for somebody else", async () => {
    const stranger = await makeIssuer({ issuer: "https://stranger.test", audience: live.issuer.audience })
    expect(await refused(await stranger.token({ sub: "clerk" }))).toMatch(/FATAL 28\w+ /)
    const impostor = await makeIssuer({ issuer: live.issuer.issuer, audience: live.issuer.audience })
    expect(await refused(await impostor.token({ sub: "clerk" }))).toMatch(/FATAL 28\w+ /)
    expect(await refused(await live.issuer.token({ sub: "clerk", aud: "another" }))).toMatch(/FATAL 28\w+ /)
  })
  it("that is none", async () => {
    expect(await refused("")).toMatch(/FATAL 28\w+ /)
    expect(await refused("secret")).toMatch(/FATAL 28\w+ /)
    expect(await refused(`${token.slice(0, -4)}AAAA`)).toMatch(/FATAL 28\w+ /)
  })
  it("that expires while a session is open ends it in time", async () => {
    const wire = await WireClient.login(live.port, await live.token(clerk, 3))
    expect(await wire.gone(75_000)).toBe(true)
    expect(wire.errors.join()).toMatch(/FATAL 28000 .*expired/)
  }, 90_000)
})

const int32 = (...values: ReadonlyArray<number>): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4))
  return bytes
}

const FIRST: Readonly<Record<string, Uint8Array>> = {
  garbage: Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 167 + 91) & 0xff)),
  "a TLS ClientHello": Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), Buffer.alloc(505)]),
  "a request of HTTP": Buffer.from("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
  "a length of 4 GiB": int32(0xffffffff, 0x30000),
  "a length of 2 GiB": int32(0x80000000, 0x30000),
  "a length of 0": int32(0, 0x30000),
  "a length of 3": int32(3, 0x30000),
  "SSLRequest a thousand times": Buffer.concat(Array.from({ length: 1000 }, () => int32(8, 80877103)))
}

describe("what is no login", () => {
  it.each(Object.entries(FIRST))("%s", async (_name, bytes) => {
    const wire = await WireClient.open(live.port)
    wire.send(bytes)
    expect(await wire.gone(10_000)).toBe(true)
    expect(wire.bytes.length).toBeLessThan(1024)
  })
  it.each([0xffffffff, 0x80000000, 0x7fffffff, 0, 1, 2, 3])(
    "a message of the length %d after the login",
    async (length) => {
      const wire = await WireClient.login(live.port, token)
      wire.send(Buffer.concat([Buffer.from("Q"), int32(length), Buffer.from("select 1\0")]))
      expect(await wire.gone(10_000)).toBe(true)
      expect(wire.errors.join()).toMatch(/^FATAL (08P01|54000) /)
    }
  )
  it("a byte now and then", async () => {
    const wire = await WireClient.open(live.port)
    const startup = say.startup()
    const drip = setInterval(() => wire.send(startup.subarray(0, 1)), 300)
    expect(await wire.gone(10_000)).toBe(true)
    clearInterval(drip)
  })
  it("connections that are opened, and nothing more, make room in time", async () => {
    const open = await Promise.all(Array.from({ length: 20 }, () => WireClient.open(live.port)))
    expect(await refused(token)).toMatch(/FATAL 53300 /)
    await Promise.all(open.map((wire) => wire.gone(10_000)))
    let told = ""
    for (let i = 0; i < 20 && told !== "let in"; i++) {
      await sleep(50)
      told = await refused(token)
    }
    expect(told).toBe("let in")
  })
  it("half-open connections are closed", async () => {
    const wire = await WireClient.open(live.port)
    wire.socket.end()
    expect(await wire.gone(10_000)).toBe(true)
  })
})

describe("limits", () => {
  it("a message that is too long", async () => {
    const wire = await WireClient.login(live.port, token)
    wire.send(say.query(`select '${"x".repeat(70_000)}'`))
    expect(await wire.gone()).toBe(true)
    expect(wire.errors.join()).toMatch(/^FATAL (54000|08P01) /)
  })
  it("ten thousand messages at once are answered in order, or the session ends; nothing is lost between", async () => {
    const wire = await WireClient.login(live.port, token)
    const from = wire.told.length
    wire.send(...Array.from({ length: 10_000 }, (_, i) => say.query(`select ${i}`)))
    const done = () => wire.told.slice(from).filter(({ type }) => type === "Z").length
    while (done() < 10_000 && !wire.isClosed) await sleep(20)
    const answers = wire.told.slice(from).filter(({ type }) => type === "D").map(({ body }) =>
      body.subarray(6).toString()
    )
    expect(answers).toEqual(Array.from({ length: answers.length }, (_, i) => String(i)))
    if (answers.length < 10_000) expect(wire.errors.join()).toMatch(/FATAL (54000|08P01) /)
    wire.destroy()
  })
})
