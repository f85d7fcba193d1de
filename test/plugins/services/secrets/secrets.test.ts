import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import fc from "fast-check"
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { format, inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Secrets } from "../../../../core/index.ts"
import { env, exec, file } from "../../../../plugins/services/secrets/index.ts"
import { failureOf, openService } from "../../../fixtures/service.ts"

const directory = mkdtempSync(join(tmpdir(), "secrets-"))
afterAll(() => rmSync(directory, { recursive: true }))
const write = (name: string, text: string, mode = 0o600): void => {
  writeFileSync(join(directory, name), text, { mode })
  chmodSync(join(directory, name), mode)
}
const read = async (secrets: Secrets["Service"], name: string): Promise<string> =>
  Redacted.value(await Effect.runPromise(secrets.fetch(name)))
const open = async (service: typeof env | typeof file | typeof exec, options: unknown): Promise<Secrets["Service"]> =>
  (await openService(service, options, directory)).service

describe("env", () => {
  it("reads the variable at the time of asking, with the prefix", async () => {
    const secrets = await open(env, { prefix: "T_" })
    process.env["T_ORDERS"] = "app:one"
    expect(await read(secrets, "ORDERS")).toBe("app:one")
    process.env["T_ORDERS"] = "app:two"
    expect(await read(secrets, "ORDERS")).toBe("app:two")
  })
  it("names the variable that is missing or empty", async () => {
    const secrets = await open(env, {})
    process.env["T_EMPTY"] = ""
    expect((await failureOf(secrets.fetch("T_NOT_THERE"))).message).toContain("T_NOT_THERE is not set")
    expect((await failureOf(secrets.fetch("T_EMPTY"))).message).toContain("T_EMPTY is not set")
  })
  it("never prints a value", async () => {
    process.env["T_CANARY"] = "canary-7311"
    const value = await Effect.runPromise((await open(env, {})).fetch("T_CANARY"))
    for (
      const shown of [format("%s", value), JSON.stringify({ value }), inspect(value, { depth: 9, showHidden: true })]
    ) {
      expect(shown).not.toContain("canary")
    }
    expect(Redacted.value(value)).toContain("canary")
  })
})

