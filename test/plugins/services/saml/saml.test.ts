import * as Effect from "effect/Effect"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { inflateRawSync } from "node:zlib"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { State, WebAnswer } from "../../../../core/index.ts"
import { oidc } from "../../../../plugins/services/oidc/index.ts"
import { verify } from "../../../../plugins/services/saml/assertion.ts"
import { guard } from "../../../../plugins/services/saml/guard.ts"
import { readCertificates } from "../../../../plugins/services/saml/provider.ts"
import { Requests } from "../../../../plugins/services/saml/request.ts"
import { Site } from "../../../../plugins/services/saml/site.ts"
import { openMint } from "../../../../plugins/services/saml/token.ts"
import { sqlite } from "../../../../plugins/services/sqlite/index.ts"
import { openService } from "../../../fixtures/service.ts"
import {
  ACS,
  assertionXml,
  base64,
  config,
  ENTITY,
  GATEWAY,
  type Key,
  makeKey,
  responseXml,
  type Said,
  SHA1,
  sign
} from "./identity-provider.ts"
import { wrappings } from "./wrappings.ts"

const directory = mkdtempSync(join(tmpdir(), "saml-"))
let idp: Key
let attacker: Key
let site: Site
let state: State["Service"]
let close: () => Promise<void>

const openState = async (): Promise<void> => {
  const opened = await openService(sqlite, { path: "state.db" }, directory)
  state = opened.service
  close = opened.close
  site = new Site({
    config,
    certificates: readCertificates(directory, "idp.crt"),
    requests: new Requests(state),
    mint: await openMint(config.token, directory),
    now: Date.now
  })
}
beforeAll(async () => {
  idp = makeKey(directory, "idp")
  attacker = makeKey(directory, "attacker")
  await openState()
})
afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true })
})

const ask = (method: string, path: string, body = "", from = "127.0.0.1", at = site): Promise<WebAnswer> =>
  at.answer({
    method,
    path,
    query: new URLSearchParams(),
    headers: new Map(),
    body,
    from,
    encrypted: false
  })
/** Begins a login, and answers the ID that the identity provider is asked with. */
const begin = async (): Promise<string> => {
  const { headers, status } = await ask("GET", "/saml/login")
  expect(status).toBe(302)
  const to = new URL(headers["location"]!)
  expect(to.origin + to.pathname).toBe("https://idp.example/sso")
  const xml = inflateRawSync(Buffer.from(to.searchParams.get("SAMLRequest")!, "base64")).toString()
  expect(xml).toContain(`AssertionConsumerServiceURL="${ACS}"`)
  return /\bID="([^"]+)"/.exec(xml)![1]!
}
const post = (xml: string): Promise<WebAnswer> =>
  ask(
    "POST",
    "/saml/acs",
    new URLSearchParams({ SAMLResponse: base64(xml), RelayState: "https://evil.example" }).toString()
  )
let serial = 0
const freshId = (): string => `_a${++serial}`
const good = async (said: Said = {}): Promise<string> =>
  sign(responseXml(assertionXml({ id: freshId(), inResponseTo: await begin(), ...said })), "Assertion", idp)
const tokenOf = ({ body }: WebAnswer): string => /<textarea[^>]*>([^<]+)</.exec(body)![1]!
const refusal = ({ body, status }: WebAnswer): string => {
  expect(status).toBe(403)
  expect(body).not.toContain("textarea")
  return /role="alert">([^<]+)</.exec(body)![1]!
}

describe("a login", () => {
  it("gives a token that the gateway accepts", async () => {
    const answer = await post(await good())
    expect(answer.status).toBe(200)
    expect(answer.body).toContain("You are logged in as <strong>ann</strong>")
    expect(answer.headers).toMatchObject({ "cache-control": "no-store" })
    expect(answer.headers["content-security-policy"]).toMatch(/^default-src 'none';/)
    const { close, service } = await openService(
      oidc,
      { issuer: config.token.issuer, audience: "sluice", jwks_file: "jwks.json", lifetime_seconds_max: 300 },
      directory
    )
    const verified = await Effect.runPromise(service.verify(tokenOf(answer), Date.now()))
    await close()
    expect(verified).toMatchObject({ issuer: config.token.issuer, subject: "ann", claims: { groups: ["analysts"] } })
  })
  it("keeps its key to itself, and across restarts", async () => {
    expect(statSync(join(directory, "saml.key")).mode & 0o777).toBe(0o600)
    const before = statSync(join(directory, "saml.key")).ino
    await openMint(config.token, directory)
    expect(statSync(join(directory, "saml.key")).ino).toBe(before)
    expect(existsSync(join(directory, "jwks.json"))).toBe(true)
  })
  it("takes a response that is signed as well as its assertion", async () => {
    expect((await post(sign(await good(), "Response", idp))).status).toBe(200)
  })
  it("carries several groups, and none", async () => {
    const claims = async (said: Said): Promise<unknown> => {
      const token = tokenOf(await post(await good(said)))
      return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()).groups
    }
    expect(await claims({ groups: ["a", "b"] })).toEqual(["a", "b"])
    expect(await claims({ groups: [] })).toEqual([])
  })
  it("describes the gateway to the identity provider, and has no other pages", async () => {
    const { body } = await ask("GET", "/saml/metadata")
    expect(body).toContain(`entityID="${GATEWAY}/saml/metadata"`)
    expect(body).toContain(`Location="${ACS}"`)
    expect((await ask("GET", "/saml/acs")).status).toBe(404)
    expect((await ask("GET", "/")).status).toBe(404)
  })
})

