import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { hash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Admission, type Hooks, type Login, pluginError, type Session, type Tokens } from "../../../core/index.ts"
import { identity } from "../../../plugins/identity/index.ts"
import { oidc } from "../../../plugins/services/oidc/index.ts"
import { type Issuer, makeIssuer, type TokenOptions } from "../../fixtures/issuer.ts"
import { openService } from "../../fixtures/service.ts"
import { type Came, comeTo, loginOf, nothingRevoked, session } from "./door.ts"

const directory = mkdtempSync(join(tmpdir(), "identity-"))
let issuer: Issuer
let tokens: Tokens["Service"]
let close: () => Promise<void>
beforeAll(async () => {
  issuer = await makeIssuer()
  issuer.writeJwksFile(join(directory, "jwks.json"))
  const opened = await openService(
    oidc,
    { issuer: issuer.issuer, audience: issuer.audience, jwks_file: "jwks.json" },
    directory
  )
  tokens = opened.service
  close = opened.close
})
afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true })
})

const come = (
  login: Login,
  options: unknown = {},
  with_: { tokens?: Tokens["Service"]; session?: Session } = {}
): Promise<Came> => comeTo(with_.tokens ?? tokens, login, options, with_.session)
const comeWith = async (claims: object, options: unknown = {}, more: TokenOptions = {}): Promise<Came> =>
  come(loginOf(await issuer.token(claims as never, more)), options)
const codeOf = (came: Came): string => came.admission._tag === "Admit" ? "admitted" : came.admission.code
const messageOf = (came: Came): string => came.admission._tag === "Admit" ? "" : came.admission.message

describe("a token", () => {
  it.each(["password", "token"] as const)("as %s says who is calling", async (method) => {
    const token = await issuer.token({ sub: "ann", groups: ["analysts"], region: "us-east" })
    const came = await come(loginOf(token, method))
    expect(codeOf(came)).toBe("admitted")
    expect(came.principal).toEqual({
      issuer: issuer.issuer,
      subject: "ann",
      groups: ["analysts"],
      claims: { region: "us-east" },
      actors: [],
      evidence: "asserted",
      expiresAt: came.expires
    })
  })
  it("I08 of 11 KiB is read whole, and the session ends when it expires", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const came = await comeWith({ exp, pad: "x".repeat(8000) }, { claims: ["pad"] })
    expect(came.principal?.claims["pad"]).toHaveLength(8000)
    expect(came.expires).toBe(exp * 1000)
    expect(came.principal?.expiresAt).toBe(exp * 1000)
  })
  it("I08 that expired is refused as expired, and never quoted", async () => {
    const token = await issuer.token({ note: "canary" }, { expiresInSeconds: -1 })
    const came = await come(loginOf(token))
    expect(codeOf(came)).toBe("expired")
    expect(came.principal).toBeUndefined()
    expect(came.expires).toBeUndefined()
    for (const part of token.split(".")) expect(inspect(came)).not.toContain(part)
  })
  it("that is not accepted is refused with why, and sets nothing", async () => {
    const came = await comeWith({ aud: "another" })
    expect([codeOf(came), came.principal]).toEqual(["identity", undefined])
    expect(messageOf(came)).toContain("audience must be sluice")
  })
  it("that cannot be checked is refused as such", async () => {
    const none = { issuers: [], verify: () => Effect.fail(pluginError("oidc", "There are no keys at 10.0.0.7.")) }
    const came = await come(loginOf(await issuer.token()), {}, { tokens: none })
    expect(codeOf(came)).toBe("identity_unavailable")
    expect(inspect(came)).not.toContain("10.0.0.7")
  })
  it("that was seen before is judged within the same turn", async () => {
    const login = loginOf(await issuer.token({ sub: "bob" }))
    const connect = () =>
      identity.connect(session(), {
        config: Schema.decodeSync(identity.config)({}),
        resources: { tokens, revocations: nothingRevoked }
      }) as Hooks
    const ask = () => {
      const answer = connect().authenticate!(login, { set: () => {}, get: () => {} } as never)
      return answer._tag === "Hold" ? Effect.runSyncExit(answer.until as Effect.Effect<Admission>)._tag : "no hold"
    }
    expect(ask()).toBe("Failure") // The control: checking a signature takes a turn.
    await come(login)
    expect(ask()).toBe("Success")
  })
})

