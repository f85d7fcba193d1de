import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest"
import { freePort } from "../../../config/demo/free-port.ts"
import { freshLogin } from "../../../config/login/fresh.ts"
import { claimsOf } from "../../../config/login/issuer-client.ts"
import { type Kept, Shelf } from "../../../config/login/shelf.ts"
import { Browser, type PeopleIssuer, RESOURCE, startPeopleIssuer } from "../../fixtures/people-issuer.ts"
import { runHere } from "../run-sluice.ts"

let people: PeopleIssuer
let base: string

beforeAll(async () => {
  people = await startPeopleIssuer()
})
afterAll(() => people.stop())
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "sluice-login-"))
  vi.stubEnv("XDG_STATE_HOME", base)
  vi.stubEnv("DISPLAY", "")
  vi.stubEnv("WAYLAND_DISPLAY", "")
  people.accessSeconds = 600
})
afterEach(() => void vi.unstubAllEnvs())

const at = (): Array<string> => ["--issuer", people.issuer, "--client-id", people.clientId]

const run = (words: ReadonlyArray<string>, said?: (line: string) => void, directory = base) =>
  runHere(words, directory, said)

const byDevice = (...words: ReadonlyArray<string>) =>
  run(["login", "--device", ...at(), ...words], (line) => {
    const address = /^or open (\S+)/.exec(line)?.[1]
    if (address !== undefined) void new Browser().confirm(address)
  })

const byBrowser = (open: (address: string) => void, ...words: ReadonlyArray<string>) =>
  run(["login", "--browser", ...at(), ...words], (line) => {
    const address = /^Open (\S+)/.exec(line)?.[1]
    if (address !== undefined) open(address)
  })

/** The quicker of the two. */
const logIn = (...words: ReadonlyArray<string>) => byBrowser((address) => void new Browser().open(address), ...words)

const files = (): ReadonlyArray<string> => existsSync(join(base, "sluice")) ? readdirSync(join(base, "sluice")) : []
const print = async (): Promise<string> => (await run(["login", "--print", ...at()])).out.trim()

describe("sluice login", () => {
  it("gets a token by the device flow, keeps it for its owner alone, and prints it when asked only", async () => {
    const { code, err, out } = await byDevice()
    expect({ code, out }).toEqual({ code: 0, out: "" })
    expect(err).toMatch(/and say [A-Z]{4}-[A-Z]{4}/)
    expect(err).toContain("as ann")
    const token = await print()
    expect(claimsOf(token)).toMatchObject({ sub: "ann", aud: people.audience, groups: ["support"] })
    expect(err).not.toContain(token)
    expect(files()).toHaveLength(1)
    expect(statSync(join(base, "sluice")).mode & 0o777).toBe(0o700)
    expect(statSync(join(base, "sluice", files()[0]!)).mode & 0o777).toBe(0o600)
  })

  it("gets one in a browser, by code and PKCE", async () => {
    let shown = ""
    const { code, err } = await byBrowser((address) => {
      shown = address
      void new Browser().open(address)
    })
    expect(code).toBe(0)
    expect(err).toContain("No browser can be opened here.")
    const asked = new URL(shown).searchParams
    expect(asked.get("code_challenge_method")).toBe("S256")
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name)?.length).toBeGreaterThan(40)
    expect(asked.get("redirect_uri")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sluice\/login$/)
    expect(claimsOf(await print())).toMatchObject({ sub: "ann" })
  })

  it("keeps the ID token when told to", async () => {
    await logIn("--id-token")
    expect(claimsOf(await print())).toMatchObject({ sub: "ann", aud: people.clientId })
  })

  it("says who is logged in, and forgets them", async () => {
    expect(await run(["login", "--status", ...at()])).toMatchObject({ code: 1 })
    await logIn("--scope", "openid offline_access")
    expect((await run(["login", "--status"])).out).toMatch(
      /^Logged in at http:.* as ann, until .*, renewed when used\./
    )
    const before = people.asked.length
    expect(await run(["login", "--logout"])).toMatchObject({ code: 0 })
    expect(people.asked.slice(before)).toContain("/token/revocation")
    expect(files()).toEqual([])
    expect(await run(["login", "--print", ...at()])).toMatchObject({ code: 1, out: "" })
  })

  it("reads issuer and client from the operator's file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-login-file-"))
    const file = readFileSync(new URL("../../../config/examples/minimal.yaml", import.meta.url), "utf8")
      .replace("gateway: {", "gateway: { login: { client_id: from-the-file },")
    writeFileSync(join(folder, "sluice.config.yaml"), file)
    const { code, out } = await run(["login", "--status"], undefined, folder)
    const issuer = /issuer: "?([^",\s]+)/.exec(file)![1]!
    expect({ code, out }).toEqual({ code: 1, out: `Not logged in at ${issuer}.\n` })
  })

  it.each([
    [[], "who issues the tokens?"],
    [["--issuer", "http://issuer.example", "--client-id", "x"], "https://"],
    [["--issuer", "nowhere", "--client-id", "x"], "https://"],
    [["--print", "--status"], "do not go together"],
    [["--config", "none.yaml"], "There is no file"]
  ])("%j is misuse", async (words, why) => {
    const { code, err, out } = await run(["login", ...words])
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(why)
  })

  it("says what is wrong with an issuer or a client in a line", async () => {
    const gone = await run(["login", "--issuer", `http://127.0.0.1:${await freePort()}`, "--client-id", "x"])
    expect(gone).toEqual({ code: 1, out: "", err: expect.stringMatching(/cannot be used: ECONNREFUSED\.\n$/) })
    const other = await run(["login", "--device", "--issuer", people.issuer, "--client-id", "x"])
    expect(other).toEqual({ code: 1, out: "", err: expect.stringContaining("does not know this client") })
  })
})

