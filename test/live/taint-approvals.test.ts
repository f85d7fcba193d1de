import { join } from "node:path"
import type pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { runProgram } from "../fixtures/live.ts"
import { MAIN } from "../fixtures/live.ts"
import { type AgentToken, startTwoZones, type TwoZones, type Zone } from "../fixtures/two-zones.ts"
import { until } from "./approvals-bench.ts"

let zones: TwoZones
beforeAll(async () => {
  zones = await startTwoZones({
    taint: "{ run_claim: run, parent_run_claim: parent, literal_bytes_max: 64 }",
    approval: "approvers: [dpo], within_seconds: 30",
    shared: true
  })
}, 120_000)
afterAll(() => zones?.stop())

const dora = { sub: "dora", groups: ["dpo"] }
const away = { sub: "dpo-away", groups: ["dpo"] }
let runs = 0
const fresh = (): AgentToken => ({ sub: `agent-${++runs}`, run: `run-${runs}` })

const ask = async (zone: Zone, caller: AgentToken, text: string) => {
  const client = await zones.connect(zone, caller)
  try {
    return (await client.query(text)).rows as ReadonlyArray<unknown>
  } finally {
    await client.end()
  }
}

/** What a client was told in the end: rows, or the message of a refusal. */
type End = { readonly rows: ReadonlyArray<unknown> } | { readonly refused: string }

/** Asks something that is held; resolves once the client is told of the request. */
const hold = async (
  zone: Zone,
  caller: AgentToken,
  text: string,
  values?: ReadonlyArray<unknown>,
  through: "first" | "second" = "first"
) => {
  const client = await zones.connect(zone, caller, through)
  const notices = noticesOf(client)
  const done: Promise<End> = client.query(text, values as Array<unknown>).then(
    ({ rows }) => ({ rows }),
    (error: Error) => ({ refused: error.message })
  )
  void done.then(() => client.end().catch(() => {}))
  await until(() => notices.length > 0)
  return { id: notices[0]!, done, notices, client }
}

const noticesOf = (client: pg.Client): Array<string> => {
  const notices: Array<string> = []
  client.on("notice", ({ message = "" }) => {
    const id = /ap-[a-z0-9]+/.exec(message)?.[0]
    if (id !== undefined) notices.push(id)
  })
  return notices
}

const notes = (text: string) =>
  zones.direct("us", async (client) => (await client.query("select 1 from notes where note = $1", [text])).rowCount)

const reads = "select name from customers"

