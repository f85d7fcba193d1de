import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { diagnose } from "../../config/diagnose.ts"
import { discover, type Found } from "../../config/discover.ts"

const folder = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "sluice-discover-"))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const found = async (directory: string, named?: string): Promise<Found> => {
  const answer = await discover(directory, named)
  if ("_tag" in answer) throw new Error(answer.message)
  return answer
}

const yaml = "version: 1\n"
const module = "export default { version: 1 }\n"

describe("the operator's file", () => {
  it.each([
    ["sluice.config.yaml", yaml],
    ["sluice.config.yml", yaml],
    ["sluice.config.json", "{ \"version\": 1 }"],
    ["sluice.config.ts", "const version: number = 1\nexport default { version }\n"],
    ["sluice.config.js", module],
    ["sluice.config.mjs", module],
    [".sluicerc", yaml],
    [".sluicerc.yaml", yaml],
    [".sluicerc.yml", yaml],
    [".sluicerc.json", "{ \"version\": 1 }"],
    [".sluicerc.mjs", module],
    ["package.json", "{ \"type\": \"module\", \"sluice\": { \"version\": 1 } }"]
  ])("is found as %s", async (name, text) => {
    const directory = folder({ "package.json": "{ \"type\": \"module\" }", [name]: text })
    const { directory: where, document, path } = await found(directory)
    expect({ path, where, value: document.value, problems: document.problems })
      .toEqual({ path: join(directory, name), where: directory, value: { version: 1 }, problems: [] })
  })

  it("is the first of several, in this order", async () => {
    const files = { "sluice.config.yaml": yaml, "sluice.config.json": "{}", "package.json": "{ \"sluice\": {} }" }
    expect((await found(folder(files))).path).toMatch(/sluice\.config\.yaml$/)
  })

  it("is found when it is empty, and an empty package.json is none", async () => {
    expect((await found(folder({ "sluice.config.yaml": "" }))).path).toMatch(/sluice\.config\.yaml$/)
    expect(await discover(folder({ "package.json": "" }), undefined)).toMatchObject({ _tag: "NotFound" })
  })

  it("is not looked for above the folder, where others may write", async () => {
    const directory = folder({ "sluice.config.yaml": yaml, "deep/a": "" })
    expect(await discover(join(directory, "deep"), undefined)).toMatchObject({ _tag: "NotFound" })
  })

  it("is the one that is named, from wherever", async () => {
    const directory = folder({ "other/my.yaml": yaml, "sluice.config.yaml": "version: 2\n" })
    const { directory: where, document } = await found(directory, "other/my.yaml")
    expect({ where, file: document.file, value: document.value })
      .toEqual({ where: join(directory, "other"), file: "other/my.yaml", value: { version: 1 } })
    expect(await discover(directory, "none.yaml")).toMatchObject({ _tag: "NotFound" })
    expect(await discover(directory, "other")).toMatchObject({ _tag: "NotFound" })
  })

  it("is read anew each time, modules too", async () => {
    const directory = folder({ "sluice.config.mjs": module })
    expect((await found(directory)).document.value).toEqual({ version: 1 })
    writeFileSync(join(directory, "sluice.config.mjs"), "export default { version: 2 }\n")
    expect((await found(directory)).document.value).toEqual({ version: 2 })
  })

  it("shows places in package.json from the file's own beginning", async () => {
    const { document } = await found(folder({ "package.json": "{\n  \"sluice\": {\n    \"version\": 2\n  }\n}\n" }))
    const text = diagnose(document, { severity: "error", path: ["version"], what: "no" })
    expect(text).toBe("package.json:3:16: error: no\n  3 |     \"version\": 2\n    |                ^")
  })

  it.each([
    ["sluice.config.json", "{ version: 1 }", "not valid JSON"],
    ["sluice.config.json", "{ \"version\": 1, }", "not valid JSON"],
    ["sluice.config.mjs", "export const version = 1", "no default export that is a map"],
    ["sluice.config.mjs", "export default () => ({})", "no default export that is a map"],
    ["sluice.config.mjs", "throw new Error('broken')", "cannot be loaded: broken"],
    ["sluice.config.mjs", "syntax error", "cannot be loaded"],
    ["sluice.config.yaml", "a: b: c", "error"]
  ])("%s with %j is a problem, not a crash", async (name, text, message) => {
    const { document } = await found(folder({ [name]: text }))
    expect(document.problems.length).toBeGreaterThan(0)
    expect(document.problems.map((problem) => diagnose(document, problem)).join("\n")).toContain(message)
  })

  it("longer than a limit is refused before it is read as YAML", async () => {
    const { document } = await found(folder({ "sluice.config.yaml": `# ${"x".repeat(4 * 1024 * 1024)}\n` }))
    expect(document.problems[0]!.what).toContain("longer than")
  })
})

describe("a problem", () => {
  it("shows no control characters and no turned text", async () => {
    const { document } = await found(folder({ "sluice.config.yaml": "a: \"\u001b[31mred \u202Edlrow\"\nb: \u0007\n" }))
    const text = diagnose(document, { severity: "error", path: ["a"], what: "no" })
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it("hides what looks like a secret in the line that is shown, and moves nothing", async () => {
    const line = "up: { credential: \"u:hunter2\", password: hunter2, token: hunter2, credential: NAME }"
    const { document } = await found(
      folder({ "sluice.config.json": line, "x.yaml": line.replace("up:", "up: &a") }),
      "x.yaml"
    )
    const text = diagnose(document, { severity: "error", path: ["up"], what: "no" })
    expect(text).not.toContain("hunter2")
    expect(text).toContain("credential: NAME")
    expect(text.split("\n")[1]!.length).toBe("  1 | ".length + line.replace("up:", "up: &a").length)
  })

  it("is shown where it stands, however long the line", async () => {
    const { document } = await found(
      folder({ "sluice.config.yaml": `{ x: "${"y".repeat(500)}", here: 1, z: "${"y".repeat(500)}" }` })
    )
    const [, line, marks] = diagnose(document, { severity: "error", path: ["here"], key: true, what: "no" }).split("\n")
    expect(line!.length).toBeLessThan(180)
    expect(line!.slice(marks!.indexOf("^"), marks!.lastIndexOf("^") + 1)).toBe("here")
  })
})