describe("what the token is for", () => {
  beforeEach(() => {
    people.defaultResource = false
    people.purposes.length = 0
  })
  afterEach(() => void (people.defaultResource = true))
  const said = (path: string) =>
    people.purposes.filter(([asked]) => asked === path).map(([, resource, audience]) => [resource, audience])

  it("is not known to such an issuer unless it is said", async () => {
    const { code, err } = await logIn()
    expect(code).toBe(1)
    expect(err).toContain("--resource or --audience")
    expect(files()).toEqual([])
  })
  it("is said in a browser's login, when the code is exchanged, and when the token is renewed", async () => {
    people.accessSeconds = 30
    const words = ["--resource", RESOURCE, "--audience", "sluice", "--scope", "openid offline_access"]
    expect(await logIn(...words)).toMatchObject({ code: 0 })
    expect(said("/auth")).toEqual([[RESOURCE, "sluice"]])
    expect(said("/token")).toEqual([[RESOURCE, undefined]])
    const first = (await new Shelf().all())[0]!
    people.accessSeconds = 600
    const token = await print()
    expect(token).not.toBe(first.token)
    expect(claimsOf(token)).toMatchObject({ sub: "ann", aud: people.audience })
    expect(said("/token")).toEqual([[RESOURCE, undefined], [RESOURCE, undefined]])
    // What is kept stays that: the next login needs no words.
    expect((await new Shelf().all())[0]!.target).toMatchObject({ resource: RESOURCE, audience: "sluice" })
  })
  it("is said in a device's login too", async () => {
    expect(await byDevice("--resource", RESOURCE, "--audience", "sluice")).toMatchObject({ code: 0 })
    expect(said("/device/auth")).toEqual([[RESOURCE, "sluice"]])
    expect(claimsOf(await print())).toMatchObject({ aud: people.audience })
  })
  it("can stand in the operator's file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-login-file-"))
    const file = readFileSync(new URL("../../../config/examples/minimal.yaml", import.meta.url), "utf8")
      .replace(
        "gateway: {",
        `gateway: { login: { client_id: ${people.clientId}, resource: "${RESOURCE}", issuer: "${people.issuer}" },`
      )
      .replace(/issuer: "?https:[^",\s]+"?/, `issuer: "${people.issuer}"`)
    writeFileSync(join(folder, "sluice.config.yaml"), file)
    const { code, err } = await run(["login", "--browser"], (line) => {
      const address = /^Open (\S+)/.exec(line)?.[1]
      if (address !== undefined) void new Browser().open(address)
    }, folder)
    expect(err).toContain("Logged in")
    expect(code).toBe(0)
    expect(said("/auth")).toEqual([[RESOURCE, undefined]])
  })
  it("that the issuer does not know is said in a line", async () => {
    const { code, err } = await byDevice("--resource", "urn:another")
    expect(code).toBe(1)
    expect(err).toContain("no such resource (--resource)")
  })
  it.each(["gateway", "https://x#y", "https://x y", ""])("cannot be %j", async (resource) => {
    expect(await run(["login", ...at(), "--resource", resource])).toMatchObject({ code: 2, out: "" })
  })
})