describe("I26 nobody gets in", () => {
  it.each<[string, Login]>([
    ["without a secret", loginOf(undefined)],
    ["without a secret, by token", loginOf(undefined, "token")],
    ["with an empty secret", loginOf("")],
    ["with a certificate", loginOf(undefined, "certificate")],
    ["with a password", loginOf("hunter2")],
    ["with 17 KiB", loginOf("a.b.".padEnd(17_000, "c"))],
    ["with bytes that are no text", { ...loginOf(""), secret: new Uint8Array([0, 255, 46, 46, 254]) }]
  ])("%s, and is told how", async (_name, login) => {
    const came = await come(login)
    expect([codeOf(came), came.principal]).toEqual(["identity", undefined])
    expect((came.admission as { hint?: string }).hint).toContain("token as the password")
  })
  it("with a certificate beside someone's token", async () => {
    expect(codeOf(await come(loginOf(await issuer.token(), "certificate")))).toBe("identity")
  })
  it("by an unknown option", () => {
    const decode = Schema.decodeUnknownSync(identity.config, { onExcessProperty: "error" })
    for (const options of [{ anonymous: true }, { subject_claim: "" }, { agent_claim: "" }]) {
      expect(() => decode(options)).toThrow()
    }
  })
})

describe("I13 what a client says of itself", () => {
  it("changes nothing: its user name, database, settings and address", async () => {
    const token = await issuer.token({ sub: "ann", groups: ["analysts"] })
    const told = {
      ...loginOf(token),
      user: "admin",
      database: "zone=eu",
      settings: new Map([["application_name", "region=de"], ["options", "-c sub=root"]])
    }
    const here = session()
    const elsewhere = { ...here, peer: { ...here.peer, address: "10.1.2.3" } }
    const plain = await come(loginOf(token))
    expect((await come(told)).principal).toEqual(plain.principal)
    expect((await come(told, {}, { session: elsewhere })).principal).toEqual(plain.principal)
  })
})

describe("I27 a login that was refused", () => {
  it.each([{}, { aud: "another" }, { exp: 1 }, { sub: "" }, { groups: 7 }, { act: {} }, { cnf: { jkt: "x" } }])(
    "leaves nobody behind half known: %j",
    async (claims) => {
      const came = await comeWith(claims)
      if (Object.keys(claims).length === 0) expect(came.principal?.subject).toBe("ann")
      else expect([codeOf(came) === "admitted", came.principal, came.expires]).toEqual([false, undefined, undefined])
    }
  )
})

describe("claims", () => {
  it("keeps scalars that are no secrets, and nothing that the token is about", async () => {
    const { principal } = await comeWith({
      region: "eu",
      level: 3,
      staff: true,
      nothing: null,
      list: ["a"],
      object: { a: 1 },
      jti: "j",
      azp: "web",
      access_token: "canary",
      accessToken: "canary",
      idTokenHint: "canary",
      client_secret: "canary",
      password: "canary",
      nonce: "canary",
      at_hash: "canary",
      sid: "canary",
      "https://x.example/api_key": "canary",
      "session.token": "canary",
      passport: "kept",
      decode: "kept",
      design: "kept"
    })
    expect(principal?.claims).toEqual({
      region: "eu",
      level: 3,
      staff: true,
      jti: "j",
      azp: "web",
      passport: "kept",
      decode: "kept",
      design: "kept"
    })
  })
  it("keeps what the operator lists, as it is", async () => {
    const { principal } = await comeWith({ region: "eu", roles: ["a"], deep: { er: { x: 1 } }, "a.b": 2 }, {
      claims: ["roles", "deep.er", "a.b", "missing", "__proto__", "constructor"]
    })
    expect(principal?.claims).toEqual({ roles: ["a"], "deep.er": { x: 1 }, "a.b": 2 })
  })
  it("never raises the evidence, whatever they say", async () => {
    const { principal } = await comeWith({ evidence: "attested", actors: [], expiresAt: 1, at: "de" })
    expect(principal?.evidence).toBe("asserted")
    expect(principal?.expiresAt).toBeGreaterThan(Date.now())
  })
  it.each([
    ["a list", ["a", "b"], ["a", "b"]],
    ["one text", "a", ["a"]],
    ["none", undefined, []]
  ])("groups may be %s", async (_name, groups, expected) => {
    expect((await comeWith({ groups })).principal?.groups).toEqual(expected)
  })
  it.each([
    ["a number", 1],
    ["null", null],
    ["an object", { a: 1 }],
    ["a list with a number", ["a", 1]],
    ["an empty name", [""]],
    ["a line break", ["a\nb"]],
    ["too many", Array.from({ length: 1001 }, (_, i) => `${i}`)]
  ])(
    "groups cannot be %s",
    async (_name, groups) => expect(codeOf(await comeWith({ groups }))).toBe("identity")
  )
  it("finds groups and subject where the operator says", async () => {
    const claims = { realm_access: { roles: ["r"] }, "https://x.example/user": "u-1" }
    const came = await comeWith(claims, { groups_claim: "realm_access.roles", subject_claim: "https://x.example/user" })
    expect([came.principal?.subject, came.principal?.groups]).toEqual(["u-1", ["r"]])
    expect(codeOf(await comeWith({}, { subject_claim: "oid" }))).toBe("identity")
    expect(codeOf(await comeWith({ oid: 7 }, { subject_claim: "oid" }))).toBe("identity")
    expect(codeOf(await comeWith({}, { subject_claim: "constructor.name" }))).toBe("identity")
  })
  it("takes an e-mail address for a name only when it is verified", async () => {
    const email = "ann@example.com"
    for (const email_verified of [undefined, false, "true", 1]) {
      expect(codeOf(await comeWith({ email, email_verified }, { subject_claim: "email" }))).toBe("identity")
    }
    const came = await comeWith({ email, email_verified: true }, { subject_claim: "email" })
    expect(came.principal?.subject).toBe(email)
  })
})

