import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canonical, digest } from "../../config/canonical.ts"
import { readText } from "../../config/document.ts"
import { nearest } from "../../config/nearest.ts"
import { planFile, type Planned } from "../../config/plan.ts"
import { standIns } from "./stand-ins.ts"

process.env["ORDERS_DB"] = "gateway:secret"
const right = readFileSync(join(import.meta.dirname, "right.yaml"), "utf8")

const plan = (text: string, directory = "/nowhere"): Promise<Planned> =>
  planFile(
    { path: join(directory, "sluice.config.yaml"), directory, document: readText("sluice.config.yaml", text) },
    standIns
  )

const errors = ({ problems }: Planned): ReadonlyArray<string> =>
  problems.filter(({ severity }) => severity === "error").map(({ what }) => what)

describe("a plan", () => {
  it("has everything that the file says, and the defaults", async () => {
    const planned = await plan(right)
    expect(planned.problems).toEqual([])
    const [orders] = planned.plan!.pipelines
    expect(orders).toMatchObject({
      name: "orders",
      listen: { host: "127.0.0.1", port: 6432 },
      tls: "off",
      mode: "enforce",
      upstream: {
        host: "127.0.0.1",
        port: 5432,
        at: "de",
        tls: "off",
        credential: { byGroup: [], otherwise: "ORDERS_DB", catalogue: "ORDERS_DB" },
        database: undefined
      },
      limits: { messageBytesMax: 16_777_216, sessionsMax: 1000 }
    })
    expect(orders!.plugins.map(({ onError, use }) => `${use} ${onError}`)).toEqual([
      "identity deny",
      "residency deny",
      "masking deny",
      "recording deny"
    ])
    expect(orders!.plugins[3]!.config).toEqual({ answers: true })
    expect(planned.plan!.drainSeconds).toBe(30)
  })

  it("supplies the services that every gateway needs, unless they are declared", async () => {
    const names = async (text: string) =>
      (await plan(text)).plan!.services.map(({ name, service }) => `${name}:${service.name}`)
    expect(await names(right)).toEqual(["tokens:oidc", "ledger:files", "secrets:env", "catalogue:catalogue"])
    const declared = right.replace("  ledger:", "  mine: { use: env }\n  ledger:")
    expect(await names(declared)).toEqual(["tokens:oidc", "mine:env", "ledger:files", "catalogue:catalogue"])
  })

  it("tells the policy what it needs to know", async () => {
    const { policy } = (await plan(right)).plan!
    expect(policy).toMatchObject({
      gateway: { name: "gw-1", at: "de" },
      pipelines: [{
        name: "orders",
        at: "de",
        address: "127.0.0.1:5432",
        plugins: ["identity", "residency", "masking", "recording"]
      }],
      recorder: { at: "de" },
      issuers: ["https://login.example.com"]
    })
    const without = right.replace("      - { use: recording, with: { answers: true } }\n", "")
    expect((await plan(without)).plan!.policy.recorder).toBeUndefined()
  })

  it("makes paths absolute, from the file's folder", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sluice-plan-"))
    const text = right.replace("tls: off\n", "tls: { certificate: ./a.crt, key: ./a.key }\n")
    const planned = await plan(text, directory)
    expect(planned.plan!.pipelines[0]!.tls).toEqual({
      certificate: join(directory, "a.crt"),
      key: join(directory, "a.key")
    })
    expect(planned.problems.map(({ severity, what }) => `${severity} ${what}`)).toEqual([
      `warning there is no file ${join(directory, "a.crt")}`,
      `warning there is no file ${join(directory, "a.key")}`
    ])
    writeFileSync(join(directory, "a.crt"), "nonsense")
    expect(errors(await plan(text, directory))).toEqual([
      `${join(directory, "a.crt")} holds no certificate in PEM that can be read`
    ])
  })

  it("has the protocol's own port where the upstream names none", async () => {
    const { pipelines } = (await plan(right.replace("\"127.0.0.1:5432\"", "localhost"))).plan!
    expect(pipelines[0]!.upstream).toMatchObject({ host: "localhost", port: 5432 })
  })

  it("reads IPv6", async () => {
    const { pipelines } = (await plan(right.replace("127.0.0.1:6432", "\"[::1]:6432\""))).plan!
    expect(pipelines[0]!.listen).toEqual({ host: "::1", port: 6432 })
  })
})

