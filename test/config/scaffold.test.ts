import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runSluice } from "./run-sluice.ts"

const env = { ORDERS_DB: "gateway:secret" }
const example = join(root, "docs/examples/read-only")

/** A scaffold, with this checkout in the place of the installed package. */
const scaffolded = async (name: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-scaffold-"))
  const { code, out } = await runSluice(["plugins", "new", name, "--directory", "mine"], { cwd: folder })
  expect(code).toBe(0)
  expect(out).toContain("mine/src/index.ts")
  const mine = join(folder, "mine")
  mkdirSync(join(mine, "node_modules/@types"), { recursive: true })
  symlinkSync(root, join(mine, "node_modules/sluice"))
  symlinkSync(join(root, "node_modules/effect"), join(mine, "node_modules/effect"))
  symlinkSync(join(root, "node_modules/@types/node"), join(mine, "node_modules/@types/node"))
  return mine
}

const node = (directory: string, ...words: ReadonlyArray<string>) =>
  spawnSync(process.execPath, ["--conditions=sluice-source", ...words], { cwd: directory, encoding: "utf8" })

describe("plugins new", () => {
  it("writes a plugin that passes its own tests, and whose tests can fail", async () => {
    const mine = await scaffolded("@acme/sluice-read-only")
    const source = readFileSync(join(mine, "src/index.ts"), "utf8")
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(30)
    const passed = node(mine, "--test", "test/index.test.ts")
    expect(passed.stdout + passed.stderr).toContain("pass 5")
    expect(passed.status).toBe(0)
    writeFileSync(join(mine, "src/index.ts"), source.replace("return deny(", "return allow; deny("))
    expect(node(mine, "--test", "test/index.test.ts").status).toBe(1)
  })

  it("writes a plugin that compiles, and whose mistakes do not", async () => {
    const mine = await scaffolded("read-only")
    const tsc = [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      "tsconfig.json",
      "--noEmit",
      "--customConditions",
      "sluice-source"
    ]
    const only = [...tsc, "--allowImportingTsExtensions", "--rootDir", "/"]
    const good = node(mine, ...only)
    expect(good.stdout).toBe("")
    const source = readFileSync(join(mine, "src/index.ts"), "utf8")
    writeFileSync(join(mine, "src/index.ts"), source.replace("requires: [Principal],", "requires: [],"))
    expect(node(mine, ...only).stdout).toContain("src/index.ts")
  })

  it("is loaded by a gateway's file", async () => {
    const mine = await scaffolded("@acme/sluice-read-only")
    const text = readFileSync(join(example, "sluice.config.yaml"), "utf8").replace("./read-only.ts", "./src/index.ts")
    writeFileSync(join(mine, "sluice.config.yaml"), text)
    writeFileSync(join(mine, "schema.sql"), readFileSync(join(example, "schema.sql")))
    const { code, err } = await runSluice(["check"], { cwd: mine, env })
    expect({ code, err }).toEqual({ code: 0, err: "" })
  })

  it("overwrites nothing", async () => {
    const mine = await scaffolded("read-only")
    const again = await runSluice(["plugins", "new", "read-only", "--directory", mine])
    expect(again.code).toBe(1)
    expect(again.err).toContain("is not empty")
  })

  it.each(["Read-Only", "../x", "@acme/../x", "a b", "1st", "-x", "x".repeat(300)])(
    "refuses the name %j",
    async (name) => {
      const { code } = await runSluice(["plugins", "new", "--", name], {
        cwd: mkdtempSync(join(tmpdir(), "sluice-scaffold-"))
      })
      expect(code).toBe(2)
    }
  )
})

describe("the example of a plugin in one file", () => {
  it("passes check", async () => {
    const { code, err } = await runSluice(["check"], { cwd: example, env })
    expect({ code, err }).toEqual({ code: 0, err: "" })
  })

  it("passes the tests in its file: the plugin is loaded, and judges", async () => {
    const { code, out } = await runSluice(["test"], { cwd: example, env })
    expect(out).toContain("3 passed, 0 failed")
    expect(code).toBe(0)
  })
})
