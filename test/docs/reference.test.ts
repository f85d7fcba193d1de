import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "./pages.ts"
import { reference } from "./reference.ts"

const read = (path: string): string => readFileSync(join(root, path), "utf8")
const page = join(root, "docs/guide/options.md")

describe("the page of options", () => {
  /** To make it anew: npm test -- test/docs/reference.test.ts -u */
  it("is what the schemas say", async () => {
    const text = await reference()
    expect(text.split("\n").filter((line) => line.startsWith("| `")).length).toBeGreaterThan(100)
    await expect(text).toMatchFileSnapshot(page)
  })

  it("would be found out to say another default", async () => {
    const told = readFileSync(page, "utf8")
    const other = told.replace(/(`idle_seconds` .*)`3600`/, "$1`3601`")
    expect(other).not.toBe(told)
    expect(await reference()).not.toBe(other)
  })
})

/** Names in `source` that a page does not have, or has and should not. */
const difference = (found: ReadonlySet<string>, told: ReadonlySet<string>): ReadonlyArray<string> => [
  ...[...found].filter((name) => !told.has(name)).map((name) => `not told: ${name}`),
  ...[...told].filter((name) => !found.has(name)).map((name) => `not there: ${name}`)
]
const names = (text: string, pattern: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map((one) => one[1]!))
const guide = (): string => read("docs/guide/operators.md")

describe("the operators' guide", () => {
  /** The gateway's own, and those that plugins count. */
  const metrics = (): ReadonlySet<string> =>
    names(
      read("core/gateway/telemetry/metrics.ts") + read("plugins/residency/taint/shared.ts"),
      /"(sluice_[a-z_]+)"/g
    )
  it("names every metric, and no other", () => {
    expect(metrics().size).toBeGreaterThan(10)
    expect(difference(metrics(), names(guide(), /^\| `(sluice_[a-z_]+?)(?:_total)?`/gm))).toEqual([])
  })

  const states = (): ReadonlySet<string> => names(read("protocols/postgres/refusal.ts"), /"([0-9][0-9A-Z]{4})"/g)
  const told = (text: string): ReadonlySet<string> => names(text, /^\| `([0-9][0-9A-Z]{4})`/gm)
  it("explains every SQLSTATE, and no other", () => {
    expect(states().size).toBeGreaterThan(10)
    expect(difference(states(), told(guide()))).toEqual([])
  })

  it("would be found out", () => {
    expect(difference(states(), told(guide().replaceAll("57P03", "99999")))).toEqual([
      "not told: 57P03",
      "not there: 99999"
    ])
  })
})

describe("the table of dependencies", () => {
  const packages = (): ReadonlySet<string> => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json"))
    return new Set(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }))
  }
  const table = (): string => read("docs/decisions/dependencies.md")
  it("has every package, and no other", () => {
    expect(difference(packages(), names(table(), /^\| `([^`]+)`/gm))).toEqual([])
  })
  it("would be found out to lack one", () => {
    const lacking = names(table().replace("| `jose`", "| `josé`"), /^\| `([^`]+)`/gm)
    expect(difference(packages(), lacking)).toEqual(["not told: jose", "not there: josé"])
  })
})

describe("the list of decisions", () => {
  const pages = (): ReadonlySet<string> =>
    new Set(readdirSync(join(root, "docs/decisions")).filter((name) => /^\d{3}-/.test(name)))
  const list = (): string => read("docs/decisions/README.md")
  it("has every page, and no other", () => {
    expect(pages().size).toBeGreaterThan(20)
    expect(difference(pages(), names(list(), /\((\d{3}-[a-z0-9-]+\.md)\)/g))).toEqual([])
  })
  it("would be found out to lack one", () => {
    const lacking = names(list().replace("(001-exchange-room.md)", ""), /\((\d{3}-[a-z0-9-]+\.md)\)/g)
    expect(difference(pages(), lacking)).toEqual(["not told: 001-exchange-room.md"])
  })
})
