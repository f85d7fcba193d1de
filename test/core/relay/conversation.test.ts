import * as Effect from "effect/Effect"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { request } from "undici"
import { afterEach, describe, expect, it } from "vitest"
import { again, allow, deny, hold } from "../../../core/exchange/index.ts"
import type { Http } from "../../../core/family/http/index.ts"
import { type ConnectedPlugin, Stages } from "../../../core/pipeline/index.ts"
import { defineFact, type Spool } from "../../../core/plugin/index.ts"
import { Admitted, Conversation } from "../../../core/relay/index.ts"
import { openDoor, pluginOf, run } from "../../../core/testing/index.ts"
import { serveHttp, Upstream } from "../../fixtures/http-protocol.ts"

const servers: Array<Server> = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    servers.push(server)
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })

/** An upstream that notes what reached it, and the gateway of the fixture before it. */
const open = async (...plugins: ReadonlyArray<ConnectedPlugin>) => {
  const reached: Array<string> = []
  const upstream = await listen(createServer((incoming, outgoing) => {
    reached.push(`${incoming.method} ${incoming.url}`)
    incoming.resume().on("end", () => outgoing.end(JSON.stringify({ name: "Ada", ssn: "078-05-1120" })))
  }))
  const gateway = await listen(serveHttp(() => conversationOf([openDoor, ...plugins]), new Upstream(upstream)))
  const fetch = async (path: string, method: "GET" | "POST" = "GET", body?: string) => {
    const answer = await request(gateway + path, { method, ...(body === undefined ? {} : { body }) })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
  return { fetch, reached }
}

const conversationOf = (plugins: ReadonlyArray<ConnectedPlugin>): Conversation<Http> => {
  const session = {
    id: "s",
    pipeline: "people",
    peer: { address: "::1", port: 1, encrypted: false },
    now: () => Date.now()
  }
  const stages = Stages.connect<Http>(session, plugins, () => {})
  if (!(stages instanceof Stages)) throw new Error(stages.message)
  return new Conversation<Http>({
    session,
    stages,
    run,
    now: () => Date.now(),
    after: (milliseconds, wake) => {
      const timer = setTimeout(wake, milliseconds)
      return () => clearTimeout(timer)
    },
    analyser: {
      analyse: (exchange) => exchange.operation,
      settle: () => {},
      ready: () => {},
      settings: new Map()
    },
    observer: {
      loggedIn: () => {},
      judged: () => {},
      fault: () => {},
      unavailable: () => {},
      received: () => {},
      cancel: () => {},
      keyed: () => {},
      closed: () => {}
    }
  })
}

const readOnly = pluginOf("read-only", () => ({
  decide: (exchange) => exchange.operation.kind === "read" ? allow : deny("read_only", "This service may only be read.")
}))

describe("a terminated protocol", () => {
  it("goes through the same stages as a relayed one", async () => {
    const { fetch, reached } = await open(readOnly)
    expect(await fetch("/people/1")).toMatchObject({ status: 200 })
    const refused = await fetch("/people", "POST", "{}")
    expect(refused.status).toBe(403)
    expect(JSON.parse(refused.text)).toEqual({ code: "read_only", message: "This service may only be read." })
    expect(reached).toEqual(["GET /people/1"])
  })

  it("waits inline for a held judgement, and runs only what it allows", async () => {
    const judged: Array<string> = []
    const slow = pluginOf("slow", () => ({
      decide: (exchange) =>
        hold({
          reason: "the test",
          within: 5000,
          until: Effect.promise(async () => {
            judged.push(exchange.operation.summary)
            return exchange.operation.summary.endsWith("/no") ? deny("no", "no") : allow
          })
        })
    }))
    const { fetch, reached } = await open(slow)
    expect((await fetch("/yes")).status).toBe(200)
    expect((await fetch("/no")).status).toBe(403)
    expect(judged).toEqual(["GET /yes", "GET /no"])
    expect(reached).toEqual(["GET /yes"])
  })

  it("judges anew, from the first plugin on and with nothing remembered, when a hold says so", async () => {
    const Seen = defineFact<string>()("test/seen")
    const heard: Array<string> = []
    let closing = false
    const first = pluginOf("first", () => ({
      inspect: (exchange) => {
        heard.push(`inspect ${String((exchange as unknown as { find(fact: unknown): unknown }).find(Seen))}`)
        ;(exchange as unknown as { set(fact: unknown, value: string): void }).set(Seen, "seen")
      },
      decide: () => closing ? deny("closed", "It closed meanwhile.") : allow
    }))
    const asked = new Set<number>()
    const later = <A>(answer: A) => hold({ reason: "the test", within: 5000, until: Effect.succeed(answer) })
    const waiter = pluginOf("waiter", () => ({
      decide: (exchange) => {
        if (asked.has(exchange.id)) return allow
        asked.add(exchange.id)
        closing = exchange.operation.summary.endsWith("/closing")
        return later(later(again))
      }
    }))
    const { fetch, reached } = await open(first, waiter)
    expect((await fetch("/people")).status).toBe(200)
    expect(heard).toEqual(["inspect undefined", "inspect undefined"])
    asked.clear()
    expect((await fetch("/closing")).status).toBe(403)
    expect(reached).toEqual(["GET /people"])
  })

  it("is not held up by a plugin that goes round in circles", async () => {
    let judged = 0
    const circling = pluginOf("circling", () => ({
      decide: () => {
        judged++
        return hold({ reason: "the test", within: 5000, until: Effect.succeed(again) })
      }
    }))
    const { fetch, reached } = await open(circling)
    expect(JSON.parse((await fetch("/people")).text)).toMatchObject({ code: "fault" })
    expect(judged).toBe(8)
    expect(reached).toEqual([])
  })

  it("judges the body piece by piece before any of it leaves", async () => {
    const noSecrets = pluginOf("no-secrets", () => ({
      input: (input) => Buffer.from(input.bytes).includes("secret") ? deny("secret", "No secrets.") : allow
    }))
    const { fetch, reached } = await open(noSecrets)
    expect((await fetch("/notes", "POST", "a secret")).status).toBe(403)
    expect((await fetch("/notes", "POST", "a note")).status).toBe(200)
    expect(reached).toEqual(["POST /notes"])
  })

  it("lets plugins patch what leaves, and recorders see it as the client does", async () => {
    const recorded: Array<string> = []
    const mask = pluginOf("mask", () => ({
      transform: (output) => {
        if (output.kind !== "body") return
        const body = output as unknown as { bytes: Uint8Array }
        body.bytes = Buffer.from(Buffer.from(body.bytes).toString().replace("078-05-1120", "***-**-****"))
      }
    }))
    const recorder = pluginOf("recorder", () => ({
      record: (entry) => {
        if (entry._tag !== "Answered" || entry.output.kind !== "body") return
        recorded.push(Buffer.from((entry.output as unknown as { bytes: Uint8Array }).bytes).toString())
      }
    }))
    const { fetch } = await open(mask, recorder)
    const { text } = await fetch("/people/1")
    expect(JSON.parse(text)).toEqual({ name: "Ada", ssn: "***-**-****" })
    expect(recorded).toEqual([text])
  })

  it("refuses to be dialled with anything that the stages did not make", async () => {
    const upstream = new Upstream("http://127.0.0.1:1")
    const forged = { exchange: {}, operation: { method: "GET", path: "/", query: "" } }
    await expect(upstream.fetch(forged as never, new Uint8Array(0))).rejects.toThrow("Only an admitted operation")
    expect(Admitted.is(Object.create(Admitted.prototype))).toBe(false)
  })

  it("asks nothing before the login, and nothing after the end", async () => {
    const conversation = conversationOf([openDoor])
    const operation = { kind: "read", reads: [], writes: [], resolved: true, summary: "", digest: "" } as never
    expect(await conversation.ask(operation)).toMatchObject({ _tag: "Deny", code: "identity" })
    await conversation.login({ user: "", method: "token", settings: new Map() })
    expect(Admitted.is(await conversation.ask(operation))).toBe(true)
    conversation.close("finished")
    expect(await conversation.ask(operation)).toMatchObject({ _tag: "Deny", code: "closed" })
  })

  const read = { kind: "read", reads: [], writes: [], resolved: true, summary: "", digest: "" } as never
  const outcome = { result: "completed", rows: 0, bytes: 0 } as const
  const piece = { kind: "body", bytes: new Uint8Array(0) } as never
  const opened = async (...plugins: ReadonlyArray<ConnectedPlugin>) => {
    const conversation = conversationOf([openDoor, ...plugins])
    await conversation.login({ user: "", method: "token", settings: new Map() })
    const admitted = await conversation.ask(read)
    if (!Admitted.is(admitted)) throw new Error("It was not admitted.")
    return { admitted: admitted, conversation }
  }

  it("knows a proof of its own from another conversation's, from one that is over, and from a forged one", async () => {
    const [one, other] = [await opened(), await opened()]
    expect(other.conversation.answer(one.admitted, piece)).toMatchObject({ _tag: "Deny", code: "fault" })
    expect(await other.conversation.input(one.admitted, piece)).toMatchObject({ _tag: "Deny", code: "fault" })
    other.conversation.end(one.admitted, outcome)
    expect(other.conversation.answer(other.admitted, piece)).toBe(allow)
    other.conversation.end(other.admitted, outcome)
    expect(other.conversation.answer(other.admitted, piece)).toMatchObject({ _tag: "Deny", code: "fault" })
    one.conversation.close("finished")
    expect(one.conversation.answer(one.admitted, piece)).toMatchObject({ _tag: "Deny", code: "fault" })
    const Forge = Admitted as unknown as new(...values: ReadonlyArray<unknown>) => unknown
    expect(() => new Forge(Symbol("issuer"), {}, read)).toThrow("Only a conversation admits")
    expect(Object.keys(Object.getOwnPropertyDescriptors(Admitted))).not.toContain("issue")
  })

  it("answers whoever waits when the session ends, and admits nothing then", async () => {
    const never = pluginOf("never", () => ({
      decide: () => hold({ reason: "the test", within: 60_000, until: Effect.never })
    }))
    const conversation = conversationOf([openDoor, never])
    await conversation.login({ user: "", method: "token", settings: new Map() })
    const asked = conversation.ask(read)
    await new Promise((resolve) => setTimeout(resolve, 1))
    conversation.close("finished")
    expect(await asked).toMatchObject({ _tag: "Deny", code: "closed" })
    let written = (): void => {}
    const spool: Spool = { pending: 1, trouble: undefined, whenWritten: (resume) => void (written = resume) }
    const slow = conversationOf([openDoor, pluginOf("recorder", () => ({ spool, record: () => {} }))])
    await slow.login({ user: "", method: "token", settings: new Map() })
    const late = slow.ask(read)
    await new Promise((resolve) => setTimeout(resolve, 1))
    slow.close("finished")
    Object.assign(spool, { pending: 0 })
    written()
    expect(await late).toMatchObject({ _tag: "Deny", code: "closed" })
  })

  it("asks nothing once the token has expired", async () => {
    let expiresAt = Date.now() + 60_000
    const expiring = pluginOf("expiring", () => ({ expires: () => ({ at: expiresAt, finish: false }) }))
    expect(Admitted.is((await opened(expiring)).admitted)).toBe(true)
    expiresAt = Date.now() - 1
    await expect(opened(expiring)).rejects.toThrow("not admitted")
  })

  it("refuses input when what was waited for answers with something that is no verdict", async () => {
    const lying = pluginOf("lying", () => ({
      input: () => hold({ reason: "the test", within: 5000, until: Effect.succeed({ _tag: "Admit" } as never) })
    }))
    const { admitted, conversation } = await opened(lying)
    expect(await conversation.input(admitted, piece)).toMatchObject({ _tag: "Deny", code: "fault" })
  })

  it("lets nothing take effect before it is written down", async () => {
    let pending = 0
    let written: () => void = () => {}
    const spool: Spool = {
      get pending() {
        return pending
      },
      trouble: undefined,
      whenWritten: (resume) => {
        written = () => {
          pending = 0
          resume()
        }
      }
    }
    const recorder = pluginOf("recorder", () => ({
      spool,
      record: (entry) => {
        if (entry._tag === "Asked") pending++
      }
    }))
    const { fetch, reached } = await open(recorder)
    const answer = fetch("/people/1")
    while (pending === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(reached).toEqual([])
    written()
    expect((await answer).status).toBe(200)
    expect(reached).toEqual(["GET /people/1"])
  })
})
