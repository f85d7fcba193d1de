import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runSluice } from "../config/run-sluice.ts"

describe("the pictures of the guide", () => {
  it("are what the command draws", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "sluice-picture-")), "matrix.svg")
    const example = join(root, "config/examples/two-zones.yaml")
    await runSluice(["matrix", "--config", example, "--at", "2026-11-22", "--svg", file])
    await expect(readFileSync(file, "utf8")).toMatchFileSnapshot(join(root, "docs/guide/pictures/matrix.svg"))
  })
})
