import { describe, expect, it } from "vitest"
import { consoleProblems, shownProblems } from "./console-blocks.ts"
import { brokenLinks } from "./links.ts"
import { allBlocks, type Block, readPages } from "./pages.ts"
import { runProblems, typeProblems } from "./ts-blocks.ts"
import { yamlProblems } from "./yaml-blocks.ts"

process.env["ORDERS_DB"] = "gateway:secret"
const pages = readPages()
const blocks = allBlocks(pages)
const named = (language: string, mark?: string) =>
  blocks.filter((block) => block.language === language && (mark === undefined || block.mark === mark))
    .map((block): [string, Block] => [`${block.page}:${block.line}`, block])

const block = (language: string, text: string): Block => ({ page: "x.md", line: 1, language, mark: "", text })

describe("the pages", () => {
  it("are all there", () => {
    for (const page of ["README.md", "docs/README.md", "docs/guide/operators.md", "docs/guide/plugins.md"]) {
      expect(pages.has(page), page).toBe(true)
    }
    expect(named("yaml").length).toBeGreaterThan(7)
    expect(named("ts").length).toBeGreaterThan(8)
    expect(named("console").length).toBeGreaterThan(8)
  })

  it("link to what exists", () => expect(brokenLinks(pages)).toEqual([]))

  it.each([
    ["a file that is not there", "[x](docs/nowhere.md)"],
    ["a heading that is not there", "[x](#nowhere)"],
    ["a heading of another page", "[x](README.md#nowhere)"]
  ])("would not link to %s", (_name, text) => {
    expect(brokenLinks(new Map([["x.md", text], ["README.md", "# Here\n"]]))).toHaveLength(1)
  })
})

describe("configuration in the pages", () => {
  it.each(named("yaml"))("%s passes check, and its tests pass", async (_name, shown) => {
    expect(await yamlProblems(shown)).toEqual([])
  })

  it.each([
    ["a misspelt option", "limits: { idle_secnds: 3 }\n"],
    ["a misspelt key", "piplines: {}\n"],
    [
      "a kind that is none",
      "data_sets: { c: { home: [eu], on: { orders: { tables: { public.c: { a: elephant } } } } } }\n"
    ],
    ["a zone that is none", "parties: { a: { match: { group: a }, at: atlantis, clearance: [nowhere] } }\n"],
    [
      "a test that fails",
      "tests: [{ name: a, pipeline: orders, as: { subject: a }, ask: select 1, schema: ./a.sql,"
      + " expect: { decision: allow } }]\n"
    ]
  ])("would be found out: %s", async (_name, text) => {
    expect(await yamlProblems(block("yaml", text))).toHaveLength(1)
  })
})

describe("code in the pages", () => {
  it("has the types that it should", () => expect(typeProblems(named("ts").map(([, one]) => one), "ts")).toEqual([]))

  it.each(named("ts", "run"))("%s runs", (_name, shown) => expect(runProblems(shown, `run-${shown.line}`)).toEqual([]))

  it("would be found out", () => {
    const wrong = block("ts", `import { allow } from "sluice"\nexport const x: number = allow\n`)
    expect(typeProblems([wrong], "mutant").join("\n")).toContain("x-md-1.ts(2,14): error TS2322")
    const missing = block("ts", `import { alow } from "sluice"\nexport const x = alow\n`)
    expect(typeProblems([missing], "mutant").join("\n")).toContain("has no exported member")
    expect(runProblems(block("ts", `throw new Error("boom")\n`), "mutant").join("\n")).toContain("boom")
  })
})

describe("command lines in the pages", () => {
  it.each(named("console"))("%s are ones", async (_name, shown) => expect(await consoleProblems(shown)).toEqual([]))

  it.each(named("console", "run"))("%s say what is shown", async (_name, shown) => {
    expect(await shownProblems(shown)).toEqual([])
  })

  it.each([
    ["a command that is none", "$ sluice chekc\n"],
    ["an option that is none", "$ sluice check --strickt\n"],
    ["an argument too many", "$ sluice plugins show a b\n"],
    ["an argument too few", "$ sluice sessions show\n"],
    ["a script that is none", "$ npm run dmeo\n"]
  ])("would be found out: %s", async (_name, text) => {
    expect(await consoleProblems(block("console", text))).toHaveLength(1)
  })

  it("would be found out to say something else", async () => {
    const line = "$ sluice check --config minimal.yaml\n"
    expect(await shownProblems(block("console", `${line}minimal.yaml is valid: 1 pipeline (orders), policy …\n`)))
      .toEqual([])
    expect(await shownProblems(block("console", `${line}minimal.yaml is fine\n`))).toHaveLength(1)
  })
})
