import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { type Additions, additionsFor } from "../../config/discovery/additions.ts"
import { type Gap, gapsIn } from "../../config/discovery/gaps.ts"
import { propose } from "../../config/discovery/proposal.ts"

const entry = (word: string) => ({ word, because: "its name says so" })
const tables = (added: Record<string, Record<string, string>>): Additions => ({
  residency: {
    data_sets: {
      people: {
        on: {
          shop: {
            tables: Object.fromEntries(
              Object.entries(added).map(([table, columns]) => [
                table,
                Object.fromEntries(Object.entries(columns).map(([column, kind]) => [column, entry(kind)]))
              ])
            )
          }
        }
      }
    }
  }
})

const file = `# mine
residency:
  data_sets:
    people: # who
      on:
        shop:
          tables:
            public.a: { id:   none } # as it was
            public.b:
              # why
              x:   email   # here


    # the rest
    other: {}
`

/** What `git apply` makes of a text and a diff. */
const patched = (text: string, diff: string): string => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-patch-"))
  writeFileSync(join(directory, "f.yaml"), text)
  writeFileSync(join(directory, "diff"), `${diff}\n`)
  execFileSync("git", ["apply", "--unidiff-zero", "diff"], { cwd: directory, stdio: "pipe" })
  return readFileSync(join(directory, "f.yaml"), "utf8")
}

describe("a proposal", () => {
  it("adds to maps of both styles, and leaves every other character as it was", () => {
    const added = { "public.a": { mail: "email" }, "public.b": { y: "phone" }, "public.c d": { "z: 1": "card" } }
    const revision = propose("f.yaml", file, [], tables(added))!
    expect(revision.text).toBe(`# mine
residency:
  data_sets:
    people: # who
      on:
        shop:
          tables:
            # mail: its name says so
            public.a: { id:   none, mail: email } # as it was
            public.b:
              # why
              x:   email   # here
              y: phone # its name says so
            "public.c d":
              "z: 1": card # its name says so


    # the rest
    other: {}
`)
    expect(patched(file, revision.diff)).toBe(revision.text)
    expect(revision.diff.split("\n").slice(0, 5)).toEqual([
      "--- a/f.yaml",
      "+++ b/f.yaml",
      "@@ -5,10 +5,14 @@",
      "       on:",
      "         shop:"
    ])
  })

  it.each<[string, string]>([
    ["JSON", `{"residency": {"data_sets": {"people": {"on": {"shop": {"tables": {"public.a": {}}}}}}}}`],
    ["JSON on many lines", JSON.stringify(parse(file), null, 2)],
    [
      "one long flow",
      `residency: { data_sets: { people: { on: { shop: { tables: { public.b: { x: email, }, } } } } } }\n`
    ],
    ["no final newline", file.trimEnd().replace(/\n\n[^]*/, "")],
    ["CRLF", file.replaceAll("\n", "\r\n")],
    [
      "a text block at the end",
      `residency:\n  data_sets:\n    people:\n      description: |\n        a\n        b\n\nx: 1\n`
    ],
    ["nothing yet", `residency:\n  data_sets: {}\n`],
    ["nothing at all", `residency: {}\n`]
  ])("keeps what %s says", (_name, text) => {
    const added = { "public.a": { mail: "email", __proto__: "name" }, "public.n\no": { "#": "ip" } }
    const revision = propose("f.yaml", text, [], tables(added))!
    const said = parse(revision.text).residency.data_sets.people.on.shop.tables
    expect(said["public.a"].mail).toBe("email")
    expect(said["public.n\no"]).toEqual({ "#": "ip" })
    expect(patched(text, revision.diff)).toBe(revision.text)
  })

  it("stands below `sluice` in package.json", () => {
    const text = `{ "name": "x", "sluice": { "residency": { "data_sets": {} } } }`
    const revision = propose("package.json", text, ["sluice"], tables({ "public.a": { b: "email" } }))!
    expect(JSON.parse(revision.text).sluice.residency.data_sets.people.on.shop.tables).toEqual({
      "public.a": { b: "email" }
    })
  })

  it.each<[string, string]>([
    ["an alias", `a: &a { shop: { tables: {} } }\nresidency: { data_sets: { people: { on: *a } } }\n`],
    ["a list", `residency: []\n`],
    ["no map", `residency\n`],
    ["broken text", `residency: {\n`],
    ["a column that is there", `residency: {data_sets: {people: {on: {shop: {tables: {public.a: {b: name}}}}}}}\n`]
  ])("is not made of %s", (_name, text) => {
    expect(propose("f.yaml", text, [], tables({ "public.a": { b: "email" } }))).toBeUndefined()
  })

  it("says what the file said and the additions, whatever the names", () => {
    const name = fc.string({ minLength: 1, maxLength: 12, unit: "binary" }).filter((text) => text.isWellFormed())
    const columns = fc.dictionary(name, fc.constantFrom("email", "phone"), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true
    })
    const several = fc.dictionary(name, columns, { minKeys: 1, maxKeys: 4, noNullPrototype: true })
    fc.assert(fc.property(several, (added) => {
      fc.pre(!("public.a" in added) && !("public.b" in added))
      const revision = propose("f.yaml", file, [], tables(added))
      expect(revision).toBeDefined()
      expect(Object.keys(parse(revision!.text).residency.data_sets.people.on.shop.tables)).toHaveLength(
        2 + Object.keys(added).length
      )
    }))
  })
})

describe("what the file does not cover", () => {
  const found = { table: "public.a", column: "b", kind: "email", type: "email", evidence: ["its name says so"] }
  const selection = (dataSet: string, selector: string, ...kinds: ReadonlyArray<string>) => ({
    dataSet,
    selector,
    kinds: new Map(kinds.map((one) => [one, "name"]))
  })
  it("is what has no kind at all, whichever kind it is", () => {
    expect(gapsIn([found], () => [selection("x", "public.*"), selection("y", "public.a", "b")])).toEqual([])
    expect(gapsIn([found], () => [selection("x", "public.*", "*")])).toEqual([])
    expect(gapsIn([found], () => [])).toEqual([{ ...found, dataSet: undefined }])
  })
  it("goes to the data set that names the table, else to one with a pattern", () => {
    expect(gapsIn([found], () => [selection("x", "public.*"), selection("y", "public.a", "c")])[0]!.dataSet).toBe("y")
    expect(gapsIn([found], () => [selection("x", "public.*")])[0]!.dataSet).toBe("x")
  })
  it("begins a data set of its own, at home where the upstream is", () => {
    const gap: Gap = { ...found, dataSet: undefined }
    expect(additionsFor([gap], "shop", ["eu"], false)).toMatchObject({
      residency: { data_sets: { discovered: { home: ["eu"], classes: ["personal"] } } }
    })
    const text = `residency: { data_sets: { discovered: { home: [us], on: { other: {} } } } }\n`
    const more = propose("f.yaml", text, [], additionsFor([gap], "shop", ["eu"], true))!
    expect(parse(more.text).residency.data_sets.discovered).toEqual({
      home: ["us"],
      on: { other: {}, shop: { tables: { "public.a": { b: "email" } } } }
    })
  })
})
