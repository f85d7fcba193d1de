import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { runProgram } from "../fixtures/live.ts"
import { type AgentToken, startTwoZones, type TwoZones, type Zone } from "../fixtures/two-zones.ts"

const MAIN = fileURLToPath(new URL("../../config/main.ts", import.meta.url))

let zones: TwoZones
beforeAll(async () => {
  zones = await startTwoZones({
    taint: "{ run_claim: run, parent_run_claim: parent, literal_bytes_max: 200 }",
    shared: true
  })
}, 120_000)
afterAll(() => zones?.stop())

interface Told {
  readonly rows: ReadonlyArray<unknown>
  readonly code: string | undefined
  readonly message: string
}

const told = async (asked: Promise<pg.QueryResult>): Promise<Told> => {
  try {
    return { rows: (await asked).rows, code: undefined, message: "" }
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string }
    return { rows: [], code, message }
  }
}

const ask = async (zone: Zone, caller: AgentToken, text: string, through?: "first" | "second"): Promise<Told> => {
  const client = await zones.connect(zone, caller, through)
  try {
    return await told(client.query(text))
  } finally {
    await client.end()
  }
}

const reads = "select name from customers"
const secret = "insert into notes values ('Canary Eins')"
let runs = 0
/** An agent in a run that nobody was in before. */
const fresh = (sub = "agent-1"): AgentToken => ({ sub, run: `run-${++runs}` })

const refused = (answer: Told): void => {
  expect(answer).toMatchObject({ code: "42501", message: expect.stringContaining("(taint)") })
}
const allowed = (answer: Told): void => expect(answer).toMatchObject({ code: undefined })

describe("a run that has seen nothing", () => {
  it("writes where it is cleared", async () => allowed(await ask("us", fresh(), "insert into notes values ('mine')")))
})

describe("a run that has seen customers", () => {
  it("writes them nowhere else; the refusal says what it read and when", async () => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    const answer = await ask("us", caller, secret)
    refused(answer)
    expect(answer.message).toMatch(
      /customers was seen at 20\d\d-\d\d-\d\dT[\d:.]+Z through eu, operation \d+ of session/
    )
    expect(answer.message).not.toContain("Canary")
  })

  it("still writes at home", async () => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    allowed(await ask("eu", caller, "insert into scratch values ('at home')"))
  })

  it("may write elsewhere what it saw behind masks", async () => {
    const caller = fresh()
    const { rows } = await ask("eu", caller, "select email from customers limit 1")
    expect(rows).toEqual([{ email: "****@****.***" }])
    allowed(await ask("us", caller, "insert into notes values ('masked')"))
  })

  it("may write elsewhere what it saw as counts and averages over enough rows, and nothing narrower", async () => {
    const caller = fresh()
    const { rows } = await ask("eu", caller, "select count(*)::int from customers")
    const { rows: [told] } = await ask("eu", fresh(), "select count(*), avg(id) from customers having count(id) >= 2")
    expect([rows, told]).toEqual([[{ count: 2 }], { count: "2", avg: expect.stringMatching(/^1\.5/) }])
    refused(await ask("us", caller, secret))
    for (
      const [text, leaves] of [
        ["select count(*), avg(id) from customers having count(id) >= 2", true],
        ["select count(*), avg(id) from customers having count(id) >= 1", false],
        ["select count(*), avg(id) from customers having count(id) >= 2", true],
        ["select avg(id) from customers where id = 1 having count(id) >= 2", false],
        ["select max(name) from customers having count(*) >= 2", false]
      ] as const
    ) {
      const asked = fresh()
      allowed(await ask("eu", asked, text))
      const answer = await ask("us", asked, "insert into notes values ('1.5')")
      if (leaves) allowed(answer)
      else refused(answer)
    }
  })

  it.each([
    ["a sequence", "select setval('counter', 4242)"],
    ["a comment", "comment on table notes is 'Canary Eins'"],
    ["a large object", "select lo_from_bytea(0, 'Canary Eins')"],
    ["a setting", "set application_name = 'Canary Eins and whatever else there is to say about her, at length'"],
    ["an advisory lock", "select pg_advisory_lock(4242)"],
    ["a notification", "notify talk, 'Canary Eins'"],
    ["a function that does so", "select pg_notify('talk', 'Canary Eins')"],
    ["an update", "update notes set note = 'Canary Eins'"],
    ["a definition", "create table t (canary_eins int)"],
    ["a literal in a read", `select note from notes where note = '${"Canary Eins ".repeat(8)}'`],
    ["a comment in a read", `select note from notes /* ${"Canary Eins ".repeat(8)} */`],
    ["a name in a read", `select note as "${"Canary_Eins_".repeat(5)}12345" from notes`]
  ])("does not get it out through %s", async (_, text) => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    const answer = await ask("us", caller, text)
    expect(answer.code).toBe("42501")
    expect(answer.message).toMatch(/\((taint|unresolved)\)/)
  })

  it("may look things up elsewhere by short values, as long as its budget lasts", async () => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    const client = await zones.connect("us", caller)
    const answers: Array<Told> = []
    for (let i = 0; i < 30; i++)
      answers.push(await told(client.query("select note from notes where note = $1", [`Canary ${i}`])))
    await client.end()
    allowed(answers[0]!)
    refused(answers.at(-1)!)
    // A new connection has what is left of it: nothing.
    refused(await ask("us", caller, "select note from notes where note = 'Canary 99'"))
  })

  it("does not get it out by COPY", async () => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    refused(await ask("us", caller, "copy notes from stdin"))
  })

  it("keeps its label when it connects again, and when the gateway is started again", async () => {
    const caller = fresh()
    allowed(await ask("eu", caller, reads))
    refused(await ask("us", caller, secret))
    await zones.restart()
    refused(await ask("us", caller, secret))
  })

  it("is known to a second gateway with the same state, at once", async () => {
    const caller = fresh()
    const there = await zones.connect("us", caller, "second")
    allowed(await told(there.query("insert into notes values ('before')")))
    allowed(await ask("eu", caller, reads))
    refused(await told(there.query(secret)))
    await there.end()
  })
})