describe("a flood of logins", () => {
  const flooded = async (): Promise<Site> =>
    new Site({
      config: { ...config, logins_per_minute: 3 },
      certificates: readCertificates(directory, "idp.crt"),
      requests: new Requests(state),
      mint: await openMint(config.token, directory),
      now: () => 1_000_000_000_000
    })
  it("from one address is stopped, and keeps nobody else from logging in", async () => {
    const at = await flooded()
    const begun = async (from: string) => (await ask("GET", "/saml/login", "", from, at)).status
    expect(await Promise.all([1, 2, 3, 4, 5].map(() => begun("10.0.0.1")))).toEqual([302, 302, 302, 429, 429])
    expect(await begun("10.0.0.2")).toBe(302)
  })
  it("that is stopped leaves nothing behind", async () => {
    const at = await flooded()
    const kept = async () => (await Effect.runPromise(state.list("saml", "request/"))).length
    const before = await kept()
    for (let i = 0; i < 20; i++) await ask("GET", "/saml/login", "", "10.0.0.3", at)
    expect(await kept()).toBe(before + 3)
  })
  it("of responses is stopped too, before anyone reads them", async () => {
    const at = await flooded()
    const statuses = new Set<number>()
    for (let i = 0; i < 12; i++) statuses.add((await ask("POST", "/saml/acs", "SAMLResponse=x", "10.0.0.4", at)).status)
    expect([...statuses]).toEqual([403])
    expect((await ask("POST", "/saml/acs", "SAMLResponse=x", "10.0.0.4", at)).status).toBe(429)
    expect((await ask("POST", "/saml/acs", "SAMLResponse=x", "10.0.0.5", at)).status).toBe(403)
  })
})

