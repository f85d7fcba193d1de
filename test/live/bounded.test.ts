import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"
import { definitions, nasty } from "../protocols/postgres/analysis/bound/nasty.ts"

/** What may be spent in one turn of the event loop, in milliseconds of the processor. */
const turnMax = 50
const runsMax = 3

const folder = mkdtempSync(join(tmpdir(), "sluice-turns-"))
const turns = join(folder, "turns")
const preload = fileURLToPath(new URL("../fixtures/watch-turns.ts", import.meta.url))
const caller = { sub: "caller" }
let live: Live

beforeAll(async () => {
  live = await Live.start({
    schema: definitions,
    postgres: { settings: { max_locks_per_transaction: "1000" } },
    environment: { TURNS_FILE: turns, NODE_OPTIONS: `--import ${preload}` },
    residency: `  zones: { eu: { includes: [de] } }
  data_sets:
    all:
      home: [eu]
      on:
        orders:
          tables:
            public.people: { ssn: us_ssn }
            public.wide: { c1: text, c2: text }
            public.parted: { secret: secret }
            public.computed: {}
  parties:
    caller: { match: { subject: caller }, at: de, clearance: [eu] }`
  })
}, 120_000)
afterAll(async () => {
  await live?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The longest turn since this was last asked. */
const longest = async (): Promise<number> => {
  rmSync(turns, { force: true })
  while (!existsSync(turns) || readFileSync(turns, "utf8") === "") await sleep(5)
  return Number(readFileSync(turns, "utf8"))
}

/** A gateway that has just started, and the longest of its turns while `text` is asked. */
const asked = async (text: string): Promise<number> => {
  await live.down()
  await live.up()
  return live.as(caller, async (client) => {
    await client.query("set statement_timeout = 2000")
    await longest()
    // What it comes to is not the matter here: much of it is refused.
    await client.query(text).catch(() => undefined)
    return longest()
  })
}

describe("a gateway that has just started", { timeout: 120_000 }, () => {
  it.each([
    "many calls over what is masked",
    "many rows as texts",
    "masked strings, 90 KB",
    "strings, 1 MB"
  ])("serves others while it takes %s", async (name) => {
    let best = Infinity
    for (let run = 0; run < runsMax && best > turnMax; run++) best = Math.min(best, await asked(nasty[name]!))
    expect(best).toBeLessThanOrEqual(turnMax)
  })

  it("sees how long a turn is", async () => {
    const started = await longest()
    await live.down()
    await live.up()
    expect(started).toBeGreaterThanOrEqual(0)
    // A gateway that starts reads its file and its policy in one piece.
    expect(await longest()).toBeGreaterThan(turnMax / 5)
  })
})
