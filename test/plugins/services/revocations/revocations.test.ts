import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Deny, type Proof, Revocations, Secrets, State } from "../../../../core/index.ts"
import { type Revocation, revocations, takesBack } from "../../../../plugins/services/revocations/index.ts"
import { eventually } from "../../../fixtures/line-gateway.ts"

const proof = (changes: Partial<Proof> = {}): Proof => ({
  session: "s-1",
  chain: [{ issuer: "https://one", subject: "ann" }, { issuer: "https://one", subject: "agent-7" }],
  issuer: "https://one",
  tokenId: "t-1",
  issuedAt: 1000,
  token: Redacted.make("secret.token.text"),
  ...changes
})

describe("a revocation", () => {
  it.each<[string, Revocation, boolean]>([
    ["of the session", { session: "s-1", at: 0 }, true],
    ["of another session", { session: "s-2", at: 5000 }, false],
    ["of the token", { token: "t-1", at: 0 }, true],
    ["of another issuer's token of that name", { token: "t-1", issuer: "https://two", at: 0 }, false],
    ["of the subject, later than the token", { subject: "ann", at: 1000 }, true],
    ["of the subject, before the token was issued", { subject: "ann", at: 999 }, false],
    ["of an actor", { subject: "agent-7", issuer: "https://one", at: 2000 }, true],
    ["of another issuer's subject of that name", { subject: "ann", issuer: "https://two", at: 2000 }, false]
  ])("%s", (_, revocation, expected) => expect(takesBack(revocation, proof())).toBe(expected))
})

/** State that can be made to fail, and the service over it. */
const open = async (
  options: unknown,
  directory: string,
  values = new Map<string, string>(),
  trouble: { failing: boolean } = { failing: false }
) => {
  const state = State.of({
    read: (_, key) => Effect.succeed(values.get(key)),
    update: () => Effect.die("not used"),
    list: () =>
      trouble.failing
        ? Effect.fail({ _tag: "PluginError" as const, plugin: "state", message: "gone" })
        : Effect.succeed([...values])
  })
  const secrets = Secrets.of({ fetch: () => Effect.succeed(Redacted.make("client:sec ret")) })
  const scope = Scope.makeUnsafe()
  const config = Schema.decodeUnknownSync(revocations.config, { onExcessProperty: "error" })(options)
  const context = Context.make(State, state).pipe(Context.add(Secrets, secrets))
  const built = await Effect.runPromise(
    Effect.provideContext(Layer.buildWithScope(revocations.layer(config, { directory }), scope), context)
  )
  return {
    service: Context.get(built, Revocations),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const watched = (service: Revocations["Service"], of = proof()) => {
  const ends: Array<Deny> = []
  const stop = service.watch(of, (denial) => ends.push(denial))
  return { ends, stop }
}

describe("what was taken back", () => {
  let directory: string
  let server: Server
  let active = true
  const asked: Array<string> = []
  let endpoint: string
  beforeEach(async () => {
    active = true
    asked.length = 0
    directory = mkdtempSync(join(tmpdir(), "revocations-"))
    server = createServer((request, response) => {
      let body = ""
      request.on("data", (chunk) => body += chunk).on("end", () => {
        asked.push(`${request.headers.authorization} ${body}`)
        response.end(JSON.stringify({ active }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
    rmSync(directory, { recursive: true })
  })

  it("in the state ends the session, and keeps it out; others stay", async () => {
    const values = new Map<string, string>()
    const { close, service } = await open({}, directory, values)
    const { ends } = watched(service)
    const other = watched(service, proof({ session: "s-2", chain: [{ issuer: "https://one", subject: "bob" }] }))
    expect(await Effect.runPromise(service.check(proof()))).toBeUndefined()
    const revoked = [{ subject: "ann", at: 1500, reason: "left the company" }]
    values.set("one", JSON.stringify({ version: 1, revoked }))
    await eventually("it ends", () => ends.length === 1)
    expect(ends[0]).toMatchObject({ code: "revoked" })
    expect(ends[0]!.message).toContain("left the company")
    expect(await Effect.runPromise(service.check(proof()))).toMatchObject({ code: "revoked" })
    expect(await Effect.runPromise(service.check(proof({ issuedAt: 1501 })))).toBeUndefined()
    expect(other.ends).toEqual([])
    await close()
  })

  it("is not told to a session that is over", async () => {
    const values = new Map<string, string>()
    const { close, service } = await open({}, directory, values)
    const { ends, stop } = watched(service)
    const other = watched(service)
    stop()
    values.set("one", JSON.stringify({ version: 1, revoked: [{ session: "s-1", at: 0 }] }))
    await eventually("the other ends", () => other.ends.length === 1)
    expect(ends).toEqual([])
    expect(other.ends[0]!.code).toBe("ended")
    await close()
  })

  it("in a file counts from when the file changes; a broken file is no empty one", async () => {
    const path = join(directory, "revoked.json")
    const write = (text: string): void => {
      writeFileSync(`${path}.new`, text)
      renameSync(`${path}.new`, path)
    }
    write(JSON.stringify({ version: 1, revoked: [] }))
    const { close, service } = await open({ list_file: "./revoked.json", stale_seconds: 1 }, directory)
    const { ends } = watched(service)
    write(JSON.stringify({ version: 1, revoked: [{ token: "t-1", at: 0 }] }))
    await eventually("it ends", () => ends.length === 1)
    const stays = watched(service, proof({ tokenId: "t-2" }))
    write("{")
    expect(await Effect.runPromise(service.check(proof({ tokenId: "t-2" })))).toMatchObject({
      code: "identity_unavailable"
    })
    await eventually("nobody stays for long", () => stays.ends.length === 1)
    expect(stays.ends[0]!.code).toBe("identity_unavailable")
    await close()
  })

  it("in a file that is not one keeps the gateway from opening", async () => {
    await expect(open({ list_file: "./none.json" }, directory)).rejects.toThrow()
  })

  it("at the issuer ends the session; each token is asked about with the client's credential", async () => {
    const introspection = { endpoint, credential: "CLIENT", every_milliseconds: 100 }
    const { close, service } = await open({ introspection }, directory)
    expect(await Effect.runPromise(service.check(proof()))).toBeUndefined()
    const { ends } = watched(service)
    active = false
    await eventually("it ends", () => ends.length === 1)
    expect(ends[0]).toMatchObject({ code: "revoked" })
    expect(JSON.stringify(ends)).not.toContain("secret.token")
    expect(asked[0]).toBe(
      `Basic ${Buffer.from("client:sec+ret").toString("base64")} token=secret.token.text&token_type_hint=access_token`
    )
    expect(await Effect.runPromise(service.check(proof()))).toMatchObject({ code: "revoked" })
    await close()
  })

  it("that cannot be known lets nobody in, and nobody stay for long", async () => {
    const trouble = { failing: false }
    const { close, service } = await open({ stale_seconds: 1 }, directory, new Map(), trouble)
    const { ends } = watched(service)
    trouble.failing = true
    expect(await Effect.runPromise(service.check(proof()))).toMatchObject({ code: "identity_unavailable" })
    await eventually("it ends", () => ends.length === 1)
    await close()
  })

  it.each(["http://issuer.example.com/introspect", "ftp://x", "https://user@host/x"])(
    "is not asked for at %s, where a token should not go",
    async (address) => {
      await expect(open({ introspection: { endpoint: address, credential: "C" } }, directory)).rejects.toThrow(/https/)
    }
  )
})
