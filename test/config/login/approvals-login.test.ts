import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { Shelf } from "../../../config/login/shelf.ts"
import { makeIssuer } from "../../fixtures/issuer.ts"
import { Browser, type PeopleIssuer, startPeopleIssuer } from "../../fixtures/people-issuer.ts"
import { runHere } from "../run-sluice.ts"

let people: PeopleIssuer
let folder: string

/** A file whose gateway trusts the provider at which people log in, and a test issuer. */
const fileOf = (jwks: string, login = ""): string =>
  `version: 1
gateway: { at: de, name: gw-1${login} }
services:
  tokens:
    use: oidc
    with:
      issuers:
        - { issuer: "${people.issuer}", audience: ${people.audience} }
        - { issuer: "https://issuer.test", audience: sluice, jwks_file: ${jwks} }
  state: { use: sqlite, with: { path: ./sluice.db } }
residency:
  zones: { eu: { includes: [de] } }
  data_sets: { customers: { home: [eu], otherwise: approve, on: { orders: { tables: { public.customers: {} } } } } }
  parties: { people: { match: { group: support, issuer: "${people.issuer}" }, at: de, clearance: [eu] } }
pipelines:
  orders:
    listen: 127.0.0.1:6432
    tls: off
    protocol: { use: postgres }
    upstream: { address: "127.0.0.1:5432", at: de, tls: off, credential: ORDERS_DB }
    plugins: [{ use: identity }, { use: residency }, { use: approval, with: { approvers: [support] } }]
`

const run = (words: ReadonlyArray<string>, said?: (line: string) => void) => runHere(words, folder, said)

const logIn = () => {
  const at = ["--issuer", people.issuer, "--client-id", people.clientId]
  return run(["login", "--browser", ...at, "--scope", "openid offline_access"], (line) => {
    const address = /^Open (\S+)/.exec(line)?.[1]
    if (address !== undefined) void new Browser().open(address)
  })
}

let other: string
beforeAll(async () => {
  people = await startPeopleIssuer()
  folder = mkdtempSync(join(tmpdir(), "sluice-approvals-login-"))
  vi.stubEnv("XDG_STATE_HOME", folder)
  vi.stubEnv("DISPLAY", "")
  vi.stubEnv("WAYLAND_DISPLAY", "")
  const issuer = await makeIssuer()
  issuer.writeJwksFile(join(folder, "jwks.json"))
  other = await issuer.token({ sub: "dora" })
})
beforeEach(() => {
  vi.stubEnv("SLUICE_TOKEN", "")
  writeFileSync(join(folder, "sluice.config.yaml"), fileOf("./jwks.json"))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await people.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe("sluice approvals, after sluice login", () => {
  it("asks who comes while nobody has logged in", async () => {
    const { code, err } = await run(["approvals", "list"])
    expect(code).toBe(2)
    expect(err).toContain("who are you? Log in (sluice login)")
  })

  it("takes the kept login, and says as whom", async () => {
    expect((await logIn()).code).toBe(0)
    const { code, err, out } = await run(["approvals", "list", "--json"])
    expect({ code, out }).toEqual({ code: 0, out: "[]\n" })
    expect(err).toBe(`As ann of ${people.issuer}, by the login that \`sluice login\` keeps.\n`)
  })

  it("takes what is given before what is kept", async () => {
    vi.stubEnv("SLUICE_TOKEN", other)
    expect(await run(["approvals", "list", "--json"])).toEqual({ code: 0, out: "[]\n", err: "" })
    writeFileSync(join(folder, "token"), other)
    vi.stubEnv("SLUICE_TOKEN", "nonsense")
    expect(await run(["approvals", "list", "--json", "--token-file", "token"])).toEqual({
      code: 0,
      out: "[]\n",
      err: ""
    })
    // What is given and is no good is not made up for by what is kept.
    expect((await run(["approvals", "list"])).code).toBe(1)
    expect((await run(["approvals", "list", "--token-file", "nowhere"])).code).toBe(2)
  })

  it("renews what is about to expire, and says to log in again where that cannot be", async () => {
    const shelf = new Shelf()
    const [kept] = await shelf.all()
    await shelf.write({ ...kept!, token: "spent", expiresAt: 0 })
    expect((await run(["approvals", "list"])).code).toBe(0)
    const { refreshToken: _, ...last } = (await shelf.all())[0]!
    await shelf.write({ ...last, expiresAt: 0 })
    const late = await run(["approvals", "list"])
    expect(late.code).toBe(2)
    expect(late.err).toContain("has expired. Log in again: sluice login")
    await shelf.write(kept!)
  })

  it("takes no login of an issuer that is not trusted, nor of another client, nor one of several", async () => {
    const shelf = new Shelf()
    const [kept] = await shelf.all()
    await shelf.write({ ...kept!, target: { ...kept!.target, clientId: "other" } })
    expect((await run(["approvals", "list"])).err).toContain("several logins of yours are kept")
    const login = (clientId: string) => `, login: { issuer: "${people.issuer}", client_id: ${clientId} }`
    writeFileSync(join(folder, "sluice.config.yaml"), fileOf("./jwks.json", login(people.clientId)))
    expect((await run(["approvals", "list"])).code).toBe(0)
    writeFileSync(join(folder, "sluice.config.yaml"), fileOf("./jwks.json", login("third")))
    expect((await run(["approvals", "list"])).err).toContain("who are you?")
    await shelf.remove({ ...kept!.target, clientId: "other" })
    await shelf.remove(kept!.target)
    await shelf.write({ ...kept!, target: { ...kept!.target, issuer: "https://elsewhere.test" } })
    writeFileSync(join(folder, "sluice.config.yaml"), fileOf("./jwks.json"))
    expect((await run(["approvals", "list"])).err).toContain("who are you?")
  })
})
