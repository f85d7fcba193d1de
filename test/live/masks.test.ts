import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { client as say } from "../fixtures/client-messages.ts"
import { Live, type LiveOptions, runProgram } from "../fixtures/live.ts"
import { WireClient } from "../fixtures/wire-client.ts"

const KEY = "6b1d0e9f3c5a7b8d6b1d0e9f3c5a7b8d"
const SSN = "734-21-9056"

/** A column of every sort of type, with the mask that it is to have. */
const columns: ReadonlyArray<readonly [name: string, type: string, value: string, mask: string]> = [
  ["mail", "varchar(40)", "'canary.zebra@example.com'", "{ use: partial }"],
  ["ssn", "text", `'${SSN}'`, "{ use: fpe, tag: ssn }"],
  ["card", "char(24)", "'4111 1111 1111 1111'", "{ use: token }"],
  ["pin", "int4", "48271639", "{ use: fpe }"],
  ["big", "int8", "4827163912345", "{ use: hash }"],
  ["pay", "numeric(12,2)", "48271.63", "{ use: noise, percent: 20 }"],
  ["weight", "float8", "48271.639", "{ use: generalise, to: band, band: 1000 }"],
  ["born", "date", "'1987-03-14'", "{ use: generalise, to: year }"],
  ["seen", "timestamptz", "'2024-05-06 07:08:09.123456+00'", "{ use: shift, by: id }"],
  ["left_at", "timestamp", "'2024-05-08 07:08:09'", "{ use: shift, by: id }"],
  ["key", "uuid", "'48271639-9c0b-4ef8-bb6d-6bb9bd380a11'", "{ use: token }"],
  ["face", "bytea", "'\\x48271639'", "{ use: hash }"],
  ["at", "inet", "'48.27.16.39'", "{ use: generalise, to: network }"],
  ["net", "cidr", "'48.27.16.0/24'", "{ use: token }"],
  ["feels", "mood", "'cross'", "{ use: replace, with: calm }"],
  ["moods", "mood[]", "'{cross,NULL}'", "{ use: replace, with: calm }"],
  ["mails", "text[]", "'{canary.zebra@example.com,NULL,\"a,\\\"b\"}'", "{ use: hash }"],
  ["home", "address", "('Canary Road 48271639', 48271, 'cross')", "{ use: token }"],
  ["domained", "short", "'canary.zebra'", "{ use: hash }"],
  [
    "profile",
    "jsonb",
    "'{\"mail\": \"canary.zebra@example.com\", \"n\": 1.50}'",
    "{ use: json, paths: { /mail: email } }"
  ],
  ["plain", "json", "'{\"b\":1,  \"mail\": \"canary.zebra@example.com\"}'", "{ use: json, paths: { /mail: email } }"],
  ["vip", "bool", "true", "{ use: hash }"]
]

const names = columns.map(([name]) => name)
const kindOf: Readonly<Record<string, string>> = { mail: "email", card: "card", ssn: "us_ssn" }
const protect = names.map((name) => `${name}: ${kindOf[name] ?? "redact"}`).join(", ")
const masks = columns.map(([name, , , mask]) => `public.people.${name}: ${mask}`).join(", ")
const masking = (more: string): string =>
  `{ use: masking, with: { key: MASK_KEY, ${more} masks: { email: { use: partial }, ${masks} },`
  + " for: [{ groups: [finance], masks: { public.people.pay: { use: redact } } }], unmask_to_group: dpo } }"

const options: LiveOptions = {
  secrets: { MASK_KEY: KEY },
  schema: [
    "create type mood as enum ('calm', 'cross')",
    "create type address as (street text, number int, feels mood)",
    "create domain short as varchar(20)",
    `create table people (id int primary key, ${columns.map(([name, type]) => `${name} ${type}`).join(", ")})`,
    `insert into people values (1, ${columns.map(([, , value]) => value).join(", ")})`,
    "insert into people (id) values (2)",
    `insert into people values (3, ${columns.map(([, , value]) => value).join(", ")})`,
    "create table contracts (id int, mail text)",
    "insert into contracts values (1, 'canary.zebra@example.com')"
  ],
  services: "  state: { use: sqlite, with: { path: ./state.db } }",
  residency: `  otherwise: allow
  zones: { eu: { includes: [de] }, us: { includes: [us-east] } }
  data_sets:
    people: { home: [eu], on: { orders: { tables: { public.people: { ${protect} } } } } }
    contracts: { home: [eu], on: { orders: { tables: { public.contracts: { mail: email } } } } }
  parties:
    clerk: { match: { subject: clerk }, at: de, clearance: [eu] }
    abroad: { match: { subject: abroad }, at: us-east, clearance: [eu] }
  transfers:
    - { id: t, from: eu, to: us, data_sets: [contracts], recipients: [abroad], operations: [read], mechanism: scc, requires: [mask], valid_until: 2099-01-01 }`,
  plugins: [
    "{ use: identity }",
    "{ use: residency }",
    masking("unmask_ledger: ./unmask-ledger,"),
    "{ use: recording, with: { answers: true } }"
  ]
}

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1")
const select = `select id, ${names.join(", ")} from people order by id`

