import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { deny, pluginError, type Principal, type Proof, type Session, type VerifiedToken } from "../../../core/index.ts"
import { isProven, openingOf, reauthenticate } from "../../../plugins/approval/reauthenticate.ts"

const session: Session = {
  id: "s-1",
  pipeline: "orders",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => 5000
}
const bot = { issuer: "https://issuer.test", subject: "bot", groups: [], claims: {} }
const principal: Principal = { ...bot, subject: "ann", actors: [bot], evidence: "asserted", expiresAt: undefined }
const verified: VerifiedToken = {
  issuer: principal.issuer,
  subject: "ann",
  claims: { jti: "t-1", iat: 1000 },
  expiresAt: 9e15,
  evidence: "asserted"
}

const login = { user: "app", method: "token", secret: new TextEncoder().encode("a.b.c"), settings: new Map() } as const
const certificate = { user: "app", method: "certificate", settings: new Map() } as const

const authorities = (taken: boolean, verifies = true) => {
  const asked: Array<Proof> = []
  return {
    asked,
    tokens: {
      issuers: [],
      verify: () => verifies ? Effect.succeed(verified) : Effect.fail({ _tag: "TokenRefused", message: "no" } as never)
    },
    revocations: {
      // Nobody watches here: what ends the session comes too late.
      watch: () => () => {},
      check: (proof: Proof) => {
        asked.push(proof)
        return Effect.succeed(taken ? deny("revoked", "It was taken back.") : undefined)
      }
    }
  }
}

describe("whoever asked, when the operation is released", () => {
  it("I10 I23: may not have it once the proof was taken back, though the session is still open", async () => {
    const room = authorities(true)
    const refusal = await Effect.runPromise(
      reauthenticate(room, openingOf(login, session), session, principal, true)
    )
    expect(refusal).toMatchObject({ code: "revoked" })
    expect(room.asked[0]).toMatchObject({ session: session.id, tokenId: "t-1", issuedAt: 1_000_000 })
    expect(room.asked[0]!.chain.map(({ subject }) => subject)).toEqual(["ann", "bot"])
    expect(room.asked[0]!.token).toBeDefined()
  })

  it("I10: holds for workloads, who have no token", async () => {
    const opening = openingOf(certificate, session)
    const room = authorities(true)
    expect(await Effect.runPromise(isProven(room.tokens, opening, session))).toBe(false)
    expect(await Effect.runPromise(reauthenticate(room, opening, session, principal, false))).toMatchObject({
      code: "revoked"
    })
    expect(room.asked[0]).toMatchObject({ tokenId: undefined, issuedAt: opening.at, token: undefined })
    const free = authorities(false)
    expect(await Effect.runPromise(reauthenticate(free, opening, session, principal, false))).toBeUndefined()
  })

  it("I06: must prove itself then, also where it could not be asked when the operation was held", async () => {
    const down = { issuers: [], verify: () => Effect.fail(pluginError("oidc", "no keys")) }
    const opening = openingOf(login, session)
    expect(await Effect.runPromise(isProven(down, opening, session))).toBe(true)
    const refused = authorities(false, false)
    expect(await Effect.runPromise(reauthenticate(refused, opening, session, principal, true))).toMatchObject({
      code: "expired"
    })
    expect(refused.asked).toEqual([])
  })

  it("I23: may not have it past its own end", async () => {
    const late = { ...principal, expiresAt: 0 }
    expect(
      await Effect.runPromise(reauthenticate(authorities(false), openingOf(certificate, session), session, late, false))
    ).toMatchObject({ code: "expired" })
  })
})
