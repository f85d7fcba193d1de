import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

/** A folder elsewhere, where the packed package is installed beside the packages that it depends on. */
let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-package-"))
  // Packing builds, and a build writes into its folder: it gets a copy, so that nothing here changes under other tests.
  const source = join(home, "source")
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  for (const file of files.split("\n").filter((name) => name !== "")) {
    cpSync(join(root, file), join(source, file), { recursive: true, force: true })
  }
  symlinkSync(join(root, "node_modules"), join(source, "node_modules"))
  execFileSync("npm", ["pack", "--silent", "--pack-destination", home], { cwd: source, stdio: "pipe" })
  install(join(home, readdirSync(home).find((name) => name.endsWith(".tgz"))!))
}, 120_000)

afterAll(() => rmSync(home, { recursive: true, force: true }))

const install = (tarball: string): void => {
  const modules = join(home, "app", "node_modules")
  mkdirSync(modules, { recursive: true })
  execFileSync("tar", ["xzf", tarball, "-C", modules])
  execFileSync("mv", [join(modules, "package"), join(modules, "sluice")])
  const { dependencies } = JSON.parse(readFileSync(join(modules, "sluice", "package.json"), "utf8"))
  for (const name of new Set(Object.keys(dependencies).map((each) => each.split("/")[0]!))) {
    symlinkSync(join(root, "node_modules", name), join(modules, name))
  }
}

const sluice = (...words: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [join(home, "app/node_modules/sluice/bin/sluice.mjs"), ...words], {
    cwd: join(home, "app"),
    encoding: "utf8"
  })

describe("the packed package, installed elsewhere", () => {
  it("holds what runs and what is read, and neither sources nor tests", () => {
    const package_ = join(home, "app/node_modules/sluice")
    const files = readdirSync(package_, { recursive: true, encoding: "utf8" })
    for (const file of ["bin/sluice.mjs", "dist/config/main.js", "schema.json", "README.md", "LICENSE"]) {
      expect(files).toContain(file)
    }
    expect(files.filter((file) => /^(test|benchmarks|core|node_modules)\//.test(file))).toEqual([])
  })

  it("runs its command", () => {
    expect(sluice("--version").stdout.trim()).toMatch(/\d+\.\d+\.\d+/)
    expect(JSON.parse(sluice("schema").stdout)).toEqual(
      JSON.parse(readFileSync(join(home, "app/node_modules/sluice/schema.json"), "utf8"))
    )
  })

  it("checks a file, and explains a decision with nothing but definitions", () => {
    const file = join(home, "app", "sluice.config.yaml")
    writeFileSync(join(home, "app", "jwks.json"), "{\"keys\":[]}")
    writeFileSync(join(home, "app", "schema.sql"), "create table customers (id int, ssn text);")
    writeFileSync(
      file,
      `version: 1
gateway: { at: de, name: packed }
services:
  tokens: { use: oidc, with: { issuer: https://login.example, audience: a, jwks_file: ./jwks.json } }
  ledger: { use: files, with: { directory: ./ledger, at: de } }
residency:
  zones: { eu: { includes: [de] } }
  data_sets: { people: { home: [eu], on: { orders: { tables: { public.customers: { ssn: us_ssn } } } } } }
  parties: { ann: { match: { subject: ann }, at: de, clearance: [eu] } }
pipelines:
  orders:
    listen: 127.0.0.1:6432
    tls: off
    protocol: { use: postgres }
    upstream: { address: "db.internal:5432", at: de, tls: verify-full, credential: DB }
    plugins: [{ use: identity }, { use: residency }, { use: masking }, { use: ./mine.mjs }, { use: recording }]
`
    )
    writeFileSync(
      join(home, "app", "mine.mjs"),
      `import { allow, definePlugin, deny } from "sluice"
import { Sql } from "sluice/sql"
import * as Schema from "effect/Schema"
export default definePlugin({ name: "mine", family: Sql, config: Schema.Struct({}),
  connect: () => ({ decide: (exchange) => exchange.operation.kind === "read" ? allow : deny("mine", "Only reads.") }) })
`
    )
    const checked = sluice("check", "--config", file)
    expect(checked.stderr + checked.stdout).toContain("valid")
    expect(checked.status).toBe(0)
    const words = ["explain", "--config", file, "--as", "{\"subject\":\"ann\"}", "--schema", "schema.sql", "--json"]
    const read = sluice(...words, "--ask", "select ssn from customers")
    expect(JSON.parse(read.stdout)).toMatchObject({ decision: "allow" })
    const written = sluice(...words, "--ask", "insert into customers values (1, 'x')")
    expect(JSON.parse(written.stdout)).toMatchObject({ decision: "allow", outcome: "deny" })
  })
})
