import * as Effect from "effect/Effect"
import { compactVerify, importJWK } from "jose"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Tokens } from "../../../../../core/index.ts"
import { oidc } from "../../../../../plugins/services/oidc/index.ts"
import { judgedBy, type Mutant, ROOT } from "../../../../fixtures/mutants.ts"
import { openService } from "../../../../fixtures/service.ts"
import { ecKey, edKey, forge } from "../forge.ts"
import { AUDIENCE, goodClaims, ISSUER, NOW } from "../vectors.ts"
import { algorithms, NARROW } from "./algorithms.ts"
import { claims } from "./claims.ts"
import { forms } from "./forms.ts"
import { type Corpus, misjudged } from "./judge.ts"
import { headers } from "./headers.ts"
import { EXAMPLE_KEY, examples } from "./published-examples.ts"
import { makeRing, published, type Row, tokenBy } from "./row.ts"
import { signatures } from "./signatures.ts"

const directory = mkdtempSync(join(tmpdir(), "families-"))
const closing: Array<() => Promise<void>> = []
const ring = makeRing()
/** Where a token may lead, and should not: whoever comes is counted. */
let lure: Server
let lured = 0
let tokens: Tokens["Service"]

const open = async (name: string, keys: object, issuer = ISSUER): Promise<Tokens["Service"]> => {
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(keys))
  const { close, service } = await openService(
    oidc,
    {
      issuers: [
        { issuer, audience: AUDIENCE, jwks_file: `${name}.json` },
        { issuer: "https://other.example.com", audience: AUDIENCE, jwks_file: "other.json" }
      ]
    },
    directory
  )
  closing.push(close)
  return service
}
const codeOf = async (token: string, by = tokens): Promise<string> => {
  const result = await Effect.runPromise(Effect.result(by.verify(token, NOW * 1000)))
  if (result._tag === "Success") return "accepted"
  return result.failure._tag === "TokenRefused" ? result.failure.code : result.failure.message
}
/** What a gateway trusts, and what comes to it. */
const corpusOf = (rows: ReadonlyArray<Row>): Corpus => ({
  directory,
  now: NOW * 1000,
  rows,
  options: {
    issuers: [
      { issuer: ISSUER, audience: AUDIENCE, jwks_file: "keys.json" },
      { issuer: "https://other.example.com", audience: AUDIENCE, jwks_file: "other.json" },
      { issuer: NARROW, audience: AUDIENCE, jwks_file: "keys.json", algorithms: ["ES256"] }
    ]
  }
})

beforeAll(async () => {
  lure = createServer((_request, response) => {
    lured++
    response.end(JSON.stringify({ keys: [ring.attacker.jwk] }))
  })
  await new Promise<void>((resolve) => lure.listen(0, "127.0.0.1", resolve))
  writeFileSync(join(directory, "other.json"), JSON.stringify({ keys: [ecKey("ec").jwk] }))
  tokens = await open("keys", published(ring))
})
afterAll(async () => {
  for (const close of closing) await close()
  lure.close()
  rmSync(directory, { recursive: true })
})

describe("tokens of every family in the literature", () => {
  it.each<[string, number, () => ReadonlyArray<Row>]>([
    ["algorithms", 100, () => algorithms(ring)],
    ["headers", 130, () => headers(ring, `http://127.0.0.1:${(lure.address() as AddressInfo).port}`)],
    ["forms", 80, () => forms(ring)],
    ["claims", 150, () => claims(ring)],
    ["signatures", 50, () => signatures(ring)]
  ])("are judged rightly: %s", async (_family, least, make) => {
    const rows = make()
    expect(rows.length).toBeGreaterThan(least)
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    expect(await misjudged(ROOT, corpusOf(rows))).toEqual([])
    // In the other order too: what was judged before changes nothing.
    expect(await misjudged(ROOT, corpusOf(rows.toReversed()))).toEqual([])
  })
  it("never lead anywhere", () => expect(lured).toBe(0))
})