describe("a tainted run that needs approval to write elsewhere", () => {
  it("writes once a person who may see what it has seen said yes, knowing what that is", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ('Canary Eins')")
    expect(await notes("Canary Eins")).toBe(0)
    const shown = await zones.approvals(dora, "show", held.id)
    expect(shown.stdout).toMatch(/^Has seen {2}before customers$/m)
    expect(shown.stdout).toContain("customers was seen at")
    expect((await zones.approvals(dora, "approve", held.id)).status).toBe(0)
    expect(await held.done).toEqual({ rows: [] })
    expect(await notes("Canary Eins")).toBe(1)
  })

  it("R07: does not show its words to whoever may not see what it has seen, nor take their yes", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ('Canary away')")
    for (const words of [["show", held.id], ["show", held.id, "--json"], ["list"]]) {
      expect((await zones.approvals(away, ...words)).stdout).not.toContain("Canary")
    }
    expect((await zones.approvals(away, "approve", held.id)).status).toBe(1)
    await zones.approvals(dora, "deny", held.id)
    expect(await held.done).toMatchObject({ refused: expect.stringContaining("approval_denied") })
    expect(await notes("Canary away")).toBe(0)
  })

  it("binds parameters, and is asked for once", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ($1)", ["bound"])
    expect((await zones.approvals(dora, "approve", held.id)).status).toBe(0)
    expect(await held.done).toEqual({ rows: [] })
    expect(held.notices).toEqual([held.id])
    expect(await notes("bound")).toBe(1)
  })

  it("I18: is void when the run has seen more meanwhile, here or through another gateway", async () => {
    for (const through of ["first", "second"] as const) {
      const caller = fresh()
      await ask("eu", caller, reads)
      const held = await hold("us", caller, `insert into notes values ('more ${through}')`)
      const other = await zones.connect("eu", caller, through)
      await other.query("select name from patients")
      await other.end()
      expect((await zones.approvals(dora, "approve", held.id)).status).toBe(0)
      expect(await held.done).toMatchObject({ refused: expect.stringContaining("(approval_void)") })
      expect(await notes(`more ${through}`)).toBe(0)
    }
  })

  it("I18: is void, or needs no approval, when its label was reset meanwhile", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ('reset')")
    const words = ["taint", "reset", caller.run!, "--by", "ann@example.com", "--reason", "test", "--config", zones.file]
    const reset = await runProgram(process.execPath, [MAIN, ...words], "", {})
    expect(reset.stderr).toBe("")
    expect((await zones.approvals(dora, "approve", held.id)).status).toBe(0)
    const end = await held.done
    if ("refused" in end) expect(end.refused).toContain("(approval_void)")
    else await until(async () => (await zones.approvals(dora, "show", held.id, "--json")).stdout.includes("\"void\""))
  })

  it("a grant covers what was carried when it was given, and nothing that the run sees later", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ('granted 1')")
    const granted = await zones.approvals(dora, "grant", held.id, "--seconds", "600", "--uses", "5")
    expect(granted.stderr).toBe("")
    expect(await held.done).toEqual({ rows: [] })
    await ask("us", caller, "insert into notes values ('granted 2')")
    expect(await notes("granted 2")).toBe(1)
    await ask("eu", caller, "select name from patients")
    const more = await hold("us", caller, "insert into notes values ('granted 3')")
    expect(await notes("granted 3")).toBe(0)
    await zones.approvals(dora, "deny", more.id)
    await more.done
  })

  it("keeps its label for the run after an approved write: the yes was for that operation alone", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const first = await hold("us", caller, "insert into notes values ('one')")
    await zones.approvals(dora, "approve", first.id)
    await first.done
    const second = await hold("us", caller, "insert into notes values ('two')")
    await zones.approvals(dora, "deny", second.id)
    expect(await second.done).toMatchObject({ refused: expect.stringContaining("approval_denied") })
    expect(await notes("two")).toBe(0)
  })

  it("I19: survives the death of the gateway that held it as a label, not as a yes", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const held = await hold("us", caller, "insert into notes values ('orphan')")
    await zones.gateway.stop("SIGKILL")
    await zones.approvals(dora, "approve", held.id)
    expect(await held.done).toMatchObject({ refused: expect.any(String) })
    await zones.restart()
    const again = await hold("us", caller, "insert into notes values ('orphan')", undefined, "second")
    expect(again.id).not.toBe(held.id)
    await zones.approvals(dora, "deny", again.id)
    await again.done
    expect(await notes("orphan")).toBe(0)
  })

  it("is in the ledger with what it carried", () => {
    const steps = [...readRecords(join(zones.folder, "ledger"))].filter(({ type }) => type === "approval")
    expect(JSON.stringify(steps)).toContain("\"customers\"")
    expect(JSON.stringify(steps)).not.toContain("Canary")
  })
})

describe("a login", () => {
  const refused = async (connecting: Promise<pg.Client>): Promise<string> => {
    const client = await connecting.catch((error: Error) => error.message)
    if (typeof client === "string") return client
    await client.end()
    return ""
  }

  it("of a run that has seen nothing names any database", async () => {
    expect(await refused(zones.connectFreely(fresh(), { database: "us" }))).toBe("")
    expect(await refused(zones.connectFreely(fresh(), { database: "canary_eins" }))).not.toContain("(taint)")
  })

  it("R05: of a tainted run says no more than its budget, and the name of the database is in it", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    for (let i = 0; i < 3; i++) expect(await refused(zones.connectFreely(caller, { database: "us" }))).toBe("")
    const told: Array<string> = []
    for (let i = 0; i < 8; i++) told.push(await refused(zones.connectFreely(caller, { database: `canary_name_${i}` })))
    expect(told.filter((one) => one.includes("(taint)")).length).toBeGreaterThanOrEqual(4)
    expect(await refused(zones.connectFreely(caller, { database: "us" }))).toBe("")
    const log = zones.postgresLog()
    expect(log.match(/database "canary_name_\d" does not exist/g)?.length ?? 0).toBeLessThanOrEqual(4)
  })

  it("R05: of a tainted run sends no text in a setting, and its numbers are counted", async () => {
    const caller = fresh()
    await ask("eu", caller, reads)
    const options = (name: string, value: string) => ({ database: "us", options: `-c ${name}=${value}` })
    expect(await refused(zones.connectFreely(caller, options("timezone", "Canary/Eins")))).toContain("form")
    const told: Array<string> = []
    for (let i = 0; i < 12; i++) {
      told.push(await refused(zones.connectFreely(caller, options("lock_timeout", `123456789${i % 10}`.slice(-9)))))
    }
    expect(told.some((one) => one.includes("(taint)"))).toBe(true)
  })
})
