import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"
import postgres from "postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findPostgres } from "../../config/demo/find-postgres.ts"
import { Live, runProgram } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { psqlPath, PYTHON } from "../setup/programs.ts"

/** psql is the machine's own: the machine's own server fits it best, if there is one. */
const programs = findPostgres().find(({ origin }) => origin === "machine") ?? findPostgres()[0]!

let live: Live
beforeAll(async () => {
  live = await Live.start({ ...shop, postgres: { programs } })
})
afterAll(() => live.stop())

/** What psql prints for `input`, through the gateway and directly. */
const both = async (input: string, ...args: ReadonlyArray<string>) => {
  const through = await live.psql(clerk, input, ...args)
  const directly = await live.psql("direct", input, ...args)
  return { through, directly }
}

const PSQL: Readonly<Record<string, string>> = {
  "a plain query": "select * from prices order by sku limit 5;",
  "\\d of a table": "\\d invoices",
  "\\d+ of a table": "\\d+ prices",
  "\\d of everything": "\\d",
  "\\dt+": "\\dt",
  "\\di": "\\di",
  "\\dv": "\\dv",
  "\\df": "\\df",
  "\\dn": "\\dn",
  "\\dT": "\\dT",
  "\\l": "\\l",
  "\\du": "\\du",
  "\\conninfo and variables": "\\echo :SERVER_VERSION_NUM\n\\encoding",
  "several statements": "select 1; select 2 as two, 'x' as x; select count(*) from invoices;",
  "an empty statement": ";",
  "an error": "select 1 / (cents - cents) from prices;",
  "an error in a transaction": "begin; select 1/0; select 1; commit;",
  "a transaction": "begin; insert into prices values ('new', 1); rollback; select count(*) from prices;",
  savepoints: "begin; savepoint a; select 1/0; rollback to a; select 2; commit;",
  "prepared statements":
    "prepare p(int) as select cents from prices where cents > $1 order by 1 limit 2; execute p(30);",
  "a cursor":
    "begin; declare c cursor for select sku from prices order by sku; fetch 2 from c; fetch 1 from c; commit;",
  FETCH_COUNT: "\\set FETCH_COUNT 7\nselect id, cents from invoices order by id;",
  explain: "explain (costs off) select * from prices where sku = 'sku-1';",
  "copy out": "copy prices to stdout;",
  "copy out as csv":
    "copy (select id, note, paid_at from invoices order by id limit 20) to stdout with (format csv, header);",
  "\\gx": "select 1 as a, null as b \\gx",
  types: "select id, blob, key, ratio, paid_at, note from invoices order by id limit 3;",
  "\\gdesc": "select id, cents::numeric, note from invoices \\gdesc",
  "\\crosstabview": "select 'a' as a, 'b' as b, 1 as c \\crosstabview"
}

describe("psql behaves through the gateway as directly", () => {
  for (const [what, input] of Object.entries(PSQL)) {
    it(what, async () => {
      const { directly, through } = await both(input)
      expect({ ...through }).toEqual({ ...directly })
    })
  }

  it("\\copy in and out", async () => {
    const file = join(live.folder, "out.csv")
    const copyOut = `\\copy (select sku, cents + 1 from prices order by sku) to '${file}' csv`
    const copyIn = `\\copy scratch from '${file}' csv\nselect count(*), sum(cents) from scratch;\ndelete from scratch;`
    for (const input of [copyOut, copyIn, copyIn]) {
      const { directly, through } = await both(input)
      expect(through).toEqual(directly)
    }
  })

  it("\\watch", async () => {
    const program = (await runProgram(psqlPath()!, ["--version"], "", {})).stdout
    const counts = Number(/ (\d+)/.exec(program)?.[1]) >= 16
    const answers = counts
      ? await live.psql(clerk, "select 42 as answer \\watch i=0.1 c=3\n")
      : await interrupted("select 42 as answer \\watch 0.1\n", /(42[^]*){3}/)
    expect(answers.stdout.match(/42/g)?.length).toBeGreaterThanOrEqual(3)
  })

  it("Ctrl-C cancels what runs", async () => {
    const { stderr } = await interrupted(
      "select 'up' || '!';\nselect count(*) from generate_series(1, 100000000000);\n",
      /up!/
    )
    expect(stderr).toContain("canceling statement due to user request")
  })

  it("a session goes on after what ran in it was cancelled", async () => {
    await live.as(clerk, async (client) => {
      const query = new pg.Query("select count(*) from generate_series(1, 100000000000)")
      const failed = new Promise<string>((resolve) => query.on("error", (error) => resolve(String(error))))
      client.query(query)
      await new Promise((resolve) => setTimeout(resolve, 300))
      const other = new pg.Client({ host: "127.0.0.1", port: live.port, user: "app", database: "postgres" })
      ;(other as unknown as { cancel(client: pg.Client, query: pg.Query): void }).cancel(client, query)
      expect(await failed).toContain("canceling statement due to user request")
      expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }])
    })
  })
})

