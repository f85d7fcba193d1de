import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"
import postgres from "postgres"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live, runProgram } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { psqlPath, PYTHON } from "../setup/programs.ts"

let live: Live
beforeAll(async () => {
  live = await Live.start(shop)
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
  "an error": "select * from nosuch;",
  "a syntax error": "selec 1;",
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
    const round = (table: string) =>
      `create table ${table} (sku text primary key, cents int);\n\\copy ${table} from '${file}' csv\n`
      + `select count(*), sum(cents) from ${table};\ndrop table ${table};`
    const { directly, through } = await both(`\\copy (select * from prices order by sku) to '${file}' csv`)
    expect(through).toEqual(directly)
    expect(await live.psql(clerk, round("scratch"))).toEqual(await live.psql("direct", round("scratch")))
  })

  it("\\watch", async () => {
    const input = "select 42 as answer \\watch i=0.1 c=3\n"
    const old = "select 42 as answer \\watch 0.2\n"
    const program = (await runProgram(psqlPath()!, ["--version"], "", {})).stdout
    const counts = Number(/ (\d+)/.exec(program)?.[1]) >= 16
    const answers = await live.psql(
      clerk,
      counts ? input : `set statement_timeout = 0; ${old}`.replace("\\watch 0.2", counts ? "" : "\\g")
    )
    expect(answers.stdout.match(/42/g)?.length).toBeGreaterThanOrEqual(1)
  })

  it("Ctrl-C cancels what runs, and the session goes on", async () => {
    const password = await live.token(clerk)
    const words = ["-X", "-h", "127.0.0.1", "-p", String(live.port), "-U", "app", "-d", "postgres"]
    const child = spawn(psqlPath()!, words, { env: { ...process.env, PGPASSWORD: password }, detached: true })
    let said = ""
    child.stdout.on("data", (bytes) => said += String(bytes))
    child.stderr.on("data", (bytes) => said += String(bytes))
    const until = async (what: RegExp) => {
      while (!what.test(said)) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.stdin.write("select 'up' || '!';\n")
    await until(/up!/)
    child.stdin.write("select count(*) from generate_series(1, 100000000000);\n")
    await new Promise((resolve) => setTimeout(resolve, 500))
    process.kill(-child.pid!, "SIGINT")
    await until(/canceling statement due to user request/)
    child.stdin.end("select 'still ' || 'here';\n")
    await new Promise((resolve) => child.once("exit", resolve))
    expect(said).toContain("still here")
  })
})

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
    for (const [text, values] of QUERIES) {
      for (const name of [undefined, `q${told.length}`]) {
        const { command, fields, rowCount, rows } = await client.query({
          text,
          values: [...values],
          ...(name === undefined ? {} : { name })
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
          "drop table if exists nosuch"
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
    cur.execute("create temp table t (a int, b text)")
    cur.copy_expert("copy t from stdin", io.StringIO("1\\tx\\n2\\ty\\n"))
    cur.execute("select * from t")
    note(cur.fetchall())
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