describe("the examples of the standards", () => {
  it.each(examples)("$name", async ({ code, token }) => {
    expect(await codeOf(token, await open("example", { keys: [EXAMPLE_KEY] }, "joe"))).toBe(code)
  })
  it("are what they say: the signed one is", async () => {
    const verified = await compactVerify(examples[1]!.token, await importJWK(EXAMPLE_KEY, "ES256"))
    expect(new TextDecoder().decode(verified.payload)).toContain("\"iss\":\"joe\"")
  })
})

describe("keys that prove nothing", () => {
  /** Points of small order, some in two spellings: with such a key one signature fits many messages. */
  const points = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
  ]
  it.each(points)("of small order sign nothing: %s", async (point) => {
    const weak = { kty: "OKP", crv: "Ed25519", kid: "weak", x: Buffer.from(point, "hex").toString("base64url") }
    const found = await open("weak", { keys: [weak, ring.ec.jwk] })
    // R the neutral point and s = 0: with the neutral point as the key it fits every message.
    const forged = forge(
      { alg: "EdDSA", kid: "weak" },
      goodClaims,
      () => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
    )
    expect(await codeOf(forged, found)).toBe("signature")
    expect(await codeOf(tokenBy(ring.ec, "ES256"), found)).toBe("accepted")
  })
  it.each<[string, object]>([
    ["an even modulus", {
      ...ring.rsa.jwk,
      n: Buffer.concat([Buffer.alloc(255, 255), Buffer.from([254])]).toString("base64url")
    }],
    ["a modulus that begins with zeros", {
      ...ring.rsa.jwk,
      n: Buffer.concat([Buffer.alloc(200), Buffer.alloc(56, 255)]).toString("base64url")
    }],
    ["exponent zero", { ...ring.rsa.jwk, e: "AA" }],
    ["no exponent", { ...ring.rsa.jwk, e: "" }],
    ["a private key of RSA", { ...ring.rsa.jwk, d: "AA" }],
    ["a secret among RSA's members", { ...ring.rsa.jwk, k: "AA" }],
    ["primes of a private key", { ...ring.rsa.jwk, p: "Aw", q: "BQ" }],
    ["operations that are a text", { ...ring.ec.jwk, key_ops: "verify" }],
    ["no operations", { ...ring.ec.jwk, key_ops: [] }],
    ["a use in another case", { ...ring.ec.jwk, use: "SIG" }],
    ["X25519", { ...edKey("x").jwk, crv: "X25519", use: "enc" }]
  ])("are left out: %s", async (_name, key) => {
    await expect(open("bad", { keys: [key] })).rejects.toThrow("no usable key")
  })
  it("are none: a set that names a member twice", async () => {
    const text = JSON.stringify(published(ring))
    writeFileSync(join(directory, "double.json"), text.replace("{\"keys\":", "{\"keys\":[],\"keys\":"))
    const opening = openService(oidc, { issuer: ISSUER, audience: AUDIENCE, jwks_file: "double.json" }, directory)
    await expect(opening).rejects.toThrow("no set of keys")
  })
})

