import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { root, runSluice } from "./run-sluice.ts"

const regimes = ["gdpr", "primary-first", "bulk-threshold"]
const folder = join(root, "config/examples")
const env = { CRM_DB: "a:b", PRIMARY_DB: "a:b", COPY_DB: "a:b", CORE_DB: "a:b" }
const scratch = mkdtempSync(join(tmpdir(), "sluice-regimes-"))
afterAll(() => rmSync(scratch, { recursive: true }))

describe("the regimes among the examples", () => {
  it.each(regimes)("%s is valid, and its tests pass", async (name) => {
    const file = join(folder, `${name}.yaml`)
    const checked = await runSluice(["check", "--config", file], { env })
    expect(checked.err).not.toContain("error")
    expect(checked.code).toBe(0)
    const tested = await runSluice(["test", "--config", file], { env })
    expect(tested.out).toMatch(/[5-9] passed, 0 failed\n$/)
    expect(tested.code).toBe(0)
  })

  it.each<[string, string, RegExp, string]>([
    ["gdpr", "without its masks", /requires: \[mask\]/, ""],
    ["gdpr", "with clauses that never end", /valid_until: 2027-06-30/, ""],
    ["gdpr", "that takes anybody's word for where health data goes", /evidence: network # .*/, ""],
    ["primary-first", "without its rule", /then: deny/, "then: mask"],
    ["primary-first", "that clears a branch for everything", /clearance: \[abroad\]/, "clearance: [homeland, abroad]"],
    ["bulk-threshold", "that refuses rather than filters", /, other_rows: filter/, ""],
    ["bulk-threshold", "without approvals", /requires: \[approve\]/, ""]
  ])("%s %s fails its tests", async (name, _what, find, put) => {
    cpSync(folder, scratch, { recursive: true })
    const text = readFileSync(join(folder, `${name}.yaml`), "utf8")
    expect(text).toMatch(find)
    const file = join(scratch, "changed.yaml")
    writeFileSync(file, text.replace(find, put))
    const { code, out } = await runSluice(["test", "--config", file], { env })
    expect(out).toMatch(/[1-9] failed\n$/)
    expect(code).toBe(1)
  })
})
