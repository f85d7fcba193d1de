import { mkdirSync, mkdtempSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { resolveUse } from "../../config/resolve.ts"
import { standIns } from "./stand-ins.ts"

const folder = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "sluice-resolve-"))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const plugin = (name: string): string =>
  `export default { name: ${
    JSON.stringify(name)
  }, api: 1, family: { name: "any" }, config: {}, requires: [], provides: [], connect: () => ({}) }\n`

const use = (what: string, directory: string) => resolveUse("plugin", what, directory, standIns.plugins)
const manifest = (more: object): string => JSON.stringify({ name: "x", version: "1.2.3", type: "module", ...more })

describe("use", () => {
  it("takes built-ins before packages of the same name", async () => {
    const directory = folder({
      "node_modules/masking/package.json": manifest({}),
      "node_modules/masking/index.js": plugin("other")
    })
    const resolved = await use("masking", directory)
    expect(resolved).toMatchObject({ _tag: "Resolved", from: { kind: "built-in" }, value: { name: "masking" } })
  })

  it.each([
    ["main", { main: "lib.js" }],
    ["exports as text", { exports: "./lib.js" }],
    ["exports with conditions", { exports: { types: "./x.d.ts", import: "./lib.js", require: "./no.cjs" } }],
    ["exports with a dot", { exports: { ".": { default: "./lib.js" } } }]
  ])("takes a package by its %s", async (_name, more) => {
    const directory = folder({
      "node_modules/@acme/sluice-x/package.json": manifest(more),
      "node_modules/@acme/sluice-x/lib.js": plugin("x")
    })
    const resolved = await use("@acme/sluice-x", directory)
    expect(resolved).toMatchObject({
      _tag: "Resolved",
      from: { kind: "package", version: "1.2.3" },
      value: { name: "x" }
    })
  })

  it("looks for packages above the folder too", async () => {
    const directory = folder({
      "node_modules/x/package.json": manifest({}),
      "node_modules/x/index.js": plugin("x"),
      "deep/er/a": ""
    })
    expect((await use("x", join(directory, "deep/er")))._tag).toBe("Resolved")
  })

  it("reads a file anew when it has changed", async () => {
    const directory = folder({ "p.ts": plugin("before") })
    expect(await use("./p.ts", directory)).toMatchObject({ value: { name: "before" } })
    writeFileSync(join(directory, "p.ts"), plugin("after"))
    utimesSync(join(directory, "p.ts"), new Date(), new Date(Date.now() + 5000))
    expect(await use("./p.ts", directory)).toMatchObject({ value: { name: "after" } })
  })

  it("does not leave the folder by a link", async () => {
    const outside = folder({ "evil.js": plugin("evil"), "d/evil.js": plugin("evil") })
    const directory = folder({ a: "" })
    symlinkSync(join(outside, "evil.js"), join(directory, "link.js"))
    symlinkSync(join(outside, "d"), join(directory, "d"))
    for (const path of ["./link.js", "./d/evil.js"]) {
      expect(await use(path, directory)).toMatchObject({
        _tag: "Unresolved",
        what: expect.stringContaining("leads out of")
      })
    }
  })

  const attacks = [
    "../p.js",
    "./../p.js",
    "./a/../../p.js",
    "./..",
    "..",
    ".",
    "./",
    "/etc/passwd",
    "/tmp/p.js",
    "C:\\p.js",
    ".\\p.js",
    "./a\\..\\p.js",
    "./p.js\u0000.txt",
    "./p.js?x=1",
    "./p.js#x",
    "./p.json",
    "./p",
    "./p.wasm",
    "./%2e%2e/p.js",
    "http://127.0.0.1/p.js",
    "https://example.com/p.js",
    "data:text/javascript,export default 1",
    "file:///etc/passwd",
    "node:fs",
    "fs",
    "fs/promises",
    "child_process",
    "npm:left-pad",
    "blob:x",
    "x/../../p.js",
    "x/lib.js",
    "@acme",
    "@acme/x/y",
    "@../x",
    "node_modules/x",
    "__proto__",
    "constructor",
    "toString",
    "",
    " masking",
    "masking ",
    "MASKING",
    "a".repeat(300)
  ]
  it.each(attacks)("refuses %j", async (what) => {
    const directory = folder({
      "sub/a": "",
      "p.js": plugin("p"),
      "node_modules/x/package.json": manifest({}),
      "node_modules/x/lib.js": plugin("x")
    })
    const resolved = await use(what, join(directory, "sub"))
    expect(resolved._tag).toBe("Unresolved")
  })
  it("has many attacks", () => expect(attacks.length).toBeGreaterThan(40))
})

describe("a module that is none", () => {
  const wrong = (text: string) => use("./p.js", folder({ "package.json": "{\"type\":\"module\"}", "p.js": text }))

  it.each([
    ["export const a = 1", "has no default export that is a plugin"],
    ["export default 1", "has no default export that is a plugin"],
    ["export default null", "has no default export that is a plugin"],
    ["export default () => ({})", "has no default export that is a plugin"],
    ["export default { api: 2 }", "was written for version 2 of the plugin API; this Sluice has version 1"],
    ["export default { api: 0 }", "was written for version 0 of the plugin API; this Sluice has version 1"],
    ["export default { api: '1' }", "was written for version \"1\" of the plugin API; this Sluice has version 1"],
    ["export default {}", "names no version of the plugin API; this Sluice has version 1"],
    ["export default { api: 1 }", "it lacks name, family, connect, requires, provides, config"],
    [plugin("x").replace("connect: () => ({})", "connect: 1"), "it lacks connect"],
    ["syntax error", "cannot be loaded"],
    ["throw new Error('no')", "cannot be loaded: no"],
    ["import 'not-installed-anywhere'; export default 1", "cannot be loaded"]
  ])("%j is refused, and why", async (text, message) => {
    const resolved = await wrong(text)
    expect(resolved._tag === "Unresolved" ? resolved.what : "resolved").toContain(message)
  })

  it("is no service or protocol either", async () => {
    const directory = folder({ "package.json": "{\"type\":\"module\"}", "p.js": plugin("x") })
    for (const kind of ["service", "protocol"] as const) {
      const resolved = await resolveUse(kind, "./p.js", directory, {})
      expect(resolved).toMatchObject({ _tag: "Unresolved", what: expect.stringContaining(`is no ${kind}`) })
    }
  })
})
