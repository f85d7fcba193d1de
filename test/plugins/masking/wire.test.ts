import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { postgresCodec } from "../../../protocols/postgres/index.ts"
import { allow, type Exchange, type Verdict } from "../../../core/index.ts"
import type { Sql, Statement } from "../../../core/family/sql/index.ts"
import { contextOf, listen } from "../../fixtures/open-relay.ts"
import { type RealPostgres, startPostgres } from "../../fixtures/real-postgres.ts"
import { config } from "../../fixtures/session.ts"
import { CopySession } from "../../protocols/postgres/copy/copy-session.ts"
import {
  copy,
  exchangeOf,
  type FakeExchange,
  type Masker,
  masker,
  statementOf,
  type StatementOptions
} from "./fakes.ts"

/** What an analyser says of each text that is sent here; of any other, that it touches nothing. */
const known: Readonly<Record<string, StatementOptions>> = {
  "select id, ssn, pin from customers": shown("id", "ssn", "pin"),
  "select id as ssn, ssn as id, pin from customers": {
    results: [[copyOf("id", "ssn"), copyOf("ssn", "id"), copyOf("pin")]]
  },
  "select id, ssn, pin from customers where id > $1": shown("id", "ssn", "pin"),
  "select id from customers; select ssn from customers": { results: [[copyOf("id")], [copyOf("ssn")]] },
  "copy (select id, ssn, pin from customers) to stdout": shown("id", "ssn", "pin"),
  "copy (select id, ssn, pin from customers) to stdout (format csv, header, null '123-45-6789')": shown(
    "id",
    "ssn",
    "pin"
  ),
  "copy (select id, ssn, pin from customers) to stdout (null '123-45-6789')": shown("id", "ssn", "pin"),
  "copy (select id, ssn, pin from customers) to stdout (format binary)": shown("id", "ssn", "pin"),
  "insert into customers values (1, 'CANARY-ssn-again', 4)": {
    kind: "write",
    writes: [{ kind: "table", name: "public.customers", fields: ["id", "ssn", "pin"] }]
  },
  "select ssn::int from customers": {
    kind: "read",
    uses: [{ table: "public.customers", column: "ssn", use: "transform" }]
  }
}
const formats: Readonly<Record<string, { format: "text" | "csv" | "binary"; header: boolean; null: string }>> = {
  "copy (select id, ssn, pin from customers) to stdout": { format: "text", header: false, null: "\\N" },
  "copy (select id, ssn, pin from customers) to stdout (null '123-45-6789')": {
    format: "text",
    header: false,
    null: "123-45-6789"
  },
  "copy (select id, ssn, pin from customers) to stdout (format csv, header, null '123-45-6789')": {
    format: "csv",
    header: true,
    null: "123-45-6789"
  },
  "copy (select id, ssn, pin from customers) to stdout (format binary)": { format: "binary", header: false, null: "" }
}

function copyOf(column: string, name?: string) {
  return copy(`public.customers.${column}`, name)
}
function shown(...columns: ReadonlyArray<string>): StatementOptions {
  return { results: [columns.map((column) => copyOf(column))] }
}

const statementFor = (operation: Statement): Statement => {
  const { parameters, phase, text } = operation
  const statement = statementOf(known[text] ?? { kind: "session" })
  const format = formats[text]
  return {
    ...statement,
    results: format === undefined ? statement.results : statement.results.map((result) => ({
      ...result,
      copy: { delimiter: format.format === "csv" ? "," : "\t", quote: "\"", escape: "\"", ...format }
    })),
    text,
    phase,
    ...(parameters === undefined ? {} : { parameters })
  }
}

/** A gateway before `server` whose only plugin is `subject`, and everything that it sent to any client. */
const gateway = async (server: RealPostgres, subject: Masker) => {
  const exchanges = new WeakMap<Exchange<Sql>, FakeExchange>()
  const protect = [["ssn", "us_ssn"], ["pin", "secret"]].map(([column, kind]) => ({
    data_set: "customers",
    table: "public.customers",
    column: column!,
    kind: kind!
  }))
  const factsOf = (exchange: Exchange<Sql>): FakeExchange => {
    let facts = exchanges.get(exchange)
    if (facts === undefined) exchanges.set(exchange, facts = exchangeOf(statementFor(exchange.operation), { protect }))
    return facts
  }
  const codec = postgresCodec(config)
  return listen(() => codec(contextOf()), { host: server.host, port: server.port }, {
    login: { _tag: "Admit", credential: { user: "postgres", password: "" }, database: "postgres", settings: new Map() },
    decide: (exchange) =>
      known[exchange.operation.text] === undefined ? allow : subject.decide(factsOf(exchange)) as Verdict,
    operation: (exchange) => statementFor(exchange.operation),
    transform: (output, exchange) => subject.transform(output, exchange && factsOf(exchange))
  })
}

