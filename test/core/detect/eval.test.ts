import { spawnSync } from "node:child_process"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("../../../benchmarks/eval.ts", import.meta.url))
const evaluate = (...words: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [script, ...words], { encoding: "utf8", env: { ...process.env, SLUICE_EVAL_DATA: "" } })

describe("the evaluation", () => {
  it("never passes because there is no data", () => {
    const { status, stderr, stdout } = evaluate("--json", "--data", tmpdir())
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toContain("Name another folder with --data")
  })
  it("refuses what it does not know", () => expect(evaluate("--fast").status).toBe(2))
})
