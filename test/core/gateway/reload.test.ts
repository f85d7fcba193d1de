import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as net from "node:net"
import { describe, expect, it } from "vitest"
import { freePort } from "../../../config/demo/free-port.ts"
import type { Plan } from "../../../core/gateway/index.ts"
import { allow, Any, definePlugin, defineService, deny, pluginError, Policy } from "../../../core/index.ts"
import { eventually, fixedSecrets, linePipeline, linePlan, welcome } from "../../fixtures/line-gateway.ts"
import { testBench } from "../../fixtures/test-bench.ts"

const { connect, serve, upstream } = testBench()

class Book extends Context.Service<Book, { readonly title: string }>()("test/Book") {}

/** Opens and closes of everything that the tests' services and plugins hold. */
const journal = (): {
  readonly lines: Array<string>
  readonly service: ReturnType<typeof serviceOf>
  readonly reader: ReturnType<typeof readerOf>
} => {
  const lines: Array<string> = []
  return { lines, service: serviceOf(lines), reader: readerOf(lines) }
}

const serviceOf = (lines: Array<string>) =>
  defineService({
    name: "book",
    config: Schema.Struct({ title: Schema.String }),
    provides: Book,
    layer: ({ title }) =>
      Layer.effect(
        Book,
        title === "burnt" ? Effect.fail(pluginError("book", "There is no such book.")) : Effect.acquireRelease(
          Effect.sync(() => {
            lines.push(`open ${title}`)
            return Book.of({ title })
          }),
          () => Effect.sync(() => void lines.push(`close ${title}`))
        )
      )
  })

/** Denies what the policy in force denies, and says which book it reads. */
const readerOf = (lines: Array<string>) =>
  definePlugin({
    name: "reader",
    family: Any,
    config: Schema.Struct({ mark: Schema.String }),
    requires: [Policy, Book],
    acquire: ({ mark }) =>
      Effect.gen(function*() {
        const policy = yield* Policy
        const { title } = yield* Book
        if (mark === "broken") return yield* Effect.fail(pluginError("reader", "The mark is broken."))
        yield* Effect.acquireRelease(
          Effect.sync(() => void lines.push(`acquire ${mark} ${title}`)),
          () => Effect.sync(() => void lines.push(`release ${mark} ${title}`))
        )
        return { policy, title }
      }),
    connect: (_session, { config, resources: { policy, title } }) => ({
      decide: () => policy.current().residency === "open" ? allow : deny(config.mark, `The ${title} says no.`)
    })
  })

const planOf = (
  kit: ReturnType<typeof journal>,
  port: number,
  to: { readonly mark?: string; readonly title?: string; readonly residency?: string; readonly name?: string },
  changes: Partial<Plan> = {}
): Plan => {
  const hash = JSON.stringify(to)
  const base = linePlan([
    linePipeline(port, {
      name: to.name ?? "lines",
      plugins: [
        { use: "welcome", plugin: welcome, config: {}, onError: "deny" },
        { use: "reader", plugin: kit.reader, config: { mark: to.mark ?? "one" }, onError: "deny" }
      ]
    })
  ], { hash })
  return {
    ...base,
    services: [fixedSecrets, {
      name: "book",
      service: kit.service,
      config: { title: to.title ?? "red" },
      site: { directory: "/" }
    }],
    policy: { ...base.policy, residency: to.residency ?? "open" },
    ...changes
  }
}

class Shelf extends Context.Service<Shelf, { readonly holds: string }>()("test/Shelf") {}

/** Builds on the book. */
const shelfOf = (lines: Array<string>) =>
  defineService({
    name: "shelf",
    config: Schema.Struct({}),
    provides: Shelf,
    requires: [Book],
    layer: () =>
      Layer.effect(
        Shelf,
        Effect.gen(function*() {
          const { title } = yield* Book
          return yield* Effect.acquireRelease(
            Effect.sync(() => {
              lines.push(`shelve ${title}`)
              return Shelf.of({ holds: title })
            }),
            () => Effect.sync(() => void lines.push(`unshelve ${title}`))
          )
        })
      )
  })

