import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { nasty } from "./nasty.ts"

/** What may be spent in one turn of the event loop, in milliseconds of the processor. */
const turnMax = 50
/** The collector's and the compiler's work falls into whichever turn it likes: the best of so many runs counts. */
const runsMax = 3

/** Each of these comes first in its process, so that nothing of what it needs has been compiled. */
const first = [
  "a list of long numbers",
  "many masked outputs",
  "many calls over what is masked",
  "many rows as texts",
  "conditions on many columns",
  "what is masked of a table of many parts",
  "all columns of a view",
  "strings, 1 MB"
]

const program = fileURLToPath(new URL("./statements.ts", import.meta.url))
/** So that reading the program's own files does not take most of the time; what runs is compiled anew each time. */
const cache = mkdtempSync(join(tmpdir(), "sluice-bound-"))
afterAll(() => rmSync(cache, { recursive: true, force: true }))

/** The longest turn with each statement, by its name. */
const run = (variant: "usual" | "endless", names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache }
    execFile(process.execPath, [program, variant, ...names], { env }, (error, stdout) => {
      if (error !== null) reject(error)
      else resolve(new Map(stdout.trim().split("\n").map((line) => JSON.parse(line) as [string, number])))
    })
  })

/** Statements with which every run has a longer turn than there may be. Those that have are run again, each alone. */
const tooLong = async (names: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const turns = await run("usual", names)
  expect([...turns.keys()]).toEqual(names)
  const suspects: Array<string> = []
  for (const [name, longest] of turns) {
    let best = longest
    for (let again = 1; again < runsMax && best > turnMax; again++) {
      best = Math.min(best, (await run("usual", [name])).get(name)!)
    }
    if (best > turnMax) suspects.push(`${name}: ${best}`)
  }
  return suspects
}

describe("statements that nobody has seen before", { timeout: 180_000 }, () => {
  it("are no longer than a megabyte", () => {
    expect(Object.values(nasty).filter((text) => text.length > 1_048_576)).toEqual([])
    expect(Object.keys(nasty).length).toBeGreaterThan(60)
  })

  it.each(first)("hold up nobody, first of all: %s", async (name) => {
    expect(await tooLong([name])).toEqual([])
  })

  it("hold up nobody, one after the other", async () => {
    const others = Object.keys(nasty).filter((name) => !first.includes(name))
    expect(await tooLong(others)).toEqual([])
  })

  it("would hold up everybody without bounds", async () => {
    const names = ["conditions on a table of many parts", "numbers, 380 KB"]
    const turns = await run("endless", names)
    expect([...turns].filter(([, longest]) => longest <= turnMax)).toEqual([])
  })
})
