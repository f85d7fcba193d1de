import { exportJWK, SignJWT } from "jose"
import * as Effect from "effect/Effect"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Tokens } from "../../../../core/index.ts"
import { oidc } from "../../../../plugins/services/oidc/index.ts"
import { openService } from "../../../fixtures/service.ts"
import { failureOf } from "../../../fixtures/service.ts"

const domain = "spiffe://prod.test"
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" })
const signer = generateKeyPairSync("ec", { namedCurve: "P-256" })

/** A JWT-SVID, as a workload API hands it out: no `iss`, the workload in `sub`. */
const svid = (sub: string, claims: Record<string, unknown> = {}, key = keys.privateKey, kid = "k1") => {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ sub, aud: ["sluice"], exp: now + 300, iat: now, ...claims })
    .setProtectedHeader({ alg: "ES256", kid, typ: "JOSE" }).sign(key)
}

describe("a workload's token", () => {
  const directory = mkdtempSync(join(tmpdir(), "svid-"))
  let tokens: Tokens["Service"]
  let close: () => Promise<void>
  beforeAll(async () => {
    const bundle = {
      spiffe_sequence: 1,
      keys: [
        { ...await exportJWK(keys.publicKey), kid: "k1", use: "jwt-svid" },
        { ...await exportJWK(signer.publicKey), kid: "x1", use: "x509-svid" }
      ]
    }
    writeFileSync(join(directory, "bundle.json"), JSON.stringify(bundle))
    const opened = await openService(oidc, { issuer: domain, audience: "sluice", jwks_file: "bundle.json" }, directory)
    tokens = opened.service
    close = opened.close
  })
  afterAll(async () => {
    await close()
    rmSync(directory, { recursive: true })
  })

  it("is its trust domain's, and proves more than a claim", async () => {
    const verified = await Effect.runPromise(tokens.verify(await svid(`${domain}/agents/support`), Date.now()))
    expect(verified).toMatchObject({ issuer: domain, subject: `${domain}/agents/support`, evidence: "workload" })
  })

  it.each([
    ["of another trust domain", "spiffe://dev.test/agents/support", {}, "issuer"],
    ["without a path", domain, {}, "issuer"],
    ["with a path that leads elsewhere", `${domain}/a/../b`, {}, "issuer"],
    ["of a trust domain that only begins so", `${domain}.evil/a`, {}, "issuer"],
    ["for someone else", `${domain}/a`, { aud: ["other"] }, "audience"],
    ["for nobody", `${domain}/a`, { aud: undefined }, "audience"],
    ["that expired", `${domain}/a`, { exp: 1 }, "expired"],
    ["that never expires", `${domain}/a`, { exp: undefined }, "claims"],
    ["for nobody in a list", `${domain}/a`, { aud: [] }, "audience"],
    ["with a slash at its end", `${domain}/a/`, {}, "issuer"],
    ["with an empty segment", `${domain}//a`, {}, "issuer"],
    ["percent-encoded", `${domain}/%61`, {}, "issuer"],
    ["of another scheme", "https://prod.test/a", {}, "issuer"],
    ["with capitals", "SPIFFE://prod.test/a", {}, "issuer"],
    ["of a domain with a port", "spiffe://prod.test:443/a", {}, "issuer"],
    ["of a user of the domain", "spiffe://prod.test@evil.test/a", {}, "issuer"],
    ["with a query", `${domain}/a?b`, {}, "issuer"],
    ["that is longer than names are", `${domain}/${"a".repeat(256)}`, {}, "claims"],
    ["that names the domain and is another's", "spiffe://dev.test/a", { iss: domain }, "issuer"],
    ["that tells of an event", `${domain}/a`, { events: {} }, "claims"]
  ])("%s is refused", async (_, sub, claims, code) => {
    expect(await failureOf(tokens.verify(await svid(sub, claims), Date.now()))).toMatchObject({ code })
  })

  it.each(["at+jwt", "logout+jwt", "kb+jwt"])("of type %s is refused", async (typ) => {
    const now = Math.floor(Date.now() / 1000)
    const token = await new SignJWT({ sub: `${domain}/a`, aud: ["sluice"], exp: now + 300 })
      .setProtectedHeader({ alg: "ES256", kid: "k1", typ }).sign(keys.privateKey)
    expect(await failureOf(tokens.verify(token, Date.now()))).toMatchObject({ code: "malformed" })
  })

  it("signed with a key for certificates is refused", async () => {
    const token = await svid(`${domain}/a`, {}, signer.privateKey, "x1")
    expect(await failureOf(tokens.verify(token, Date.now()))).toMatchObject({ code: "signature" })
  })
})
