import * as Effect from "effect/Effect"
import fc from "fast-check"
import { createLocalJWKSet, jwtVerify } from "jose"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Tokens, VerifiedToken } from "../../../../core/index.ts"
import { ALGORITHMS } from "../../../../plugins/services/oidc/algorithms.ts"
import { oidc } from "../../../../plugins/services/oidc/index.ts"
import { openService } from "../../../fixtures/service.ts"
import { ecKey, edKey, forge, rsaKey, signed } from "./forge.ts"
import { AUDIENCE, CANARY, goodClaims, goodToken, ISSUER, type Keys, NOW, vectors } from "./vectors.ts"

const directory = mkdtempSync(join(tmpdir(), "oidc-"))
const keys: Keys = { rsa: rsaKey("rsa"), ec: ecKey("ec"), ed: edKey("ed"), evil: ecKey("ec") }
const jwks = { keys: [keys.rsa.jwk, keys.ec.jwk, keys.ed.jwk] }
const issuer = { issuer: ISSUER, audience: AUDIENCE, jwks_file: "jwks.json" }
const other = { issuer: "https://other.example.com", audience: AUDIENCE, jwks_file: "other.json" }
const closing: Array<() => Promise<void>> = []

const open = async (options: unknown): Promise<Tokens["Service"]> => {
  const { service, close } = await openService(oidc, options, directory)
  closing.push(close)
  return service
}
const verify = (tokens: Tokens["Service"], token: string, now = NOW * 1000) =>
  Effect.runPromise(Effect.result(tokens.verify(token, now)))
const codeOf = async (tokens: Tokens["Service"], token: string): Promise<string> => {
  const result = await verify(tokens, token)
  if (result._tag === "Success") return "accepted"
  return result.failure._tag === "TokenRefused" ? result.failure.code : result.failure._tag
}

let tokens: Tokens["Service"]
beforeAll(async () => {
  writeFileSync(join(directory, "jwks.json"), JSON.stringify(jwks))
  writeFileSync(join(directory, "other.json"), JSON.stringify({ keys: [ecKey("ec").jwk] }))
  tokens = await open({ issuers: [issuer, other] })
})
afterAll(async () => {
  for (const close of closing) await close()
  rmSync(directory, { recursive: true })
})

describe("a good token", () => {
  it("yields who it is about, and until when", async () => {
    const result = await verify(tokens, goodToken(keys, { groups: ["a"] }))
    expect(result._tag).toBe("Success")
    const token = (result as { success: VerifiedToken }).success
    expect([token.issuer, token.subject, token.expiresAt]).toEqual([ISSUER, "ann", (NOW + 300) * 1000])
    expect(token.claims["groups"]).toEqual(["a"])
    expect(tokens.issuers).toEqual([ISSUER, other.issuer])
  })
  it.each([...ALGORITHMS.keys()])("may be signed with %s", async (alg) => {
    const key = alg.startsWith("ES")
      ? ecKey("k", ALGORITHMS.get(alg)!.curve)
      : alg.startsWith("Ed")
      ? edKey("k")
      : keys.rsa
    writeFileSync(join(directory, "one.json"), JSON.stringify({ keys: [{ ...key.jwk, kid: "k", alg }] }))
    const one = await open({ ...issuer, jwks_file: "one.json" })
    const token = forge({ alg, kid: "k" }, goodClaims, (input) => signed(alg, key, input))
    expect(await codeOf(one, token)).toBe("accepted")
    const otherAlg = alg === "RS256" ? "RS512" : "RS256"
    expect(await codeOf(await open({ ...issuer, jwks_file: "one.json", algorithms: [otherAlg] }), token)).toBe(
      "signature"
    )
  })
  it.each([
    ["no kid", {}, { kid: undefined }],
    ["its type named", {}, { typ: "JWT" }],
    ["an access token's type", {}, { typ: "application/at+jwt" }],
    ["several audiences", { aud: ["a", AUDIENCE] }, {}],
    ["one second left", { exp: NOW + 1 }, {}],
    ["a fraction of a second left", { exp: NOW + 0.5 }, {}],
    ["nbf at the edge of the skew", { nbf: NOW + 30 }, {}],
    ["iat at the edge of the skew", { iat: NOW + 30 }, {}],
    ["no iat", { iat: undefined }, {}],
    ["15 KiB", { pad: "x".repeat(10_500) }, {}],
    ["equal names in different objects", { a: { x: 1 }, b: [{ x: 1 }, { x: "\"},{\\" }] }, {}]
  ])("may have %s", async (_name, claims, header) => {
    expect(await codeOf(tokens, goodToken(keys, claims, header))).toBe("accepted")
  })
})