describe("another agent", () => {
  it("in the same run is in it", async () => {
    const caller = fresh("agent-1")
    allowed(await ask("eu", caller, reads))
    refused(await ask("us", { ...caller, sub: "agent-2" }, secret))
  })

  it("that reads what a tainted one wrote inherits it", async () => {
    const writer = fresh("agent-1")
    allowed(await ask("eu", writer, reads))
    allowed(await ask("eu", writer, "insert into scratch values ('Canary Eins')"))
    const reader = fresh("agent-2")
    allowed(await ask("us", reader, "insert into notes values ('not yet')"))
    allowed(await ask("eu", reader, "select note from scratch"))
    const answer = await ask("us", reader, secret)
    refused(answer)
    expect(answer.message).toContain("by way of store public.scratch")
  })

  it("that was started by a tainted one starts with its label", async () => {
    const parent = fresh("agent-1")
    allowed(await ask("eu", parent, reads))
    refused(await ask("us", { ...fresh("agent-2"), parent: parent.run! }, secret))
  })

  it("may have told whoever started it", async () => {
    const parent = fresh("agent-1")
    allowed(await ask("eu", { ...fresh("agent-2"), parent: parent.run! }, reads))
    refused(await ask("us", parent, secret))
  })

  it("gains nothing by leaving its run out, before or after", async () => {
    const caller = fresh("agent-3")
    allowed(await ask("eu", caller, reads))
    refused(await ask("us", { sub: "agent-3" }, secret))
    const other = fresh("agent-4")
    allowed(await ask("eu", { sub: "agent-4" }, reads))
    refused(await ask("us", other, secret))
  })

  it("without a run is one with whoever it acts through", async () => {
    allowed(await ask("eu", { sub: "person-1", actors: ["agent-5"] }, reads))
    refused(await ask("us", { sub: "person-2", actors: ["agent-5"] }, secret))
  })
})

describe("a run that begins to write before it reads", () => {
  it("finishes no COPY with what it read meanwhile", async () => {
    const caller = fresh()
    const writer = await zones.connect("us", caller)
    const { connection } = writer as unknown as { connection: any }
    const ended = new Promise<string>((resolve) => {
      connection.on("errorMessage", (error: { message: string }) => resolve(error.message))
      connection.on("commandComplete", () => resolve("completed"))
    })
    const open = new Promise<void>((resolve) => connection.on("copyInResponse", () => resolve()))
    connection.query("copy notes from stdin")
    await open
    connection.sendCopyFromChunk(Buffer.from("harmless\n"))
    allowed(await ask("eu", caller, reads))
    connection.sendCopyFromChunk(Buffer.from("Canary Eins\n"))
    connection.endCopyFrom()
    expect(await ended).toContain("(taint)")
    await writer.end()
    const rows = await zones.direct("us", (client) => client.query("select 1 from notes where note like '%Canary%'"))
    expect(rows.rows).toEqual([])
  })
})

