import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { diagnoseAll } from "../../config/diagnose.ts"
import { discover } from "../../config/discover.ts"
import { planFile } from "../../config/plan.ts"
import { standIns } from "./stand-ins.ts"

const folder = join(import.meta.dirname, "wrong")
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"))

process.env["ORDERS_DB"] = "gateway:secret"

/** What `check` says of a file, with the folder's own path taken out. */
const said = async (name: string): Promise<{ readonly text: string; readonly planned: boolean }> => {
  const found = await discover(folder, name)
  if ("_tag" in found) throw new Error(found.message)
  const { plan, problems } = await planFile(found, standIns)
  return {
    text: diagnoseAll(found.document, problems).replaceAll(folder, "FOLDER") + "\n",
    planned: plan !== undefined
  }
}

describe("wrong files", () => {
  it("are many", () => expect(names.length).toBeGreaterThanOrEqual(80))

  it.each(names)("%s is refused, in these words", async (name) => {
    const { planned, text } = await said(name)
    expect(planned).toBe(false)
    expect(text).toMatch(/: error: /)
    const golden = join(folder, name.replace(".yaml", ".txt"))
    if (process.env["WRITE_GOLDEN"] === "1") writeFileSync(golden, text)
    expect(existsSync(golden)).toBe(true)
    expect(text).toBe(readFileSync(golden, "utf8"))
  })
})