describe("logins by certificate", () => {
  const domain = right.replace("{ use: identity }", "{ use: identity, with: { trust_domain: prod.example.com } }")
  const login = (text: string) =>
    text.replace("{ use: postgres }", "{ use: postgres, with: { client_certificate: login } }")

  it("I26: are refused as a plan where no client is asked for a certificate", async () => {
    expect(errors(await plan(domain))).toEqual(["pipeline `orders` asks no client for a certificate"])
    const tls = "tls: { certificate: ./a.crt, key: ./a.key }\n"
    expect(errors(await plan(domain.replace("tls: off\n", tls)))).toContain(
      "pipeline `orders` asks no client for a certificate"
    )
    const asks = "tls: { certificate: ./a.crt, key: ./a.key, client_authority: ./ca.crt }\n"
    expect(errors(await plan(domain.replace("tls: off\n", asks)))).toEqual([])
  })

  it("are doubted where nobody says whose workloads they are", async () => {
    const { problems } = await plan(login(right))
    expect(problems.map(({ severity, what }) => `${severity} ${what}`)).toEqual([
      "warning pipeline `orders` takes certificates as logins, and no plugin says whose workloads they name"
    ])
  })
})

describe("what a plan refuses, each from a file that is right but for one thing", () => {
  const mutants: ReadonlyArray<readonly [what: string, from: string, to: string, error: RegExp]> = [
    [
      "no one who says who is calling",
      "      - { use: identity }\n      - { use: residency }\n",
      "",
      /says who is calling/
    ],
    [
      "a recorder above a mask",
      "      - { use: masking }\n      - { use: recording,",
      "      - { use: recording }\n      - { use: masking }\n      #",
      /stands above/
    ],
    ["clear text from elsewhere", "127.0.0.1:6432", "10.0.0.1:6432", /loopback only/],
    ["clear text from everywhere", "127.0.0.1:6432", "0.0.0.0:6432", /loopback only/],
    [
      "clear text from a name that only looks like loopback",
      "127.0.0.1:6432",
      "localhost.example.com:6432",
      /loopback only/
    ],
    ["clear text to elsewhere", "127.0.0.1:5432", "127.0.0.1.example.com:5432", /loopback only/],
    ["residency without identity", "      - { use: identity }\n", "", /needs the fact `principal`/],
    ["masking without residency", "      - { use: residency }\n", "", /needs the fact `protection`/],
    [
      "identity without tokens",
      "  tokens: { use: oidc, with: { issuer: https://login.example.com, audience: sluice } }\n",
      "",
      /needs the service `tokens`/
    ],
    [
      "recording without a ledger",
      "  ledger: { use: files, with: { directory: ./ledger, at: de } }\n",
      "",
      /needs the service `ledger`/
    ],
    ["another family", "{ use: masking }", "{ use: http-only }", /is for `http` protocols/],
    ["failing open without the author's word", "{ use: masking }", "{ use: masking, on_error: continue }", /fail open/],
    ["a port that all interfaces have", "name: gw-1", "name: gw-1, admin: { listen: '0.0.0.0:6432' }", /both listen/],
    ["a plugin twice", "{ use: masking }", "{ use: masking }\n      - { use: masking }", /stands twice/],
    ["a place that no zone knows", "at: de, name", "at: atlantis, name", /not a zone/]
  ]

  it.each(mutants)("%s", async (_what, from, to, message) => {
    expect(right).toContain(from)
    const planned = await plan(right.replace(from, to))
    expect(planned.plan).toBeUndefined()
    expect(errors(planned).join("\n")).toMatch(message)
  })

  it("warns of what is safe and doubtful", async () => {
    const shadow = await plan(right.replace("    tls: off\n", "    tls: off\n    mode: shadow\n"))
    expect(shadow.plan).toBeDefined()
    expect([shadow.plan!.pipelines[0]!.mode, shadow.plan!.policy.pipelines[0]!.mode]).toEqual(["shadow", "shadow"])
    const admin = await plan(right.replace("name: gw-1", "name: gw-1, admin: { listen: '0.0.0.0:9464' }"))
    expect(admin.plan).toBeDefined()
    expect(admin.problems.map(({ what }) => what).join()).toContain("the admin port can be reached from elsewhere")
    const elsewhere = await plan(right.replace("ORDERS_DB", "NOT_SET_ANYWHERE"))
    expect(elsewhere.problems.map(({ what }) => what)).toEqual(["the environment has no variable NOT_SET_ANYWHERE"])
  })
})

