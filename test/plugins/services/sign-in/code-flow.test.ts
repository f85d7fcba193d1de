import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { decodeJwt } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "../../../../config/demo/free-port.ts"
import type { SignInAttempt, SignInClient } from "../../../../core/index.ts"
import { CodeFlow } from "../../../../plugins/services/sign-in/code-flow.ts"
import { PAGE_CLIENT, type PeopleIssuer, startPeopleIssuer } from "../../../fixtures/people-issuer.ts"

const redirect = "http://127.0.0.1:9/login/callback"
let people: PeopleIssuer
let client: SignInClient
const flow = new CodeFlow()

beforeAll(async () => {
  people = await startPeopleIssuer("sluice", { redirect, secret: "page-secret" })
  client = {
    issuer: people.issuer,
    clientId: PAGE_CLIENT,
    secret: Redacted.make("page-secret"),
    redirect,
    scope: "openid",
    token: "access"
  }
})
afterAll(() => people.stop())

/** What a browser comes back with that goes where it is sent. */
const wander = async (address: string): Promise<URLSearchParams> => {
  const cookies = new Map<string, string>()
  for (let url = address;;) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const answer = await fetch(url, { redirect: "manual", headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
      cookies.set(name!, value!)
    }
    url = new URL(answer.headers.get("location")!, url).href
    if (url.startsWith(redirect)) return new URL(url).searchParams
  }
}

const begin = async () => {
  const attempt = await Effect.runPromise(flow.begin(client))
  return { attempt, query: await wander(attempt.address) }
}

const finish = (attempt: SignInAttempt, query: URLSearchParams, as: SignInClient = client) =>
  Effect.runPromise(Effect.result(flow.finish(as, attempt, query)))

const changed = (query: URLSearchParams, name: string, value: string): URLSearchParams => {
  const other = new URLSearchParams(query)
  other.set(name, value)
  return other
}

describe("I16: a login of a person who comes with a browser", () => {
  it("gives the token that is asked for", async () => {
    const { attempt, query } = await begin()
    const done = await finish(attempt, query)
    expect(done._tag === "Success" && decodeJwt(done.success)).toMatchObject({ sub: "ann", aud: "sluice" })
    const other = await begin()
    const id = await finish(other.attempt, other.query, { ...client, token: "id" })
    expect(id._tag === "Success" && decodeJwt(id.success)).toMatchObject({
      aud: PAGE_CLIENT,
      nonce: other.attempt.nonce
    })
  })

  it("asks with a challenge, a state and a nonce, unlike all others", async () => {
    const addresses = await Promise.all([begin(), begin()])
    const [one, two] = addresses.map(({ attempt }) => new URL(attempt.address).searchParams)
    expect(one!.get("code_challenge_method")).toBe("S256")
    for (const name of ["code_challenge", "state", "nonce"]) {
      expect(one!.get(name)!.length).toBeGreaterThan(20)
      expect(one!.get(name)).not.toBe(two!.get(name))
    }
    expect(addresses[0].attempt.address).not.toContain(addresses[0].attempt.verifier)
  })

  it.each<[string, (attempt: SignInAttempt, query: URLSearchParams) => [SignInAttempt, URLSearchParams]]>([
    ["another state", (attempt, query) => [attempt, changed(query, "state", "another")]],
    ["no state", (attempt, query) => [attempt, new URLSearchParams({ code: query.get("code")! })]],
    ["another verifier", (attempt, query) => [{ ...attempt, verifier: "v".repeat(43) }, query]],
    ["an ID token for another nonce", (attempt, query) => [{ ...attempt, nonce: "another" }, query]],
    ["another issuer", (attempt, query) => [attempt, changed(query, "iss", "https://evil.test")]],
    ["no code", (attempt, query) => [attempt, new URLSearchParams({ state: query.get("state")! })]],
    ["another code", (attempt, query) => [attempt, changed(query, "code", "another")]]
  ])("comes to nothing with %s", async (_name, forge) => {
    const { attempt, query } = await begin()
    const done = await finish(...forge(attempt, query))
    expect(done._tag).toBe("Failure")
  })

  it("comes to nothing the second time, and with a wrong secret", async () => {
    const { attempt, query } = await begin()
    expect((await finish(attempt, query))._tag).toBe("Success")
    expect((await finish(attempt, query))._tag).toBe("Failure")
    const other = await begin()
    const wrong = { ...client, secret: Redacted.make("guessed") }
    const done = await finish(other.attempt, other.query, wrong)
    expect(done._tag === "Failure" && done.failure.message).toContain("does not take this page for the client")
  })

  it("shows nothing of what an address says", async () => {
    const { attempt, query } = await begin()
    const text = new URLSearchParams({
      error: "<b>evil</b>",
      error_description: "call 555 and say your password",
      state: query.get("state")!,
      iss: people.issuer
    })
    const done = await finish(attempt, text)
    expect(done._tag === "Failure" && done.failure.message).not.toMatch(/evil|555/)
    const declined = await finish(attempt, new URLSearchParams({ ...Object.fromEntries(text), error: "access_denied" }))
    expect(declined._tag === "Failure" && declined.failure.message).toBe("Nobody was logged in: it was declined.")
  })

  it("says so when the issuer cannot be reached, or is another than it says", async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`
    const nobody = await Effect.runPromise(Effect.flip(flow.begin({ ...client, issuer })))
    expect((nobody as { message: string }).message).toContain("cannot be reached")
    const other = { ...client, issuer: people.issuer.replace("127.0.0.1", "localhost") }
    expect(await Effect.runPromise(Effect.flip(flow.begin(other)))).toMatchObject({ _tag: "SignInRefused" })
  })
})