describe("I11 a chain of actors", () => {
  it("is kept, the nearest first, each with its own issuer, groups and claims", async () => {
    const { principal } = await comeWith({ groups: ["analysts"] }, {}, {
      actors: [
        { sub: "agent", iss: "https://other.test", groups: ["bots"], model: "m", exp: 1, secret: "canary" },
        "helper"
      ]
    })
    expect(principal?.actors).toEqual([
      { issuer: "https://other.test", subject: "agent", groups: ["bots"], claims: { model: "m" } },
      { issuer: issuer.issuer, subject: "helper", groups: [], claims: {} }
    ])
    expect(principal?.groups).toEqual(["analysts"])
  })
  it("may have eight, and no more", async () => {
    const actors = Array.from({ length: 20 }, (_, i) => `a${i}`)
    expect((await comeWith({}, {}, { actors: actors.slice(0, 8) })).principal?.actors).toHaveLength(8)
    for (const length of [9, 20]) {
      expect(codeOf(await comeWith({}, {}, { actors: actors.slice(0, length) }))).toBe("identity")
    }
  })
  it("is refused 50 deep, before anyone walks it", async () => {
    expect(codeOf(await comeWith({}, {}, { actors: Array.from({ length: 50 }, (_, i) => `a${i}`) }))).toBe("identity")
  })
  it.each([
    ["turns back to the subject", [{ sub: "ann" }]],
    ["names an actor twice", ["a", "b", "a"]],
    ["names an actor twice, once with the issuer", [{ sub: "a", iss: "https://issuer.test" }, "a"]]
  ])("is refused when it %s", async (_name, actors) => {
    expect(messageOf(await comeWith({}, {}, { actors }))).toContain("twice")
  })
  it("may name equal subjects of different issuers", async () => {
    const came = await comeWith({}, {}, { actors: [{ sub: "ann", iss: "https://other.test" }, { sub: "b" }] })
    expect(came.principal?.actors).toHaveLength(2)
  })
  it.each<[string, unknown]>([
    ["a text", "agent"],
    ["null", null],
    ["a list", [{ sub: "agent" }]],
    ["without sub", { iss: "x" }],
    ["with an empty sub", { sub: "" }],
    ["with a numeric sub", { sub: 1 }],
    ["with a numeric iss", { sub: "a", iss: 1 }],
    ["with broken groups", { sub: "a", groups: [1] }],
    ["malformed one hop on", { sub: "a", act: "b" }],
    ["empty", {}]
  ])("is refused when it is %s", async (_name, act) => {
    expect(codeOf(await comeWith({ act }))).toBe("identity")
  })
  it("is what the token says, for any names", async () => {
    const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) =>
      text.trim() === text && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
    )
    const chain = fc.uniqueArray(name.filter((text) => text !== "ann"), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(chain, async (actors) => {
        const { principal } = await comeWith({}, {}, { actors })
        expect(principal?.actors.map(({ subject }) => subject)).toEqual(actors)
      }),
      { numRuns: 1000 }
    )
  }, 60_000)
})