describe("a reload", () => {
  it("swaps the policy for a session that runs, at its next operation, and keeps everything else", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, log, port: portOf } = await serve([], planOf(kit, port, {}))
    const client = await connect(portOf())
    await client.login()
    const listening = gateway.listening()
    expect(await client.ask("ECHO a")).toEqual(["- ECHO a", ". ok"])
    await Effect.runPromise(gateway.reload(planOf(kit, port, { residency: "closed" })))
    expect(await client.ask("ECHO a")).toEqual(["! one The red says no."])
    expect(gateway.listening()).toEqual(listening)
    expect(kit.lines).toEqual(["open red", "acquire one red"])
    expect(gateway.plan().hash).toContain("closed")
    expect(log.at(-1)).toMatchObject({ config: expect.stringContaining("closed") })
  })

  it("gives new sessions the new plugins, lets old ones finish with theirs, and then closes those", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, port, { residency: "closed" }))
    const before = await connect(portOf())
    await before.login()
    await Effect.runPromise(gateway.reload(planOf(kit, port, { residency: "closed", mark: "two" })))
    const after = await connect(portOf())
    await after.login()
    expect(await before.ask("ECHO a")).toEqual(["! one The red says no."])
    expect(await after.ask("ECHO a")).toEqual(["! two The red says no."])
    expect(kit.lines).toEqual(["open red", "acquire one red", "acquire two red"])
    before.send("QUIT\n")
    await eventually("the old plugin is released", () => kit.lines.includes("release one red"))
    expect(await after.ask("ECHO a")).toEqual(["! two The red says no."])
  })

  it("opens a service after what it builds on, anew with that, and closes it before", async () => {
    const kit = journal()
    const { port } = await upstream()
    const shelf = { name: "shelf", service: shelfOf(kit.lines), config: {}, site: { directory: "/" } }
    const plan = (title: string, mark: string): Plan => {
      const base = planOf(kit, port, { title, mark })
      // Before the book in the file: the order is by need.
      return { ...base, services: [shelf, ...base.services] }
    }
    const { gateway } = await serve([], plan("red", "one"))
    expect(kit.lines).toEqual(["open red", "shelve red", "acquire one red"])
    await Effect.runPromise(gateway.reload(plan("red", "two")))
    expect(kit.lines.filter((line) => line.includes("shelve"))).toEqual(["shelve red"])
    kit.lines.length = 0
    await Effect.runPromise(gateway.reload(plan("blue", "two")))
    await eventually("the old ones are closed", () => kit.lines.includes("close red"))
    expect(kit.lines).toEqual([
      "open blue",
      "shelve blue",
      "acquire two blue",
      "release two red",
      "unshelve red",
      "close red"
    ])
  })

  it("closes a service that changed with the last session that uses it", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, port, { residency: "closed" }))
    const before = await connect(portOf())
    await before.login()
    await Effect.runPromise(gateway.reload(planOf(kit, port, { residency: "closed", title: "blue" })))
    const after = await connect(portOf())
    await after.login()
    expect(await after.ask("ECHO a")).toEqual(["! one The blue says no."])
    expect(await before.ask("ECHO a")).toEqual(["! one The red says no."])
    expect(kit.lines).not.toContain("close red")
    before.send("QUIT\n")
    await eventually("the old service is closed", () => kit.lines.includes("close red"))
    expect(kit.lines).toEqual([
      "open red",
      "acquire one red",
      "open blue",
      "acquire one blue",
      "release one red",
      "close red"
    ])
  })

  it("of a plan that cannot be opened changes nothing, and leaves nothing open", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, log, port: portOf } = await serve([], planOf(kit, port, {}))
    const client = await connect(portOf())
    await client.login()
    const taken = net.createServer()
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
    const busy = planOf(kit, port, { title: "blue", mark: "three", residency: "closed" })
    const failing: ReadonlyArray<readonly [Plan, RegExp]> = [
      [planOf(kit, port, { mark: "broken", residency: "closed" }), /mark is broken/],
      [planOf(kit, port, { title: "burnt", residency: "closed" }), /no such book/],
      [{
        ...busy,
        pipelines: [{
          ...busy.pipelines[0]!,
          listen: { host: "127.0.0.1", port: (taken.address() as net.AddressInfo).port }
        }]
      }, /another program/],
      [{
        ...busy,
        pipelines: [{ ...busy.pipelines[0]!, tls: { certificate: "/nowhere.crt", key: "/nowhere.key" } }]
      }, /nowhere/]
    ]
    for (const [plan, reason] of failing) {
      const error = await Effect.runPromise(Effect.flip(gateway.reload(plan)))
      expect(error.message).toMatch(reason)
      expect(await client.ask("ECHO a")).toEqual(["- ECHO a", ". ok"])
      const fresh = await connect(portOf())
      await fresh.login()
      expect(await fresh.ask("ECHO a")).toEqual(["- ECHO a", ". ok"])
    }
    await new Promise((resolve) => taken.close(resolve))
    expect(kit.lines.filter((line) => /^(open|acquire)/.test(line)).length - 2)
      .toBe(kit.lines.filter((line) => /^(close|release)/.test(line)).length)
    expect(kit.lines).not.toContain("close red")
    expect(log.filter(({ message }) => message === "reload refused")).toHaveLength(failing.length)
  })

  it("opens pipelines that are new, and lets those that are gone finish what they do", async () => {
    const kit = journal()
    const server = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, server.port, {}))
    const client = await connect(portOf())
    await client.login()
    client.send("SLEEP\n")
    await eventually("it sleeps", () => server.lines.includes("SLEEP"))
    const gone = portOf()
    await Effect.runPromise(gateway.reload(planOf(kit, server.port, { name: "others" })))
    await expect(connect(gone)).rejects.toThrow("ECONNREFUSED")
    const other = await connect(portOf("others"))
    await other.login()
    server.wake()
    expect(await client.line()).toBe(". failed cancelled")
    expect(await client.line()).toMatch(/^! shutdown/)
    await eventually("what it held is released", () => kit.lines.includes("release one red"))
    expect(await other.ask("ECHO a")).toEqual(["- ECHO a", ". ok"])
  })

  it("hands a fixed port from one pipeline to another without closing it", async () => {
    const kit = journal()
    const server = await upstream()
    const listen = { host: "127.0.0.1", port: await freePort() }
    const named = (name: string): Plan => {
      const plan = planOf(kit, server.port, { name })
      return { ...plan, pipelines: plan.pipelines.map((pipeline) => ({ ...pipeline, listen })) }
    }
    const { gateway } = await serve([], named("lines"))
    await (await connect(listen.port)).login()
    await Effect.runPromise(gateway.reload(named("renamed")))
    const client = await connect(listen.port)
    await client.login()
    await client.ask("ECHO a")
    expect(gateway.counters("renamed").sessionsTotal).toBe(1)
  })

  it("changes limits for everyone without opening anything anew", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, port, {}))
    const client = await connect(portOf())
    await client.login()
    const plan = planOf(kit, port, {})
    const [pipeline] = plan.pipelines
    const limits = { ...pipeline!.limits, sessionsMax: 1 }
    await Effect.runPromise(gateway.reload({ ...plan, pipelines: [{ ...pipeline!, limits }] }))
    expect(await (await connect(portOf())).whole()).toMatch(/^! sessions_max/)
    expect(await client.ask("ECHO a")).toEqual(["- ECHO a", ". ok"])
    expect(kit.lines).toEqual(["open red", "acquire one red"])
  })
})