describe("I16 a login in the browser", () => {
  it("is not begun, ended or taken over by what another page sends", async () => {
    const answers: Array<number> = []
    const { code } = await byBrowser((address) => {
      const back = new URL(address).searchParams.get("redirect_uri")!
      const state = new URL(address).searchParams.get("state")!
      void (async () => {
        for (
          const query of [
            "",
            "?code=evil",
            "?code=evil&state=",
            `?code=evil&state=${"x".repeat(state.length)}`,
            `?code=evil&state=x&state=${state}`,
            "?error=access_denied"
          ]
        ) answers.push((await fetch(back + query)).status)
        answers.push((await fetch(`${back}/x?code=evil&state=${state}`)).status)
        answers.push((await fetch(`${back}?code=evil&state=${state}`, { method: "POST" })).status)
        answers.push((await fetch(`${back.replace("127.0.0.1", "localhost")}?code=evil&state=${state}`)).status)
        await new Browser().open(address)
      })()
    })
    expect(answers).toEqual(Array.from({ length: 9 }, () => 400))
    expect(code).toBe(0)
    expect(claimsOf(await print())).toMatchObject({ sub: "ann" })
  })

  it("does not take another's code: the verifier is this process's own", async () => {
    const { code, err } = await byBrowser((address) => {
      const back = new URL(address).searchParams
      // The attacker's own login at the same issuer, begun with a challenge of theirs.
      const theirs = new URL(address)
      theirs.searchParams.set("code_challenge", "A".repeat(43))
      void new Browser().open(theirs.href)
      expect(back.get("state")).not.toBeNull()
    })
    expect(code).toBe(1)
    expect(err).toContain("does not take it any more")
    expect(files()).toEqual([])
  })

  it("does not take an ID token that was made for another login", async () => {
    const { code } = await byBrowser((address) => {
      const theirs = new URL(address)
      theirs.searchParams.set("nonce", "another")
      void new Browser().open(theirs.href)
    })
    expect(code).toBe(1)
    expect(files()).toEqual([])
  })
})

describe("a kept login", () => {
  const kept = async (): Promise<Kept> => (await new Shelf().all())[0]!

  it("is renewed before it expires, once for many that want it", async () => {
    people.accessSeconds = 30
    await logIn("--scope", "openid offline_access")
    const before = await kept()
    people.accessSeconds = 600
    const asked = people.asked.length
    const shelf = new Shelf()
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => freshLogin(shelf, before.target)))
    expect(new Set(all.map(({ token }) => token)).size).toBe(1)
    expect(all[0]!.token).not.toBe(before.token)
    expect(people.asked.slice(asked).filter((path) => path === "/token")).toHaveLength(1)
    expect((await kept()).refreshToken).not.toBe(before.refreshToken)
  })

  it("is used to its end and no longer where it cannot be renewed", async () => {
    people.accessSeconds = 30
    await logIn()
    expect(await print()).toBe((await kept()).token)
    await new Shelf().write({ ...await kept(), expiresAt: Date.now() - 1 })
    const { code, err, out } = await run(["login", "--print"])
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toContain("has expired. Log in again: sluice login")
  })

  it("is refused from a file or folder that is not its owner's alone", async () => {
    await logIn()
    const path = join(base, "sluice", files()[0]!)
    chmodSync(path, 0o640)
    expect(await run(["login", "--print", ...at()])).toMatchObject({ code: 1, out: "" })
    vi.stubEnv("XDG_STATE_HOME", join(base, "other"))
    mkdirSync(join(base, "other"))
    symlinkSync(join(base, "sluice"), join(base, "other", "sluice"))
    expect(await logIn()).toMatchObject({ code: 1, err: expect.stringContaining("not a folder of yours") })
  })

  it("puts right a folder that others could look into", async () => {
    mkdirSync(join(base, "sluice"), { mode: 0o755 })
    await logIn()
    expect(statSync(join(base, "sluice")).mode & 0o777).toBe(0o700)
  })
})