describe("masking on the wire of a real PostgreSQL", () => {
  let server: RealPostgres
  beforeAll(async () => {
    server = await startPostgres()
    const direct = new pg.Client({ host: server.host, port: server.port, user: "postgres", database: "postgres" })
    await direct.connect()
    await direct.query("create table customers (id int primary key, ssn text, pin int)")
    await direct.query(
      "insert into customers values (1, 'CANARY-1', 1129464142), (2, null, null), (3, 'CANARY-3', 1129464142)"
    )
    await direct.query("insert into customers values (4, '123-45-6789', 1129464142)")
    await direct.end()
  }, 60_000)
  afterAll(() => server.stop())

  /** Runs `act` through a gateway with `subject`; answers what came of it, and every byte that the client received. */
  const through = async <A>(
    subject: Masker,
    act: (client: pg.Client) => Promise<A>
  ): Promise<{ result: A; bytes: string }> => {
    const { close, port } = await gateway(server, subject)
    const client = new pg.Client({ host: "127.0.0.1", port, user: "someone", password: "x", database: "postgres" })
    const received: Array<Buffer> = []
    await client.connect()
    const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } }).connection
    stream.on("data", (chunk: Buffer) => received.push(chunk))
    const result = await act(client)
    await client.end()
    await close()
    return { result, bytes: Buffer.concat(received).toString("latin1") }
  }
  /** 1129464142 is `CRAN` in four bytes, so that its binary form can be looked for too. */
  const leaked = (bytes: string): boolean => /CANARY|1129464142|CRAN|123-45-6789/.test(bytes)
  const masked = [
    { id: 1, ssn: "***-**-****", pin: null },
    { id: 2, ssn: null, pin: null },
    { id: 3, ssn: "***-**-****", pin: null },
    { id: 4, ssn: "***-**-****", pin: null }
  ]
  const plain = "select id, ssn, pin from customers"
  const bound = "select id, ssn, pin from customers where id > $1"

  it("masks simple and extended queries, prepared ones too", async () => {
    const { bytes, result } = await through(masker(), async (client) => [
      (await client.query(plain)).rows,
      (await client.query(bound, [0])).rows,
      (await client.query({ name: "again", text: bound, values: [0] })).rows,
      (await client.query({ name: "again", text: bound, values: [0] })).rows
    ])
    expect(result).toEqual([masked, masked, masked, masked])
    expect(leaked(bytes)).toBe(false)
  })

  it("PG19: masks in the binary format", async () => {
    const { bytes, result } = await through(
      masker(),
      (client) => client.query({ text: bound, values: [0], binary: true } as pg.QueryConfig)
    )
    expect(result.rows.map(({ ssn }) => String(ssn))).toEqual(["***-**-****", "null", "***-**-****", "***-**-****"])
    expect(leaked(bytes)).toBe(false)
  })

  it("PG18: masks on every resumption of a portal", async () => {
    const { bytes, result } = await through(
      masker(),
      (client) => client.query({ text: bound, values: [0], rows: 1 } as pg.QueryConfig)
    )
    expect(result.rows).toEqual(masked)
    expect(leaked(bytes)).toBe(false)
  })

  it("M01: masks by position, and each result by its own lineage", async () => {
    const { bytes, result } = await through(masker(), async (client) => [
      (await client.query("select id as ssn, ssn as id, pin from customers")).rows[0],
      (await client.query("select id from customers; select ssn from customers") as unknown as Array<pg.QueryResult>)
        .map(({ rows }) => rows[0])
    ])
    expect(result).toEqual([{ ssn: 1, id: "***-**-****", pin: null }, [{ id: 1 }, { ssn: "***-**-****" }]])
    expect(leaked(bytes)).toBe(false)
  })

  it("M09: lets no error quote what is stored or sent", async () => {
    const { bytes, result } = await through(masker(), async (client) => {
      const failed: Array<unknown> = []
      for (
        const text of ["insert into customers values (1, 'CANARY-ssn-again', 4)", "select ssn::int from customers"]
      ) {
        await client.query(text).catch(({ code, detail, message }) => failed.push([code, message, detail]))
      }
      return failed
    })
    expect(result).toEqual([
      ["23505", "A unique constraint would be violated.", undefined],
      ["42501", expect.stringContaining("public.customers.ssn is protected"), undefined]
    ])
    expect(leaked(bytes)).toBe(false)
  })

  it("PG20: masks COPY in every format, whatever NULL is spelt like", async () => {
    const { close, port } = await gateway(server, masker())
    const session = await CopySession.open(port)
    // In the binary format nobody says what the types are, so NULL is the only mask there is.
    const masks = [3, 4, 3, 0]
    for (const [i, text] of Object.keys(formats).entries()) {
      const bytes = Buffer.concat(await session.copyOut(text)).toString("latin1")
      expect(bytes.match(/\*\*\*-\*\*-\*\*\*\*/g) ?? [], text).toHaveLength(masks[i]!)
      // The spelling of NULL may appear: in CSV a value is quoted then, in text every value is masked.
      expect(leaked(bytes.replaceAll(/(?<=[,\t\n])123-45-6789(?=[,\n])/g, "")), text).toBe(false)
    }
    session.close()
    await close()
  })

  it("would see what a gateway without masking lets through", async () => {
    const open: Masker = { decide: () => allow, transform: () => {} }
    for (
      const act of [
        (client: pg.Client) => client.query(plain),
        (client: pg.Client) => client.query({ text: bound, values: [0], binary: true } as pg.QueryConfig),
        (client: pg.Client) => client.query("insert into customers values (1, 'CANARY-ssn-again', 4)").catch(() => {})
      ]
    ) {
      const { bytes } = await through<unknown>(open, act)
      // The last one quotes its key only, where nothing is hidden: it is told by the server's own words.
      expect(leaked(bytes) || bytes.includes("already exists")).toBe(true)
    }
  })
})
