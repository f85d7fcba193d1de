import * as Effect from "effect/Effect"
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parse, stringify } from "yaml"
import { builtins } from "../../config/builtins.ts"
import { diagnoseAll } from "../../config/diagnose.ts"
import { readText } from "../../config/document.ts"
import { planFile } from "../../config/plan.ts"
import { runTests } from "../../config/tests.ts"
import { at, type Block, root } from "./pages.ts"

type Map = Record<string, any>

/** A whole file that fragments are put into. */
const base = (): Map => ({
  version: 1,
  gateway: { at: "de", name: "gw-1" },
  services: {
    tokens: { use: "oidc", with: { issuer: "https://login.example.com", audience: "sluice" } },
    ledger: { use: "files", with: { directory: "./ledger", at: "de" } }
  },
  residency: {
    zones: { eu: { includes: ["de", "fr", "ie"] }, us: { includes: ["us-east", "us-west"] } },
    data_sets: { customers: { home: ["eu"], on: { orders: { tables: { "public.customers": { email: "email" } } } } } },
    parties: {
      support: { match: { issuer: "https://login.example.com", group: "support" }, at: "de", clearance: ["eu"] }
    }
  },
  pipelines: {
    orders: {
      listen: "127.0.0.1:6432",
      tls: "off",
      protocol: { use: "postgres" },
      upstream: { address: "127.0.0.1:5432", at: "de", tls: "off", credential: "ORDERS_DB" },
      plugins: [{ use: "identity" }, { use: "residency" }, { use: "masking" }, { use: "recording" }]
    }
  }
})

const ofFile = new Set([
  "version",
  "gateway",
  "services",
  "residency",
  "pipelines",
  "tests",
  "tests_schema",
  "telemetry"
])
const ofResidency = new Set([
  "otherwise",
  "unresolved",
  "zones",
  "data_sets",
  "parties",
  "transfers",
  "exceptions",
  "rules",
  "taint"
])
const ofPipeline = new Set(["listen", "tls", "protocol", "upstream", "mode", "limits", "plugins"])

/** The file that a block shows, or shows a piece of; undefined when it is neither. */
export const wholeFile = (text: string): string | undefined => {
  const value: Map = parse(text)
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined
  if ("version" in value) return text
  const file = base()
  const keys = Object.keys(value)
  const under = keys.every((key) => ofFile.has(key))
    ? file
    : keys.every((key) => ofResidency.has(key))
    ? file["residency"]
    : keys.every((key) => ofPipeline.has(key))
    ? file["pipelines"].orders
    : undefined
  if (under === undefined) return undefined
  for (const key of keys) under[key] = key === "services" ? { ...under[key], ...value[key] } : value[key]
  return stringify(file)
}

const folder = join(root, "test/.extracted/yaml")

/** Puts what a file names beside it: plugins, and the tables of the shop. */
const fake = (text: string, directory: string): void => {
  for (const [, name] of text.matchAll(/use: ["']?\.\/([\w./-]+\.ts)/g)) {
    const example = join(root, "docs/examples", name!.replace(".ts", ""))
    if (existsSync(example)) cpSync(example, directory, { recursive: true })
    else copyFileSync(join(root, "docs/examples/read-only/read-only.ts"), join(directory, name!))
  }
  for (const [, name] of text.matchAll(/schema: \.\/([\w-]+\.sql)/g)) {
    copyFileSync(join(root, "config/examples/orders.sql"), join(directory, name!))
  }
  // The time of a file's last change is part of what it is imported by; a fraction in it looks like a file's ending.
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1_700_000_000, 1_700_000_000)
}

/** What `check`, and then `test`, find wrong with what the block shows. Warnings are allowed. */
export const yamlProblems = async (block: Block): Promise<ReadonlyArray<string>> => {
  const text = wholeFile(block.text)
  if (text === undefined) return [at(block, "is no file, and no piece of one")]
  const directory = join(folder, `${block.page.replaceAll(/\W/g, "-")}-${block.line}`)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  fake(text, directory)
  const path = join(directory, "sluice.config.yaml")
  writeFileSync(path, text)
  const document = readText("sluice.config.yaml", text)
  const { file, plan, problems } = await planFile({ path, directory, document }, builtins)
  if (plan === undefined || file === undefined) {
    const errors = problems.filter(({ severity }) => severity === "error")
    return [at(block, diagnoseAll(document, errors, { colour: false }))]
  }
  const results = await Effect.runPromise(
    runTests(plan, file, directory, undefined, Date.parse("2026-11-22T12:00:00Z"))
  )
  return results.filter(({ passed }) => !passed).map(({ name, reasons }) => at(block, `${name}: ${reasons.join("; ")}`))
}
