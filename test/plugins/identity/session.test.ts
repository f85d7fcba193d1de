import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  type Admission,
  admit,
  Any,
  definePlugin,
  deny,
  type Login,
  Principal,
  type Session
} from "../../../core/index.ts"
import type { ConnectedPlugin } from "../../../core/pipeline/hook-list.ts"
import { Stages } from "../../../core/pipeline/index.ts"
import { identity } from "../../../plugins/identity/index.ts"
import { oidc } from "../../../plugins/services/oidc/index.ts"
import { makeIssuer } from "../../fixtures/issuer.ts"
import { openService } from "../../fixtures/service.ts"

const session: Session = {
  id: "s-1",
  pipeline: "orders",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => Date.now()
}

/** A later plugin that lets in only whom `identity` found, and remembers them. */
const guest = (seen: Array<string>) =>
  definePlugin({
    name: "guest",
    family: Any,
    config: Schema.Struct({}),
    requires: [Principal],
    connect: () => ({
      authenticate: (_login, facts) => {
        const { subject } = facts.get(Principal)
        seen.push(subject)
        return subject === "ann" ? admit : deny("guest", "Ann alone.")
      }
    })
  })

const logIn = async (stages: Stages, token: string | undefined): Promise<Admission> => {
  const login: Login = {
    user: "root",
    method: "password",
    settings: new Map(),
    ...(token === undefined ? {} : { secret: new TextEncoder().encode(token) })
  }
  let answer = stages.authenticate(login)
  while (answer._tag === "Held") answer = answer.resume(await Effect.runPromise(answer.hold.until))
  return answer
}

describe("a session's stages with identity", () => {
  it("know who is calling before the next plugin is asked, and until when", async () => {
    const directory = mkdtempSync(join(tmpdir(), "session-"))
    const issuer = await makeIssuer()
    issuer.writeJwksFile(join(directory, "jwks.json"))
    const options = { issuer: issuer.issuer, audience: issuer.audience, jwks_file: "jwks.json" }
    const { service, close } = await openService(oidc, options, directory)
    const seen: Array<string> = []
    const faults: Array<unknown> = []
    const connect = (): Stages => {
      const config = Schema.decodeSync(identity.config)({})
      const own: ConnectedPlugin = {
        name: "identity",
        plugin: identity,
        config,
        resources: { tokens: service, revocations: { check: () => Effect.succeed(undefined), watch: () => () => {} } },
        onError: "deny"
      }
      const later: ConnectedPlugin = {
        name: "guest",
        plugin: guest(seen),
        config: {},
        resources: undefined,
        onError: "deny"
      }
      return Stages.connect(session, [own, later], (...fault) => faults.push(fault)) as Stages
    }

    const first = connect()
    const exp = Math.floor(Date.now() / 1000) + 120
    expect(await logIn(first, await issuer.token({ sub: "ann", exp }))).toEqual(admit)
    expect(first.expires()).toEqual({ at: exp * 1000, finish: false })
    expect(first.facts.find(Principal)?.subject).toBe("ann")
    expect(await logIn(connect(), await issuer.token({ sub: "bob" }))).toMatchObject({ code: "guest" })

    const refused = connect()
    for (const token of [undefined, "hunter2", await issuer.token({}, { expiresInSeconds: -5 })]) {
      expect((await logIn(refused, token))._tag).toBe("Deny")
    }
    expect(refused.facts.find(Principal)).toBeUndefined()
    expect(seen).toEqual(["ann", "bob"])
    expect(faults).toEqual([])
    await close()
    rmSync(directory, { recursive: true })
  })
})
