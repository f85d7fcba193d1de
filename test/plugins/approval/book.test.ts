import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { Secrets, State } from "../../../core/index.ts"
import { Book } from "../../../plugins/approval/book.ts"
import { personOf } from "../../../plugins/approval/person.ts"
import type { Event, Request } from "../../../plugins/approval/request.ts"
import { postgresState } from "../../../plugins/services/postgres/index.ts"
import { sqlite } from "../../../plugins/services/sqlite/index.ts"
import { startPostgres } from "../../fixtures/real-postgres.ts"
import { numbers } from "./simulation.ts"

const closing: Array<() => Promise<unknown> | void> = []
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

const stateOf = async (layer: Layer.Layer<State, any>): Promise<Book> => {
  const runtime = ManagedRuntime.make(layer)
  closing.push(() => runtime.dispose())
  return new Book(await runtime.runPromise(State))
}

/** Two gateways on one state. */
const kinds: Readonly<Record<string, () => Promise<ReadonlyArray<Book>>>> = {
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-book-"))
    closing.push(() => rmSync(folder, { recursive: true }))
    return Promise.all([1, 2].map(() => stateOf(sqlite.layer({ path: "state.db" }, { directory: folder }))))
  },
  postgres: async () => {
    const server = await startPostgres()
    closing.push(() => server.stop())
    const secrets = Layer.succeed(Secrets, { fetch: () => Effect.succeed(Redacted.make("postgres:unused")) })
    const options = { address: `127.0.0.1:${server.port}`, database: "postgres", credential: "DB", tls: "off" }
    const config = Schema.decodeUnknownSync(postgresState.config)(options)
    return Promise.all(
      [1, 2].map(() => stateOf(postgresState.layer(config, { directory: "/" }).pipe(Layer.provide(secrets))))
    )
  }
}

const person = (name: string) => personOf({ issuer: "https://one.test", subject: name, groups: [], claims: {} })
const dpo = (name: string) => ({ person: person(name), groups: ["dpo"] })

const requestOf = (id: string): Request => ({
  version: 1,
  id,
  gateway: "g",
  life: "l",
  clients: "wait",
  binding: "b",
  rules: { approvers: ["dpo"], quorum: 2, within_seconds: 60, reason_required: false },
  chain: [person("ann")],
  shown: {
    pipeline: "orders",
    from: "de",
    address: "db:5432",
    kind: "read",
    text: "select '\u{1f600}'",
    parameters: [],
    who: [],
    reads: [],
    writes: [],
    sinks: [],
    why: [],
    policy: ""
  },
  status: "pending",
  at: 0,
  until: 1000,
  votes: [],
  steps: [],
  recorded: 0
})

describe.each(Object.keys(kinds))("two gateways on %s", (kind) => {
  it("I21: however decisions, uses and revocations race, one outcome stands, and at most one use", async () => {
    const books = await kinds[kind]!()
    const random = numbers(7)
    for (let round = 0; round < 60; round++) {
      const id = `ap-${round}`
      await Effect.runPromise(
        books[0]!.file(requestOf(id), { id, gateway: "g", who: "", essence: id, until: 1000 }, false)
      )
      const events: ReadonlyArray<Event> = [
        { _tag: "Approve", by: dpo("dora"), binding: "b" },
        { _tag: "Approve", by: dpo("emil"), binding: "b" },
        { _tag: "Approve", by: dpo("ann"), binding: "b" },
        { _tag: "Approve", by: dpo("DORA"), binding: "b" },
        ...Array.from({ length: 3 }, (): Event => ({ _tag: "Use", binding: random.chance(0.2) ? "c" : "b" })),
        ...(random.chance(0.4) ? [{ _tag: "Deny", by: dpo("fred") } as const] : []),
        ...(random.chance(0.2) ? [{ _tag: "Void", reason: "revoked" } as const] : [])
      ]
      const order = events.map((event) => [random.next(), event] as const).toSorted(([a], [b]) => a - b)
      const done = await Promise.all(order.map(async ([, event]) => {
        const advanced = await Effect.runPromise(books[random.below(2)]!.advance(id, event, 1))
        return { event, refusal: advanced!.refusal }
      }))
      const taken = (tag: Event["_tag"]) =>
        done.filter(({ event, refusal }) => event._tag === tag && refusal === undefined)
      const final = (await Effect.runPromise(books[1]!.read(id)))!
      expect(taken("Use").length).toBeLessThanOrEqual(1)
      expect(final.votes.map(({ by }) => by.subject).filter((name) => name === "ann")).toEqual([])
      expect(new Set(final.votes.map(({ by }) => by.names[0])).size).toBe(final.votes.length)
      if (taken("Use").length === 1) expect(final.status).toBe("used")
      if (taken("Deny").length === 1) expect(final.status).toBe("denied")
      if (taken("Void").length === 1) expect(final.status).toBe("void")
      expect(taken("Use").length + taken("Deny").length + taken("Void").length).toBeLessThanOrEqual(1)
      expect(final.votes.length).toBe(taken("Approve").length)
    }
  }, 60_000)
})
