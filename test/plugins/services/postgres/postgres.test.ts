import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Secrets, State } from "../../../../core/index.ts"
import { FORMATS } from "../../../../plugins/services/postgres/formats.ts"
import { postgresState } from "../../../../plugins/services/postgres/index.ts"
import { Store } from "../../../../plugins/services/postgres/store.ts"
import { type RealPostgres, startPostgres } from "../../../fixtures/real-postgres.ts"

let server: RealPostgres
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server?.stop())

const secrets = Layer.succeed(Secrets, { fetch: () => Effect.succeed(Redacted.make("postgres:unused")) })

/** The state as one gateway has it. */
const open = async (schema: string, more: object = {}) => {
  const options = {
    address: `127.0.0.1:${server.port}`,
    database: "postgres",
    schema,
    credential: "DB",
    tls: "off",
    ...more
  }
  const config = Schema.decodeUnknownSync(postgresState.config)(options)
  const runtime = ManagedRuntime.make(postgresState.layer(config, { directory: "/" }).pipe(Layer.provide(secrets)))
  return { state: await runtime.runPromise(State), close: () => runtime.dispose() }
}
const run = Effect.runPromise
const direct = async (text: string): Promise<ReadonlyArray<any>> => {
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
const add = (state: State["Service"]) =>
  state.update("count", "one", (current) => ({ next: String(Number(current ?? "0") + 1), result: undefined }))

describe("state in PostgreSQL", () => {
  it("keeps, changes, lists and deletes, for every gateway alike", async () => {
    const [a, b] = [await open("plain"), await open("plain")]
    await run(a.state.update("s", "k_1", () => ({ next: "a ' \\ \u{1f600}", result: 1 })))
    await run(a.state.update("s", "kx1", () => ({ next: "2", result: 1 })))
    await run(a.state.update("other", "k_2", () => ({ next: "3", result: 1 })))
    expect(await run(b.state.read("s", "k_1"))).toBe("a ' \\ \u{1f600}")
    expect(await run(b.state.list("s", "k_"))).toEqual([["k_1", "a ' \\ \u{1f600}"]])
    expect(await run(b.state.list("s", "%"))).toEqual([])
    await run(b.state.update("s", "k_1", () => ({ next: undefined, result: 1 })))
    expect(await run(a.state.read("s", "k_1"))).toBeUndefined()
    for (const bad of ["nul\0", "\ud800"]) {
      const failure = await run(Effect.flip(a.state.update("s", "k", () => ({ next: bad, result: 1 }))))
      expect(failure.message).toContain("does not keep")
    }
    await Promise.all([a.close(), b.close()])
  })

  it("loses no update of four gateways that all change one key, from nothing", async () => {
    const gateways = await Promise.all([1, 2, 3, 4].map(() => open("counted")))
    await Promise.all(gateways.flatMap(({ state }) => Array.from({ length: 50 }, () => run(add(state)))))
    expect(await run(gateways[0]!.state.read("count", "one"))).toBe("200")
    await Promise.all(gateways.map(({ close }) => close()))
  })

  it("goes on after its connections were cut, and loses nothing that was acknowledged", async () => {
    const { close, state } = await open("cut")
    let acknowledged = 0
    const cutting = (async () => {
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 30))
        await direct("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice state'")
      }
    })()
    for (let i = 0; i < 200; i++) if ((await run(Effect.result(add(state))))._tag === "Success") acknowledged++
    await cutting
    await run(add(state))
    expect(acknowledged).toBeGreaterThan(100)
    expect(Number(await run(state.read("count", "one")))).toBeGreaterThanOrEqual(acknowledged + 1)
    await close()
  })

  it("writes nothing when a change throws", async () => {
    const { close, state } = await open("throwing")
    await run(add(state))
    const failure = await run(Effect.flip(state.update("count", "one", () => {
      throw new Error("secret words")
    })))
    expect(failure.message).toContain("Nothing was written")
    expect(failure.message).not.toContain("secret words")
    expect(await run(state.read("count", "one"))).toBe("1")
    await close()
  })

  it("is brought to the newest format once, by whoever comes first, and never back", async () => {
    const pools = [1, 2, 3].map(() =>
      new pg.Pool({ host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" })
    )
    const formats = [...FORMATS, "alter table %s.entry add column note text"]
    await new Store(pools[0]!, "formats").migrate()
    await Promise.all(pools.map((pool) => new Store(pool, "formats", formats).migrate()))
    expect(await direct("select version from formats.format")).toEqual([{ version: 2 }])
    await expect(new Store(pools[0]!, "formats").migrate()).rejects.toThrow(/format 2/)
    await Promise.all(pools.map((pool) => pool.end()))
  })

  it("says what to do when it cannot be had, and nothing of what it was given", async () => {
    const refused = await open("plain", { database: "nowhere" }).catch((error: unknown) => error)
    expect((refused as Error).message).toContain("There is no such database: make it.")
    const closed = await open("plain", { address: "127.0.0.1:1" }).catch((error: unknown) => error)
    expect((closed as Error).message).toContain("Nothing accepts connections there.")
  })

  it.each([
    [{ tls: "off", address: "db.internal" }, /loopback/],
    [{ schema: "Bad; drop" }, /lower case/],
    [{ address: "nothing:at:all" }, /host/]
  ])("refuses %o", (more, why) => {
    const options = { address: "127.0.0.1", database: "d", credential: "C", tls: "off", ...more }
    expect(() => Schema.decodeUnknownSync(postgresState.config)(options)).toThrow(why)
  })
})