describe("a forged token", () => {
  it.each(vectors(keys))("is refused: $name", async ({ code, token, valid }) => {
    expect(await codeOf(tokens, token)).toBe(code)
    // The control: these are refused for the one thing that is wrong with them, since a library's defaults accept them.
    if (valid) {
      const naive = jwtVerify(token, createLocalJWKSet(jwks), { currentDate: new Date(NOW * 1000) })
      await expect(naive).resolves.toBeDefined()
    }
  })
  it("is never quoted in a refusal", async () => {
    for (const { name, token } of vectors(keys)) {
      const result = await verify(tokens, token)
      const shown = inspect(result, { depth: 9, showHidden: true }) + JSON.stringify(result)
      expect([name, shown.includes(CANARY)]).toEqual([name, false])
      for (const part of token.split(".")) {
        if (part !== undefined && part.length > 8) expect([name, shown.includes(part)]).toEqual([name, false])
      }
    }
  })
  it("is refused wherever one character was changed", async () => {
    const good = goodToken(keys)
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= "
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...alphabet.split("")), async (at, character) => {
        fc.pre(good[at] !== character)
        expect(await codeOf(tokens, good.slice(0, at) + character + good.slice(at + 1))).not.toBe("accepted")
      }),
      { numRuns: 1000 }
    )
    expect(await codeOf(tokens, good)).toBe("accepted")
  })
  it("is refused whatever it is", async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString("base64url"))
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        expect(await codeOf(tokens, parts.join("."))).toBe("malformed")
      }),
      { numRuns: 1000 }
    )
  })
})

describe("the operator's options", () => {
  it("I03 limit the clients that tokens are issued to", async () => {
    const limited = await open({ ...issuer, clients: ["cli", "agent"] })
    expect(await codeOf(limited, goodToken(keys, { azp: "cli" }))).toBe("accepted")
    expect(await codeOf(limited, goodToken(keys, { client_id: "agent" }))).toBe("accepted")
    for (const claims of [{ azp: "web" }, {}, { azp: "web", client_id: "cli" }, { azp: ["cli"] }]) {
      expect(await codeOf(limited, goodToken(keys, claims))).toBe("claims")
      expect(await codeOf(tokens, goodToken(keys, claims))).toBe("accepted")
    }
  })
  it("limit the lifetime", async () => {
    const limited = await open({ ...issuer, lifetime_seconds_max: 305 })
    expect(await codeOf(limited, goodToken(keys))).toBe("accepted")
    expect(await codeOf(limited, goodToken(keys, { exp: NOW + 301 }))).toBe("claims")
    expect(await codeOf(limited, goodToken(keys, { iat: undefined }))).toBe("claims")
  })
  it("I03 can ask for access tokens only", async () => {
    const access = await open({ ...issuer, types: ["at+jwt"] })
    expect(await codeOf(access, goodToken(keys))).toBe("malformed")
    expect(await codeOf(access, goodToken(keys, {}, { typ: "AT+JWT" }))).toBe("accepted")
  })
  it.each([
    ["nothing", {}],
    ["no audience", { issuer: ISSUER, jwks_file: "jwks.json" }],
    ["an empty audience", { ...issuer, audience: "" }],
    ["no audiences", { ...issuer, audience: [] }],
    ["an empty issuer", { ...issuer, issuer: "" }],
    ["no issuers", { issuers: [] }],
    ["an issuer twice", { issuers: [issuer, issuer] }],
    ["options beside issuers", { issuers: [issuer], clock_skew_seconds: 1 }],
    ["an issuer beside issuers", { issuers: [issuer], ...other }],
    ["keys over http among several", { issuers: [{ issuer: "http://login.example.com", audience: AUDIENCE }] }],
    ["alg none", { ...issuer, algorithms: ["none"] }],
    ["HS256", { ...issuer, algorithms: ["ES256", "HS256"] }],
    ["no algorithms", { ...issuer, algorithms: [] }],
    ["more skew than two minutes", { ...issuer, clock_skew_seconds: 121 }],
    ["both a file and an address", { ...issuer, jwks_uri: "https://x.example" }],
    ["keys over http", { issuer: ISSUER, audience: AUDIENCE, jwks_uri: "http://login.example.com/jwks" }],
    ["discovery over http", { issuer: "http://login.example.com", audience: AUDIENCE }],
    ["an address that only starts like loopback", { issuer: "http://127.0.0.1.evil.example", audience: AUDIENCE }],
    ["a password in the address", { issuer: "https://a:b@login.example.com", audience: AUDIENCE }],
    ["an unknown option", { ...issuer, insecure: true }],
    ["a file that is missing", { ...issuer, jwks_file: "missing.json" }]
  ])("I26 cannot be %s", async (_name, options) => {
    await expect(open(options)).rejects.toThrow()
  })
})