describe("file", () => {
  beforeAll(() => mkdirSync(join(directory, "sub")))

  it("reads one file for each name, without the newline at its end", async () => {
    write("ORDERS_DB", "app: p:w \n")
    write("crlf", "x\r\n")
    const secrets = await open(file, { directory: "." })
    expect(await read(secrets, "ORDERS_DB")).toBe("app: p:w ")
    expect(await read(secrets, "crlf")).toBe("x")
  })
  it("reads again what changed: by writing, by renaming, by a swapped link", async () => {
    const secrets = await open(file, { directory: "." })
    write("turn", "one")
    expect(await read(secrets, "turn")).toBe("one")
    write("turn", "two")
    expect(await read(secrets, "turn")).toBe("two")
    write("turn.new", "six")
    renameSync(join(directory, "turn.new"), join(directory, "turn"))
    expect(await read(secrets, "turn")).toBe("six")
    write("sub/target", "linked")
    rmSync(join(directory, "turn"))
    symlinkSync(join(directory, "sub/target"), join(directory, "turn"))
    expect(await read(secrets, "turn")).toBe("linked")
  })
  it("refuses what every user may read, says how to mend it, and reads it then", async () => {
    const secrets = await open(file, { directory: "." })
    write("open", "canary", 0o644)
    const error = await failureOf(secrets.fetch("open"))
    expect(error.message).toContain("chmod o-rwx")
    expect(error.message).not.toContain("canary")
    chmodSync(join(directory, "open"), 0o640)
    expect(await read(secrets, "open")).toBe("canary")
  })
  it("refuses folders, long files, missing and empty ones", async () => {
    const secrets = await open(file, { directory: "." })
    write("long", "x".repeat(1_048_577))
    write("empty", "\n")
    expect((await failureOf(secrets.fetch("sub"))).message).toMatch(/not a file|EISDIR/)
    expect((await failureOf(secrets.fetch("long"))).message).toContain("1 MiB")
    expect((await failureOf(secrets.fetch("missing"))).message).toContain("ENOENT")
    expect((await failureOf(secrets.fetch("empty"))).message).toContain("empty")
  })
  it("lets no name leave the folder", async () => {
    write("outside", "canary")
    const secrets = await open(file, { directory: "sub" })
    const climbing = fc.array(fc.constantFrom("..", ".", "/", "\\", "outside", "sub", "%2e", "\0", "", "~")).map((p) =>
      p.join("")
    )
    const anything = fc.string({ unit: "binary", maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(climbing, anything), async (name) => {
        const result = await Effect.runPromise(Effect.result(secrets.fetch(name)))
        expect(result._tag).toBe("Failure")
      }),
      { numRuns: 1000, examples: [["../outside"], [".."], ["."], ["/etc/passwd"]] }
    )
    for (const dots of [".", "..", "..."]) {
      expect((await failureOf(secrets.fetch(dots))).message).toContain("name of a secret")
    }
    // The control: the same name without the way out is there.
    expect(await read(await open(file, { directory: "." }), "outside")).toBe("canary")
  })
  it("reads one YAML or JSON file", async () => {
    write("all.yaml", "# db\nORDERS_DB: app:p w\nODD: \"a: b\\n\"\n")
    write("all.json", "{\"ORDERS_DB\": \"app:json\"}")
    expect(await read(await open(file, { path: "all.yaml" }), "ORDERS_DB")).toBe("app:p w")
    expect(await read(await open(file, { path: "all.yaml" }), "ODD")).toBe("a: b\n")
    expect(await read(await open(file, { path: "./all.json" }), "ORDERS_DB")).toBe("app:json")
    const missing = await failureOf((await open(file, { path: "all.yaml" })).fetch("NOPE"))
    expect(missing.message).toContain("NOPE")
  })
  it.each([
    ["a number", "A: 1\n"],
    ["a list", "- A\n"],
    ["the same name twice", "A: x\nA: y\n"],
    ["an alias", "B: &b x\nA: *b\n"],
    ["broken text", "A: \"x\n"],
    ["nesting", "A: { B: x }\n"]
  ])("refuses a file with %s, quoting nothing", async (_name, text) => {
    write("bad.yaml", text)
    const error = await failureOf((await open(file, { path: "bad.yaml" })).fetch("A"))
    expect(error.message).toContain("NAME: value")
  })
  it("has no member that the file does not have", async () => {
    write("proto.yaml", "A: x\n")
    for (const name of ["constructor", "__proto__", "size", "get"]) {
      expect((await failureOf((await open(file, { path: "proto.yaml" })).fetch(name)))._tag).toBe("PluginError")
    }
  })
  it("wants either a path or a folder", async () => {
    await expect(open(file, {})).rejects.toThrow("either path or directory")
    await expect(open(file, { path: "a", directory: "b" })).rejects.toThrow("either path or directory")
  })
})

describe("exec", () => {
  const node = process.execPath
  it("runs a program without a shell", async () => {
    const script = "process.stdout.write(process.argv[1] + '\\n')"
    const secrets = await open(exec, { command: [node, "-e", script, "db/{name};$(id)"] })
    expect(await read(secrets, "ORDERS")).toBe("db/ORDERS;$(id)")
  })
  it("says when a program is missing, fails, is silent, slow or too long, and quotes nothing it printed", async () => {
    const failing = [
      "console.log('canary'); process.exit(3)",
      "0",
      "setInterval(() => {}, 1000)",
      "process.stdout.write('canary'.repeat(20000))"
    ]
    for (const script of failing) {
      const secrets = await open(exec, { command: [node, "-e", script], timeout_seconds: 1 })
      const error = await failureOf(secrets.fetch("A"))
      expect(error.message).toMatch(/failed|printed nothing|in time/)
      expect(inspect(error)).not.toContain("canary")
    }
    const error = await failureOf((await open(exec, { command: ["/no/such/program"] })).fetch("A"))
    expect(error.message).toContain("ENOENT")
  })
  it("takes no name that could be an argument's trick", async () => {
    const secrets = await open(exec, { command: [node, "-e", "console.log(1)"] })
    expect((await failureOf(secrets.fetch("a b")))._tag).toBe("PluginError")
    expect((await failureOf(secrets.fetch("--eval")))._tag).toBe("PluginError")
  })
})
