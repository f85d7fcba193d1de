import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { builtins } from "../../config/builtins.ts"
import { readValue } from "../../config/document.ts"
import { planFile } from "../../config/plan.ts"
import { jsonSchema } from "../../config/schema/json-schema.ts"
import { matches, unknownKeywords } from "./json-schema.ts"
import { root, runSluice } from "./run-sluice.ts"

process.env["ORDERS_DB"] = "gateway:secret"
const folder = join(root, "config/examples")
const examples = readdirSync(folder).filter((name) => name.endsWith(".yaml"))
const schema: any = await jsonSchema(builtins)
const read = (name: string): any => parse(readFileSync(join(folder, name), "utf8"), { schema: "core" })

const decodes = async (value: unknown): Promise<boolean> => {
  const found = { path: join(folder, "f.yaml"), directory: folder, document: readValue("f.yaml", value) }
  const { plan } = await planFile(found, builtins)
  return plan !== undefined
}

/** The file with one thing changed, at every place in it. */
function* mutants(value: any, path: ReadonlyArray<string | number> = []): Generator<readonly [string, any]> {
  const where = path.join(".")
  if (path.length > 0) {
    yield [`${where} = 12345.5`, 12345.5]
    yield [`${where} = [[]]`, [[]]]
    yield [`${where} = null`, null]
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const [what, changed] of mutants(item, [...path, index])) yield [what, value.toSpliced(index, 1, changed)]
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const { [key]: _, ...without } = value
      yield [`${where} - ${key}`, without]
      yield [`${where}: ${key}_`, { ...without, [`${key}_`]: member }]
      for (const [what, changed] of mutants(member, [...path, key])) yield [what, { ...value, [key]: changed }]
    }
  }
}

describe("the JSON Schema", () => {
  it("is of draft 2020-12, and closed", () => {
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema")
    expect(schema.additionalProperties).toBe(false)
    expect(schema.required).toEqual(expect.arrayContaining(["version", "gateway", "pipelines"]))
  })

  it("uses no word that these tests do not understand", () => expect(unknownKeywords(schema)).toEqual([]))

  it("describes every key of the file", () => {
    const bare: Array<string> = []
    const walk = (node: any, path: string): void => {
      for (const [key, member] of Object.entries<any>(node?.properties ?? {})) {
        if (member.description === undefined && member.properties === undefined && member.anyOf === undefined)
          bare.push(`${path}.${key}`)
        walk(member, `${path}.${key}`)
      }
      for (const member of Object.values(node?.patternProperties ?? {})) walk(member, `${path}.*`)
      if (node?.items !== undefined) walk(node.items, `${path}[]`)
    }
    for (const section of ["gateway", "pipelines", "tests", "telemetry", "residency"])
      walk(schema.properties[section], section)
    expect(bare.filter((path) => !path.startsWith("residency"))).toEqual([])
  })

  it.each(examples)("accepts %s", async (name) => {
    expect(matches(schema, read(name))).toBe(true)
    expect(await decodes(read(name))).toBe(true)
  })

  it.each(examples)(
    "is never stricter than `check` on what comes of changing %s, and catches what it can",
    async (name) => {
      let refused = 0
      let total = 0
      const stricter: Array<string> = []
      for (const [what, changed] of mutants(read(name))) {
        total++
        if (matches(schema, changed)) continue
        refused++
        if (await decodes(changed)) stricter.push(what)
      }
      expect(stricter).toEqual([])
      expect(total).toBeGreaterThan(150)
      expect(refused / total).toBeGreaterThan(0.6)
    }
  )

  it.each([
    ["an unknown key", (file: any) => file.gatway = {}],
    ["an unknown option of a built-in", (file: any) => file.services.tokens.with.audiance = "x"],
    [
      "an unknown kind of answer",
      (file: any) =>
        file.tests = [{ name: "a", pipeline: "orders", as: { subject: "a" }, ask: "x", expect: { decision: "no" } }]
    ],
    [
      "an option of masking that recording has",
      (file: any) => file.pipelines.orders.plugins.push({ use: "masking", with: { answers: true } })
    ],
    ["another version", (file: any) => file.version = 2],
    ["a limit without measure", (file: any) => file.pipelines.orders.limits = { sessions_max: 0 }]
  ])("refuses %s", (_what, change) => {
    const file = read("minimal.yaml")
    change(file)
    expect(matches(schema, file)).toBe(false)
  })

  it("leaves the options of what is not built in to their owner", () => {
    const file = read("minimal.yaml")
    file.pipelines.orders.plugins.push({ use: "@acme/sluice-read-only", with: { anything: [1] } })
    expect(matches(schema, file)).toBe(true)
  })

  it("is what the command prints", async () => {
    const { code, out } = await runSluice(["schema"])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(schema)))
  })
})