describe("keys that cannot be trusted", () => {
  const point = ecKey("k").jwk
  const weak = rsaKey("k", 1024)
  it.each([
    ["a short RSA key", weak.jwk, "2048"],
    ["exponent one", { ...keys.rsa.jwk, e: "AQ" }, "exponent"],
    ["exponent three", { ...keys.rsa.jwk, e: "Aw" }, "exponent"],
    ["an even exponent", { ...keys.rsa.jwk, e: "AQAC" }, "exponent"],
    ["a huge RSA key", { ...keys.rsa.jwk, n: Buffer.alloc(1025, 255).toString("base64url") }, "8192"],
    ["a secret", { kty: "oct", k: "AAAA", kid: "k", alg: "HS256" }, "type"],
    ["a private key", { ...point, d: "AAAA" }, "private"],
    ["an encryption key", { ...point, use: "enc" }, "signatures"],
    ["a signing key by its operations", { ...point, key_ops: ["sign"] }, "checking"],
    ["no x", { ...point, x: undefined }, "`x`"],
    ["a kid that is a number", { ...point, kid: 1 }, "`kid`"],
    ["nothing", null, "object"]
  ])("I07 are left out, and a file of nothing else opens nothing: %s", async (_name, jwk, why) => {
    writeFileSync(join(directory, "bad.json"), JSON.stringify({ keys: [jwk] }))
    await expect(open({ ...issuer, jwks_file: "bad.json" })).rejects.toThrow(why)
  })
  it("I07 sign nothing: a short key, a point off its curve, a curve that is not used", async () => {
    const off = { ...point, kid: "off", y: point.x! }
    const koblitz = ecKey("koblitz", "secp256k1")
    writeFileSync(join(directory, "mixed.json"), JSON.stringify({ keys: [weak.jwk, off, koblitz.jwk, keys.ec.jwk] }))
    const mixed = await open({ ...issuer, jwks_file: "mixed.json" })
    const shortly = forge({ alg: "RS256", kid: "k" }, goodClaims, (i) => signed("RS256", weak, i))
    const offCurve = forge({ alg: "ES256", kid: "off" }, goodClaims, (i) => signed("ES256", keys.ec, i))
    const other = forge({ alg: "ES256", kid: "koblitz" }, goodClaims, (i) => signed("ES256", koblitz, i))
    for (const token of [shortly, offCurve, other]) expect(await codeOf(mixed, token)).toBe("signature")
    expect(await codeOf(mixed, goodToken(keys))).toBe("accepted")
  })
})