describe("I11 may_act", () => {
  const actors = [{ sub: "agent", client_id: "cli" }]
  it.each<[string, unknown]>([
    ["by subject", { sub: "agent" }],
    ["by subject and issuer", { sub: "agent", iss: "https://issuer.test" }],
    ["by every member", { sub: "agent", client_id: "cli" }]
  ])("lets its actor in, %s", async (_name, may_act) => {
    expect(codeOf(await comeWith({ may_act }, {}, { actors }))).toBe("admitted")
  })
  it.each<[string, unknown]>([
    ["another subject", { sub: "other" }],
    ["another issuer", { sub: "agent", iss: "https://other.test" }],
    ["another client", { sub: "agent", client_id: "web" }],
    ["what the actor does not have", { sub: "agent", email: "a@b" }],
    ["no subject", { client_id: "cli" }],
    ["a list", [{ sub: "agent" }]],
    ["a text", "agent"],
    ["null", null],
    ["nobody", {}]
  ])("refuses the actor when it names %s", async (_name, may_act) => {
    expect(messageOf(await comeWith({ may_act }, {}, { actors }))).toContain("may_act")
  })
  it("is about who holds the token now, not about who was before", async () => {
    expect(codeOf(await comeWith({ may_act: { sub: "b" } }, {}, { actors: ["a", "b"] }))).toBe("identity")
    expect(codeOf(await comeWith({ may_act: { sub: "a" } }, {}, { actors: ["a", "b"] }))).toBe("admitted")
  })
  it("does not bar the subject itself", async () => {
    expect(codeOf(await comeWith({ may_act: { sub: "agent" } }))).toBe("admitted")
  })
})

describe("agent_claim", () => {
  const agent_claim = "azp"
  it("is off unless told", async () => {
    expect((await comeWith({ azp: "web" })).principal?.actors).toEqual([])
  })
  it("names the one actor where there is no act", async () => {
    const { principal } = await comeWith({ azp: "agent-7" }, { agent_claim })
    expect(principal?.actors).toEqual([{ issuer: issuer.issuer, subject: "agent-7", groups: [], claims: {} }])
    const chained = await comeWith({ azp: "agent-7" }, { agent_claim }, { actors: ["other"] })
    expect(chained.principal?.actors.map(({ subject }) => subject)).toEqual(["other"])
  })
  it("names no one where the client is the subject, or is not named", async () => {
    expect((await comeWith({ azp: "ann" }, { agent_claim })).principal?.actors).toEqual([])
    expect((await comeWith({}, { agent_claim })).principal?.actors).toEqual([])
    const named = { email: "ann@example.com", email_verified: true, azp: "ann" }
    expect((await comeWith(named, { agent_claim, subject_claim: "email" })).principal?.actors).toEqual([])
  })
  it("is held to may_act, and to being a name", async () => {
    expect(codeOf(await comeWith({ azp: "agent-7", may_act: { sub: "other" } }, { agent_claim }))).toBe("identity")
    expect(codeOf(await comeWith({ azp: ["agent-7"] }, { agent_claim }))).toBe("identity")
  })
})

describe("I09 a bound token", () => {
  const certificate = new Uint8Array([1, 2, 3])
  const cnf = { "x5t#S256": hash("sha256", certificate, "base64url") }
  const comeBound = async (claims: object, peer: Partial<Session["peer"]>) =>
    codeOf(await come(loginOf(await issuer.token(claims as never)), {}, { session: session(peer) }))
  it("needs its certificate on this connection", async () => {
    expect(await comeBound({ cnf }, { certificate })).toBe("admitted")
    expect(await comeBound({ cnf }, {})).toBe("identity")
    expect(await comeBound({ cnf }, { certificate: new Uint8Array([1, 2, 4]) })).toBe("identity")
  })
  it.each<[string, unknown]>([
    ["a key to prove (DPoP)", { jkt: "x" }],
    ["both", { ...cnf, jkt: "x" }],
    ["nothing", {}],
    ["null", null],
    ["a text", "x"],
    ["a list", [cnf]],
    ["a key in it", { jwk: { kty: "EC" } }],
    ["a name of a key", { kid: "k" }],
    ["the older digest", { x5t: cnf["x5t#S256"] }],
    ["its digest with padding", { "x5t#S256": `${cnf["x5t#S256"]}=` }],
    ["its digest in base64", { "x5t#S256": Buffer.from(cnf["x5t#S256"], "base64url").toString("base64") }],
    ["its digest in hexadecimal", { "x5t#S256": hash("sha256", certificate, "hex") }],
    ["a digest of nothing", { "x5t#S256": hash("sha256", "", "base64url") }],
    ["an empty digest", { "x5t#S256": "" }],
    ["no digest", { "x5t#S256": null }],
    ["two digests", { "x5t#S256": [cnf["x5t#S256"]] }],
    ["its name in another case", { "X5T#S256": cnf["x5t#S256"] }]
  ])("that is bound by %s is refused", async (_name, bound) => {
    expect(await comeBound({ cnf: bound }, { certificate })).toBe("identity")
  })
})