describe("a reload that moves the admin server", () => {
  it("says that this waits for the next start", async () => {
    const kit = journal()
    const { port } = await upstream()
    const { gateway, log } = await serve([], planOf(kit, port, {}))
    await Effect.runPromise(gateway.reload(planOf(kit, port, {}, { admin: { host: "127.0.0.1", port: 0 } })))
    expect(log.at(-1)).toMatchObject({ level: "warn", message: expect.stringContaining("admin") })
    await Effect.runPromise(gateway.reload(planOf(kit, port, {})))
    expect(log.at(-1)).toMatchObject({ level: "info", message: "plan in force" })
  })
})

describe("opening", () => {
  it("fails with the part that cannot be opened, and leaves nothing open", async () => {
    const kit = journal()
    const { port } = await upstream()
    await expect(serve([], planOf(kit, port, { mark: "broken" }))).rejects.toMatchObject({
      message: "The mark is broken."
    })
    expect(kit.lines).toEqual(["open red", "close red"])
  })

  it("closes plugins before the services that they use", async () => {
    const kit = journal()
    const { port } = await upstream()
    const running = await serve([], planOf(kit, port, {}))
    await running.close()
    expect(kit.lines).toEqual(["open red", "acquire one red", "release one red", "close red"])
  })
})

describe("a drain", () => {
  it("accepts no more, finishes what is in flight, then closes in the protocol's words", async () => {
    const kit = journal()
    const server = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, server.port, {}))
    const [idle, busy] = [await connect(portOf()), await connect(portOf())]
    await idle.login()
    await busy.login()
    busy.send("SLEEP\n")
    await eventually("it sleeps", () => server.lines.includes("SLEEP"))
    const port = portOf()
    let drained = false
    const done = Effect.sync(() => {
      drained = true
    })
    const draining = Effect.runPromise(Effect.andThen(gateway.drain(30), done))
    expect(await idle.whole()).toMatch(/^! shutdown/)
    await expect(connect(port)).rejects.toThrow("ECONNREFUSED")
    expect(drained).toBe(false)
    server.wake()
    expect(await busy.line()).toBe(". failed cancelled")
    expect(await busy.line()).toMatch(/^! shutdown/)
    idle.close()
    busy.close()
    await draining
    expect(gateway.counters("lines").sessionsOpen).toBe(0)
  })

  it("closes what does not finish in time, with a word", async () => {
    const kit = journal()
    const server = await upstream()
    const { gateway, port: portOf } = await serve([], planOf(kit, server.port, {}))
    const stuck = await connect(portOf())
    await stuck.login()
    stuck.send("MUTE\n")
    await eventually("it hangs", () => server.lines.includes("MUTE"))
    await Effect.runPromise(gateway.drain(0.1))
    expect(await stuck.whole()).toMatch(/^! shutdown/)
    expect(gateway.counters("lines").sessionsOpen).toBe(0)
    await eventually("the upstream is left", () => server.sockets.size === 0)
  })
})