describe("the hash", () => {
  it("is the same for the same content, whatever its layout", async () => {
    const one = (await plan(right)).plan!.hash
    const other = (await plan(
      `# a comment\n${right.replace("gateway: { at: de, name: gw-1 }", "gateway:\n  name: gw-1\n  at: de")}`
    )).plan!.hash
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(other).toBe(one)
  })

  it("is another one when anything that holds changes, and not when tests do", async () => {
    const one = (await plan(right)).plan!.hash
    for (
      const [from, to] of [["gw-1", "gw-2"], ["[de, fr]", "[fr, de]"], ["answers: true", "answers: false"], [
        ":6432",
        ":6433"
      ]] as const
    ) {
      expect((await plan(right.replace(from, to))).plan!.hash).not.toBe(one)
    }
    const test = "tests:\n  - { name: a, pipeline: orders, as: { subject: a }, ask: x, expect: { decision: deny } }\n"
    expect((await plan(right + test)).plan!.hash).toBe(one)
  })

  it("does not depend on the order of keys, and does on everything else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shuffled = JSON.parse(
          JSON.stringify(value),
          (_key, inner) =>
            typeof inner === "object" && inner !== null && !Array.isArray(inner)
              ? Object.fromEntries(Object.entries(inner).toReversed())
              : inner
        )
        expect(digest(shuffled)).toBe(digest(value))
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 1000 }
    )
  })
})

describe("the nearest word", () => {
  it("is found through one slip, and not made up", () => {
    const words = ["listen", "upstream", "plugins", "protocol", "credential", "message_bytes_max"]
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom("drop", "swap", "double"), (word, at, slip) => {
        const i = at % (word.length - 1)
        const slipped = slip === "drop"
          ? word.slice(0, i) + word.slice(i + 1)
          : slip === "swap"
          ? word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2)
          : word.slice(0, i) + word[i] + word.slice(i)
        expect(nearest(slipped, words)).toBe(word)
      }),
      { numRuns: 1000 }
    )
    expect(nearest("zzzzzz", words)).toBeUndefined()
  })
})

describe("reading", () => {
  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(
            fc.constantFrom(
              "a: ",
              "- ",
              "\n",
              "  ",
              "{",
              "}",
              "[",
              "&a ",
              "*a",
              "!t ",
              "'",
              "\"",
              "|",
              ">",
              "\t",
              "?",
              "%",
              "---"
            )
          ).map((parts) => parts.join(""))
        ),
        (text) => {
          const document = readText("f", text)
          for (const problem of document.problems) expect(document.place(problem)!.line).toBeGreaterThan(0)
        }
      ),
      { numRuns: 1000 }
    )
  })

  it("knows no country `no`, no switch `off`, and no dates", () => {
    expect(readText("f", "[no, off, yes, on, 2027-06-30, 12:30:00, 0x10, 0o17]").value)
      .toEqual(["no", "off", "yes", "on", "2027-06-30", "12:30:00", 16, 15])
  })

  it("sets no prototype", () => {
    const value = readText("f", "__proto__: { polluted: true }").value as any
    expect(value.polluted).toBeUndefined()
    expect(({} as any).polluted).toBeUndefined()
  })
})