/** Ways to break the room. Each accepts what should be refused, refuses what is good, or loses why. */
const mutants: ReadonlyArray<Mutant> = [
  ["compact.ts", "if (parts.length !== 3) return", "if (parts.length < 3) return"],
  ["compact.ts", "if (fault !== undefined) return malformed(fault)", ""],
  ["compact.ts", "parts[2] !== \"\" && bytesOf(parts[2]!) === undefined", "false"],
  ["compact.ts", "\"crit\", \"b64\"", "\"b64\""],
  ["compact.ts", "\"crit\", \"b64\"", "\"crit\""],
  ["compact.ts", "\"zip\", ", ""],
  ["compact.ts", "\"enc\", ", ""],
  ["compact.ts", ", \"cty\"", ""],
  ["compact.ts", "[\"kid\", \"typ\"]", "[\"typ\"]"],
  ["compact.ts", "[\"kid\", \"typ\"]", "[\"kid\"]"],
  ["compact.ts", "typeof header[\"alg\"] !== \"string\"", "false"],
  ["compact.ts", "fatal: true, ignoreBOM: true", "fatal: true"],
  ["compact.ts", "fatal: true, ignoreBOM: true", "ignoreBOM: true"],
  ["compact.ts", "bytes.toString(\"base64url\") === part ? bytes : undefined", "bytes"],
  ["compact.ts", "?.toLowerCase()", "?.toString()"],
  ["compact.ts", ".replace(/^application\\//, \"\")", ""],
  ["strict-json.ts", "if (names.has(name)) return false", ""],
  ["strict-json.ts", "levels.length > DEPTH_MAX", "false"],
  ["strict-json.ts", "JSON.parse(text.slice(at, end)) as string", "text.slice(at, end)"],
  ["strict-json.ts", "|| Array.isArray(value)", ""],
  ["verifier.ts", "!trust.algorithms.has(compact.algorithm)", "false"],
  ["verifier.ts", "trust.types.has(compact.type ?? \"jwt\")", "true"],
  ["verifier.ts", "if (cache.has(token, keys)) return finish()", "return finish()"],
  [
    "verifier.ts",
    "const verified = checkClaims(compact.claims, trust.expected, now)",
    "const verified: any = { issuer: \"\", subject: \"\", claims: {}, evidence: \"asserted\", expiresAt: now }"
  ],
  ["verifier.ts", "if (signed) return true", "return true"],
  ["key-set.ts", "(keyId === undefined || key.id === keyId)", "true"],
  ["key-set.ts", "!SIGNING_USES.has(key[\"use\"])", "false"],
  ["key-set.ts", "Array.isArray(operations) && operations.includes(\"verify\")", "true"],
  ["claims.ts", "text !== \"\" && text", "text"],
  ["claims.ts", "text.length <= SUBJECT_LENGTH_MAX && ", ""],
  ["claims.ts", "text.trim() === text\n  && ", ""],
  ["claims.ts", "\\p{Cc}", ""],
  ["claims.ts", "\\p{Cf}", ""],
  ["claims.ts", "\\p{Cs}", ""],
  ["claims.ts", "\\p{Zl}", ""],
  ["claims.ts", "\\p{Zp}", ""],
  ["claims.ts", "Object.hasOwn(claims, \"events\")", "false"],
  ["claims.ts", "!named.every((name) => typeof name === \"string\")", "false"],
  ["claims.ts", "!named.some((name) => expected.audiences.includes(name))", "false"],
  ["claims.ts", "!isTime(exp) ||", ""],
  ["claims.ts", "if (seconds >= exp) return", "if (seconds > exp) return"],
  ["claims.ts", "const latest = seconds + expected.skewSeconds", "const latest = seconds"],
  ["claims.ts", "(nbf ?? 0) > latest ||", ""],
  ["claims.ts", "|| (iat ?? 0) > latest", ""],
  ["claims.ts", "time >= 0 &&", ""],
  ["claims.ts", "&& time <= SECONDS_MAX", ""]
]

describe("a room that is broken", () => {
  it("is found out, in each of many ways", async () => {
    const rows = [algorithms(ring), headers(ring, "http://127.0.0.1:9"), forms(ring), claims(ring), signatures(ring)]
    const judge = new URL("./judge.ts", import.meta.url)
    const judged = await judgedBy(mutants, { room: "plugins/services/oidc", judge, corpus: corpusOf(rows.flat()) })
    expect(mutants.filter((_mutant, i) => judged[i]!.length === 0)).toEqual([])
    expect(judged.flat().filter((what) => what.includes("cannot be loaded"))).toEqual([])
  }, 300_000)
})