describe("I14: what was not signed", () => {
  const names = Array.from({ length: 9 }, (_, i) => `XSW${i + 1}`)
  const wrapped = async (name: string): Promise<string> => {
    const said = { inResponseTo: await begin() }
    const assertion = sign(assertionXml({ ...said, id: "_w" }), "Assertion", idp)
    const response = sign(responseXml(assertionXml({ ...said, id: "_w" })), "Response", idp)
    return wrappings(assertion, response, said)[name]!
  }
  it.each(names)("I14: %s is refused", async (name) => {
    expect(refusal(await post(await wrapped(name)))).toMatch(/exactly one|may have no/)
  })
  it.each(names)("I14: %s finds no way in behind the guard either", async (name) => {
    const certificates = readCertificates(directory, "idp.crt")
    const found = await Effect.runPromise(Effect.result(verify(await wrapped(name), config, certificates, Date.now())))
    expect(found._tag === "Success" ? found.success.subject : "nobody").not.toBe("mallory")
  })
  it("I14: the wrapped message is good when it is not wrapped", async () => {
    const said = { inResponseTo: await begin(), id: "_w0" }
    expect((await post(responseXml(sign(assertionXml(said), "Assertion", idp)))).status).toBe(200)
  })

  const refused: Readonly<Record<string, readonly [() => Promise<string>, RegExp]>> = {
    "a comment in NameID": [
      async () => (await good({ subject: "ann@x.example.evil" })).replace("example.evil", "example<!---->.evil"),
      /comment/
    ],
    "a comment in DigestValue": [
      async () => (await good()).replace("<DigestValue>", "<DigestValue><!--AAAA-->"),
      /comment/
    ],
    "a comment in SignatureValue": [
      async () => (await good()).replace("<SignatureValue>", "<SignatureValue><!--A-->"),
      /comment/
    ],
    "no signature": [async () => responseXml(assertionXml({ inResponseTo: await begin() })), /not signed/],
    "a signed response with an unsigned assertion": [
      async () => sign(responseXml(assertionXml({ inResponseTo: await begin() })), "Response", idp),
      /not signed/
    ],
    "a changed assertion": [async () => (await good()).replace(">ann<", ">mallory<"), /not signed/],
    "an attacker's key": [
      async () => sign(responseXml(assertionXml({ inResponseTo: await begin() })), "Assertion", attacker),
      /not signed/
    ],
    "an attacker's certificate in KeyInfo": [
      async () =>
        sign(responseXml(assertionXml({ inResponseTo: await begin() })), "Assertion", attacker, { withKeyInfo: true }),
      /not signed/
    ],
    "SHA-1": [
      async () =>
        sign(responseXml(assertionXml({ inResponseTo: await begin() })), "Assertion", idp, { algorithms: SHA1 }),
      /algorithm/
    ],
    "canonicalisation with comments": [
      async () => (await good()).replaceAll("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
      /algorithm/
    ],
    "a document type": [async () => `<!DOCTYPE x>${await good()}`, /document type/],
    "an external entity": [
      async () => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${(await good()).replace(">ann<", ">&e;<")}`,
      /document type/
    ],
    "an entity bomb": [
      async () => `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${await good()}`,
      /document type/
    ],
    "a processing instruction": [async () => `<?xml-stylesheet href="x"?>${await good()}`, /processing/],
    "another encoding": [async () => `<?xml version="1.0" encoding="UTF-7"?>${await good()}`, /UTF-8/],
    "two assertions": [
      async () => {
        const inResponseTo = await begin()
        const one = sign(assertionXml({ inResponseTo, id: "_1" }), "Assertion", idp)
        return responseXml(one + sign(assertionXml({ inResponseTo, id: "_2" }), "Assertion", idp))
      },
      /exactly one Assertion/
    ],
    "an encrypted assertion": [
      async () => (await good()).replace("<samlp:Status>", "<saml:EncryptedAssertion/><samlp:Status>"),
      /EncryptedAssertion/
    ],
    "a name for one visit": [
      () => good({ format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" }),
      /nobody/
    ],
    "another identity provider": [() => good({ issuer: "https://other.example" }), /another identity provider/],
    "too many bytes": [async () => `${await good()}${" ".repeat(131_072)}`, /too long/]
  }
  it.each(Object.entries(refused))("I14: %s is refused", async (_name, [make, why]) => {
    expect(refusal(await post(await make()))).toMatch(why)
  })
  it("I14: what is no base64, or no UTF-8, is refused", () => {
    for (const text of ["", "a", "ab*=", "////", Buffer.from("\0").toString("base64")]) {
      expect(guard(text, { consumer: ACS, provider: ENTITY })).toMatchObject({ _tag: "LoginRefused" })
    }
  })
})

describe("I15: what was not asked for, here and now", () => {
  const refused: Readonly<Record<string, readonly [() => Promise<string>, RegExp]>> = {
    "another audience": [() => good({ audience: "https://other.example" }), /audience/],
    "another recipient": [() => good({ recipient: "https://other.example/saml/acs" }), /recipient/],
    "another destination": [
      async () =>
        sign(
          responseXml(assertionXml({ inResponseTo: await begin() }), "https://other.example/saml/acs"),
          "Assertion",
          idp
        ),
      /destination/
    ],
    "an unknown request": [() => good({ inResponseTo: `_${"0".repeat(40)}` }), /Nobody asked/],
    "no request": [() => good({ inResponseTo: undefined }), /Nobody asked/],
    expiry: [() => good({ notBefore: Date.now() - 300_000, notOnOrAfter: Date.now() - 61_000 }), /expired/],
    "what is not valid yet": [
      () => good({ notBefore: Date.now() + 91_000, notOnOrAfter: Date.now() + 300_000 }),
      /not valid yet/
    ],
    "several requests": [
      async () => (await good()).replace("<samlp:Response ", `<samlp:Response InResponseTo="_other" `),
      /several requests/
    ]
  }
  it.each(Object.entries(refused))("I15: %s is refused", async (_name, [make, why]) => {
    expect(refusal(await post(await make()))).toMatch(why)
  })
  it("I15: a response is taken once, also after a restart", async () => {
    const xml = await good()
    expect((await post(xml)).status).toBe(200)
    expect(refusal(await post(xml))).toMatch(/Nobody asked/)
    await close()
    await openState()
    expect(refusal(await post(xml))).toMatch(/Nobody asked/)
  })
  it("I15: of many at once, one is taken", async () => {
    const xml = await good()
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(xml)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
  it("I15: an assertion is taken once, whatever it answers, also after a restart", async () => {
    expect((await post(await good({ id: "_same" }))).status).toBe(200)
    expect(refusal(await post(await good({ id: "_same" })))).toMatch(/was used/)
    await close()
    await openState()
    expect(refusal(await post(await good({ id: "_same" })))).toMatch(/assertion was used/)
  })
  it("I15: a request waits across a restart, but not for ever; then it is forgotten", async () => {
    const requests = new Requests(state)
    const id = await begin()
    await close()
    await openState()
    expect((await post(await good({ inResponseTo: id }))).status).toBe(200)
    const late = await Effect.runPromise(new Requests(state).begin(0))
    expect(await Effect.runPromise(new Requests(state).consume(late, 600_000))).toBe(false)
    await Effect.runPromise(new Requests(state).begin(0))
    await Effect.runPromise(new Requests(state).tidy(Date.now() + 3_600_000))
    expect(await Effect.runPromise(state.list("saml", ""))).toEqual([])
    expect(requests).toBeInstanceOf(Requests)
  })
  it("I15: what nobody signed uses up no request", async () => {
    const inResponseTo = await begin()
    refusal(await post(responseXml(assertionXml({ inResponseTo }))))
    expect((await post(await good({ inResponseTo }))).status).toBe(200)
  })
})