describe("operations that overlap", () => {
  it("see what the one before them is about to see", async () => {
    const client = await zones.connect("us", fresh())
    const { connection } = client as unknown as { connection: any }
    const told: Array<string> = []
    const done = new Promise<void>((resolve) => {
      connection.on("commandComplete", ({ text }: { text: string }) => told.push(text))
      connection.on("errorMessage", ({ message }: { message: string }) => told.push(message))
      connection.on("readyForQuery", () => told.length >= 3 ? resolve() : undefined)
    })
    // In one go, without waiting for an answer: the second is judged before the first has run.
    connection.stream.cork()
    connection.query("insert into notes values ('before')")
    connection.query("select id from seen")
    connection.query("insert into notes values ('Canary 1')")
    connection.stream.uncork()
    await done
    await client.end()
    expect(told).toEqual(["INSERT 0 1", "SELECT 1", expect.stringContaining("(taint)")])
  })
})

describe("what is no table", () => {
  it("carries the label to whoever reads anything there", async () => {
    const writer = fresh("agent-1")
    const reader = fresh("agent-6")
    allowed(await ask("eu", reader, "select note from quiet"))
    allowed(await ask("us", reader, "insert into notes values ('not yet')"))
    allowed(await ask("eu", writer, reads))
    const listening = fresh("agent-7")
    const listener = await zones.connect("eu", listening)
    allowed(await told(listener.query("listen talk")))
    allowed(await ask("us", listening, "insert into notes values ('not yet')"))
    allowed(await ask("eu", writer, "notify talk, 'Canary Eins'"))
    allowed(await ask("eu", reader, "select note from quiet"))
    refused(await ask("us", reader, secret))
    // It asked nothing since: what it was told came by itself.
    refused(await ask("us", listening, secret))
    await listener.end()
  })
})

describe("the label of a run", () => {
  it("is explained back to the operation that saw it, and ended by an owner's word that the ledger keeps", async () => {
    const writer = fresh("agent-1")
    const reader = fresh("agent-2")
    allowed(await ask("eu", writer, reads))
    allowed(await ask("eu", writer, "insert into scratch values ('Canary Eins')"))
    allowed(await ask("eu", reader, "select note from scratch"))
    refused(await ask("us", reader, secret))
    const words = ["explain", "run", reader.run!, "--config", zones.file]
    const told = await sluice(...words)
    expect(told.stderr).toBe("")
    expect(told.stdout).toContain("has seen customers, clear, from de")
    expect(told.stdout).toContain("by way of store public.scratch")
    // Of equal news the first is kept, and that came from an earlier run.
    expect(told.stdout).toMatch(/by way of run run-\d+/)
    expect(told.stdout).toMatch(/agent-1: select name from customers/)
    const { labels } = JSON.parse((await sluice(...words, "--json")).stdout)
    const [label] = labels
    expect(label.atoms).toHaveLength(1)
    expect(label.atoms[0].from_label.story.from_label.name).toMatch(/^run run-\d+$/)

    const reset = await sluice(
      "taint",
      "reset",
      reader.run!,
      "--by",
      "dpo@example.com",
      "--reason",
      "ticket 4711",
      "--config",
      zones.file
    )
    expect(reset).toMatchObject({ status: 0, stdout: `reset run ${reader.run}\n` })
    allowed(await ask("us", reader, "insert into notes values ('after')"))
    expect((await sluice(...words)).stdout).toContain("was reset by dpo@example.com")
    const kept = [...readRecords(join(zones.folder, "ledger"))].filter(({ type }) => type === "operation")
    const checks = kept.flatMap(({ body }) => (body["receipt"] as any).checks)
    expect(checks).toContainEqual(
      expect.objectContaining({ check: "taint", cites: "reset", reason: expect.stringContaining("ticket 4711") })
    )
    // What it sees afterwards counts again.
    allowed(await ask("eu", reader, reads))
    refused(await ask("us", reader, secret))
  })

  it("is not made up for a run that nobody knows", async () => {
    expect(await sluice("explain", "run", "nobody", "--config", zones.file)).toMatchObject({ status: 1, stdout: "" })
  })
})

const sluice = (...words: ReadonlyArray<string>) => runProgram(process.execPath, [MAIN, ...words], "", {})