describe("masks of every sort, through the gateway", () => {
  let live: Live
  beforeAll(async () => {
    live = await Live.start(options)
  }, 120_000)
  afterAll(() => live?.stop())

  const clerk = { sub: "clerk" }
  let count = 0

  /** What the database itself makes of a file of masked rows, as text. */
  const loaded = async (file: string, format: string): Promise<ReadonlyArray<unknown>> => {
    const table = `loaded_${++count}`
    await live.direct((client) => client.query(`create table ${table} (like people)`))
    const ran = await live.psql("direct", `\\copy ${table} from '${file}' with (format ${format})\n`)
    expect(ran.stderr).toBe("")
    return live.direct(async (client) => (await client.query(select.replace("people", table))).rows)
  }
  /** What a caller gets by the simple protocol, as the database itself understands it. */
  const direct = (): Promise<ReadonlyArray<Record<string, unknown>>> =>
    live.as(clerk, async (client) => (await client.query(select)).rows)

  it("are values of their columns' types, the same in text, in binary, and in each format of COPY", async () => {
    const plain = await direct()
    expect(plain).toHaveLength(3)
    for (const format of ["text", "csv", "binary"]) {
      const file = join(live.folder, `people.${format}`)
      const ran = await live.psql(clerk, `\\copy (${select}) to '${file}' with (format ${format})\n`)
      expect(ran.stderr).toBe("")
      expect(readFileSync(file, "latin1")).not.toMatch(/canary|zebra|734-21|48271639/i)
      expect(await loaded(file, format), format).toEqual(plain)
    }
    const wire = await WireClient.login(live.port, await live.token(clerk))
    const told = await wire.ask(
      say.parse("", select),
      say.raw("B", [0, 0, 0, 0, 0, 0, 0, 1, 0, 1]),
      say.describe("portal", ""),
      say.execute(""),
      say.sync()
    )
    wire.destroy()
    // A row of an answer is a row of COPY, when both are binary.
    const file = join(live.folder, "people.wire")
    writeFileSync(file, SIGNATURE)
    for (const { body, type } of told) if (type === "D") appendFileSync(file, body)
    appendFileSync(file, Buffer.from([0xff, 0xff]))
    expect(await loaded(file, "binary")).toEqual(plain)
  }, 60_000)

  it("are what the file asks for", async () => {
    const [row, none, same] = await direct()
    expect(row).toMatchObject({
      mail: "c****@example.com",
      weight: 48000,
      at: "48.27.16.0/24",
      feels: "calm",
      moods: null,
      plain: { b: 1, mail: "c****@example.com" },
      profile: { mail: "c****@example.com", n: 1.5 },
      vip: null
    })
    expect((row!["born"] as Date).getFullYear()).toBe(1987)
    expect(row!["ssn"]).toMatch(/^[0-9]{3}-[0-9]{2}-[0-9]{4}$/)
    expect(row!["card"]).toMatch(/^[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4} {5}$/)
    expect(row!["domained"]).toMatch(/^[0-9a-f]{20}$/)
    expect(row!["home"]).toMatch(/^\(tok_[a-z2-7]{20},[0-9]+,\)$/)
    expect(Number(row!["left_at"]) - Number(row!["seen"])).toBeGreaterThan(0)
    for (const name of names) {
      expect(none![name], name).toBeNull()
      if (!["seen", "left_at"].includes(name)) expect(same![name], name).toEqual(row![name])
    }
    // The same distance as in clear, though the two people's dates moved apart.
    const apart = (one: Record<string, unknown>): number => Number(one["left_at"]) - Number(one["seen"])
    expect(apart(same!)).toBe(apart(row!))
    expect(same!["seen"]).not.toEqual(row!["seen"])
  })

  it("hang on who asks, and under an obligation on nothing but what the file has for that", async () => {
    const finance = { sub: "clerk", groups: ["finance"] }
    const [row] = await live.as(finance, async (client) => (await client.query("select pay, mail from people")).rows)
    expect(row).toEqual({ pay: null, mail: "c****@example.com" })
    const asked = "select id, mail from contracts"
    const at = (sub: string) => live.as({ sub }, async (client) => (await client.query(asked)).rows)
    expect(await at("clerk")).toEqual([{ id: 1, mail: "c****@example.com" }])
    expect(await at("abroad")).toEqual([{ id: null, mail: "****@****.***" }])
  })

  const unmask = async (caller: Parameters<Live["token"]>[0], ...words: ReadonlyArray<string>) =>
    runProgram(
      process.execPath,
      ["config/main.ts", "unmask", "--config", live.file, "--pipeline", "orders", ...words],
      "",
      { SLUICE_TOKEN: await live.token(caller) }
    )

  it("are undone for whom the file lets, on the record, while the gateway runs", async () => {
    const [row] = await direct()
    const dpo = { sub: "clerk", groups: ["dpo"] }
    const kind = ["--kind", "public.people.ssn", "--reason", "case 4711"]
    const shown = await unmask(dpo, ...kind, String(row!["ssn"]))
    expect(shown).toMatchObject({ status: 0, stdout: `${SSN}\n`, stderr: "" })
    const pin = await unmask(dpo, "--kind", "public.people.pin", "--type", "int4", "--reason", "r", String(row!["pin"]))
    expect(pin.stdout).toBe("48271639\n")

    const refused = await unmask({ sub: "clerk", groups: ["finance"] }, ...kind, String(row!["ssn"]))
    expect(refused).toMatchObject({ status: 1, stdout: "" })
    const through = await unmask({ ...dpo, act: { sub: "agent" } }, ...kind, String(row!["ssn"]))
    expect(through).toMatchObject({ status: 1, stdout: "" })
    const oneWay = await unmask(dpo, "--kind", "public.people.card", "--reason", "r", String(row!["card"]))
    expect(oneWay.stderr).toContain("only fpe can be undone")
    const reasonless = await unmask(dpo, "--kind", "public.people.ssn", "--reason", " ", String(row!["ssn"]))
    expect(reasonless).toMatchObject({ status: 2, stdout: "" })

    const folder = join(live.folder, "unmask-ledger")
    expect((await runProgram(process.execPath, ["config/main.ts", "audit", "verify", folder], "", {})).status).toBe(0)
    const listed = await runProgram(
      process.execPath,
      ["config/main.ts", "sessions", "list", "--ledger", folder, "--json"],
      "",
      {}
    )
    const id = /unmask-[0-9]+-[0-9a-f]+/.exec(listed.stdout)?.[0] ?? ""
    const words = ["config/main.ts", "sessions", "show", id, "--ledger", folder]
    const record = await runProgram(process.execPath, words, "", {})
    expect(record.stdout).toContain("case 4711")
    expect(record.stdout).not.toContain(SSN)
    expect(record.stdout).not.toContain(String(row!["ssn"]))
    expect(listed.stdout.match(/"unmask-/g)).toHaveLength(5)
  }, 120_000)

  it("stay what they are for whoever's token was taken back", async () => {
    const [row] = await direct()
    const words = ["--kind", "public.people.ssn", "--reason", "r", String(row!["ssn"])]
    const dpo = { sub: "clerk", groups: ["dpo"], jti: "stolen" }
    expect(await unmask(dpo, ...words)).toMatchObject({ status: 0 })
    expect(await live.sluice("sessions", "end", "--token", "stolen", "--config", live.file)).toMatchObject({
      status: 0
    })
    const refused = await unmask(dpo, ...words)
    expect(refused).toMatchObject({ status: 1, stdout: "" })
    expect(refused.stderr).toContain("taken back")
  }, 60_000)

  it("stay what they are when their undoing cannot be recorded", async () => {
    const [row] = await direct()
    live.configure({
      ...options,
      plugins: options.plugins!.map((one) => one.replace("unmask_ledger: ./unmask-ledger,", ""))
    })
    const words = ["--kind", "public.people.ssn", "--reason", "r", String(row!["ssn"])]
    const ran = await unmask({ sub: "clerk", groups: ["dpo"] }, ...words)
    expect(ran).toMatchObject({ status: 1, stdout: "" })
    expect(ran.stderr).toContain("already being written by")
  }, 60_000)
})
