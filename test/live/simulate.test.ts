import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Live } from "../fixtures/live.ts"
import { clerk, remote, shop, support } from "../fixtures/shop.ts"

const SHADOW = "    mode: shadow"
let live: Live
beforeAll(async () => {
  live = await Live.start({ ...shop, pipeline: SHADOW })
  await live.as(clerk, (client) => client.query("select name from customers"))
  await live.as(remote, async (client) => {
    await client.query("select name from customers")
    await client.query("select name from customers where id = 1")
  })
  await live.as(support, (client) => client.query("select name from customers"))
  await live.down()
}, 60_000)
afterAll(() => live.stop())

/** The file in force, changed, beside it. */
const changed = (name: string, change: (text: string) => string): string => {
  const path = join(live.folder, name)
  writeFileSync(path, change(readFileSync(live.file, "utf8")))
  return path
}
const simulate = async (policy: string, ...words: ReadonlyArray<string>) => {
  const all = ["simulate", "--config", live.file, "--policy", policy, "--since", "1h", ...words]
  const { status, stderr, stdout } = await live.sluice(...all)
  return { status, stderr, stdout }
}

describe("simulate", () => {
  it("shows what enforcing a shadow would cost", async () => {
    const { status, stdout } = await simulate(live.file)
    expect(status).toBe(1)
    expect(stdout).toContain("4 operations judged again")
    expect(stdout).toMatch(/newly denied: 2\n +2 × {2}remote {2}read customers {2}\(orders\) {2}residency: caller at/)
    expect(stdout).toMatch(/e\.g\. [0-9a-f-]+#\d+/)
    expect(stdout).toMatch(
      /if enforced: 2 denials in 3 runs, 66\.667 per 100 runs; 1 runs stopped, at their operation 1/
    )
  })

  it("gives the same as data", async () => {
    const { stdout } = await simulate(live.file, "--json")
    const { changes, operations, stops } = JSON.parse(stdout)
    expect(operations).toBe(4)
    expect(changes.find((one: any) => one.change === "denied")).toMatchObject({
      party: "remote",
      code: "residency",
      data_sets: ["customers"],
      count: 2
    })
    expect(stops).toMatchObject({ runs: 3, denials: 2, stopped_runs: 1, operations_to_first_denial: 1 })
  })

  it("says yes where nothing would change", async () => {
    const wide = changed("wide.yaml", (text) =>
      text.replace(/otherwise: deny/g, "otherwise: allow").replace(
        /home: \[[^\]]*\]/g,
        "home: [eu, us]"
      ))
    const { status, stdout } = await simulate(wide)
    expect(stdout).toContain("Nothing would change.")
    expect(status).toBe(0)
  })

  it("looks at the time that it is told", async () => {
    const { status, stdout } = await simulate(live.file, "--until", "2020-01-01")
    expect(status).toBe(0)
    expect(stdout).toContain("0 operations judged again")
  })

  it("refuses what makes no sense", async () => {
    for (const words of [["--since", "yesterday"], ["--until", "soon"], ["--policy", "none.yaml"]]) {
      const { status, stderr } = await simulate(live.file, ...words)
      expect(status, words.join(" ")).toBe(2)
      expect(stderr).not.toBe("")
    }
  })

  it("does not take a policy that is wrong", async () => {
    const wrong = changed("wrong.yaml", (text) => text.replace("zones:", "zone:"))
    const { status, stderr } = await simulate(wrong)
    expect(status).toBe(2)
    expect(stderr).toContain("wrong.yaml")
  })
})