/** Runs psql on `input`, interrupts it as a terminal would once it has printed `sign`, and says how it ended. */
const interrupted = async (input: string, sign: RegExp) => {
  const words = ["-X", "-h", "127.0.0.1", "-p", String(live.port), "-U", "app", "-d", "postgres"]
  const env = { ...process.env, PGPASSWORD: await live.token(clerk) }
  const child = spawn(psqlPath()!, words, { env, detached: true })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (bytes) => stdout += String(bytes))
  child.stderr.on("data", (bytes) => stderr += String(bytes))
  child.stdin.end(input)
  while (!sign.test(stdout) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20))
  await new Promise((resolve) => setTimeout(resolve, 300))
  process.kill(-child.pid!, "SIGINT")
  if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve))
  return { stdout, stderr }
}

const QUERIES: ReadonlyArray<readonly [text: string, values: ReadonlyArray<unknown>]> = [
  ["select 1 as one", []],
  ["select * from prices order by sku", []],
  ["select id, cents, note, paid_at, blob, key, ratio from invoices where id < $1 order by id", [10]],
  ["select sku from prices where cents = any($1::int[]) order by sku", [[10, 20, 30]]],
  ["select count(*)::int as n, sum(cents) as total from invoices where customer = $1", [1]],
  ["select id, city, vip, tags, profile, feels, since, balance from customers order by id", []],
  ["insert into prices values ($1, $2) returning sku, cents", ["driver", 5]],
  ["delete from prices where sku = $1", ["driver"]],
  ["select pg_catalog.format_type(23, null) as t", []],
  ["values (1, 'a'), (2, 'b')", []]
]

describe("node-postgres behaves through the gateway as directly", () => {
  const run = (client: pg.Client) => async () => {
    const told: Array<unknown> = []
    for (const named of [false, true, true]) {
      for (const [index, [text, values]] of QUERIES.entries()) {
        const { command, fields, rowCount, rows } = await client.query({
          text,
          values: [...values],
          ...(named ? { name: `q${index}` } : {})
        })
        told.push({ command, rowCount, rows, fields: fields.map((field) => ({ ...field, tableID: 0 })) })
      }
    }
    return told
  }

  it("queries, parameters, names, types", async () => {
    const through = await live.as(clerk, (client) => run(client)())
    const directly = await live.direct((client) => run(client)())
    expect(through).toEqual(directly)
  })

  it("binary results", async () => {
    const text = "select id, cents, note, paid_at, blob, key, ratio from invoices order by id limit 5"
    const ask = (client: pg.Client) => client.query({ text, binary: true, rowMode: "array" } as pg.QueryArrayConfig)
    const through = await live.as(clerk, ask)
    const directly = await live.direct(ask)
    expect(through.rows).toEqual(directly.rows)
  })

  it("errors, in and outside transactions, and notices", async () => {
    const tell = async (client: pg.Client) => {
      const told: Array<unknown> = []
      client.on("notice", ({ code, message }) => told.push({ code, message }))
      for (
        const text of [
          "select 1/0",
          "begin",
          "insert into prices values ('sku-1', 1)",
          "select 1",
          "rollback",
          "rollback"
        ]
      ) {
        told.push(
          await client.query(text).then(
            ({ command }) => command,
            ({ code, detail, message }) => ({ code, detail, message })
          )
        )
      }
      return told
    }
    expect(await live.as(clerk, tell)).toEqual(await live.direct(tell))
  })

  it("LISTEN and NOTIFY are refused where nobody declared them", async () => {
    const refused = await live.as(clerk, (client) => client.query("notify channel, 'x'").catch((error) => error.code))
    expect(refused).toBe("42501")
  })
})

describe("postgres.js behaves through the gateway as directly", () => {
  const run = async (options: postgres.Options<{}>) => {
    const sql = postgres({ max: 2, idle_timeout: 1, onnotice: () => {}, ...options })
    try {
      const told: Array<unknown> = []
      for (const [text, values] of QUERIES) {
        const rows = await sql.unsafe(text, [...values] as Array<never>)
        told.push({ rows: [...rows], columns: rows.columns?.map(({ name, type }) => ({ name, type })) })
      }
      told.push(
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => sql`select ${i}::int as i, sku from prices order by sku limit 1`)
        )
      )
      told.push(await sql.begin(async (tx) => [await tx`select 1 as a`, await tx`select 2 as b`]))
      const seen: Array<unknown> = []
      await sql`select id from invoices order by id`.cursor(50, (rows) => void seen.push(rows.length))
      told.push(seen)
      return JSON.parse(JSON.stringify(told)) as unknown
    } finally {
      await sql.end()
    }
  }

  it("pipelines, cursors, transactions", async () => {
    const { password, port, user } = live.postgres
    const directly = await run({ host: "127.0.0.1", port, user, password, database: "postgres" })
    const through = await run({
      host: "127.0.0.1",
      port: live.port,
      user: "app",
      password: await live.token(clerk),
      database: "postgres"
    })
    expect(through).toEqual(directly)
  })
})

const PSYCOPG = `
import json, os, psycopg2, psycopg2.extras
c = psycopg2.connect(host="127.0.0.1", port=os.environ["P"], user=os.environ["U"], password=os.environ["W"], dbname="postgres")
told = []
def note(x): told.append(json.loads(json.dumps(x, default=str)))
with c.cursor() as cur:
    for text, values in json.loads(os.environ["Q"]):
        cur.execute(text, values)
        note([list(map(str, cur.description[0][:2])) if cur.description else None, cur.fetchall() if cur.description else cur.rowcount])
    cur.execute("select id, note, blob::text from invoices order by id limit 5")
    note(cur.fetchall())
    try:
        cur.execute("select 1/0")
    except psycopg2.Error as e:
        note([e.pgcode, e.diag.message_primary])
    c.rollback()
with c.cursor("server_side") as cur:
    cur.itersize = 3
    cur.execute("select sku from prices order by sku")
    note(cur.fetchall())
c.commit()
import io
with c.cursor() as cur:
    out = io.StringIO()
    cur.copy_expert("copy (select sku, cents from prices order by sku) to stdout with csv header", out)
    note(out.getvalue())
    cur.copy_expert("copy scratch from stdin", io.StringIO("x\\t1\\ny\\t2\\n"))
    cur.execute("select * from scratch")
    note(cur.fetchall())
    cur.execute("delete from scratch")
print(json.dumps(told))
`

describe("psycopg2, on libpq, behaves through the gateway as directly", () => {
  it("queries, errors, server-side cursors, COPY both ways", async () => {
    const script = join(live.folder, "client.py")
    writeFileSync(script, PSYCOPG)
    const queries = JSON.stringify([
      ["select 1 as one", []],
      ["select sku from prices where cents > %s order by sku limit 3", [100]],
      ["select id, cents, paid_at, ratio from invoices where id = any(%s) order by id", [[1, 2, 3]]],
      ["update prices set cents = cents where sku = %s", ["sku-1"]]
    ])
    const { password, port, user } = live.postgres
    const directly = await runProgram(PYTHON, [script], "", { P: String(port), U: user, W: password, Q: queries })
    const token = await live.token(clerk)
    const through = await runProgram(PYTHON, [script], "", { P: String(live.port), U: "app", W: token, Q: queries })
    expect(directly.status, directly.stderr).toBe(0)
    expect(through).toEqual(directly)
  })
})
