import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { main } from "../../config/main.ts"

const folder = mkdtempSync(join(tmpdir(), "sluice-approvals-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (parts: { readonly services?: string; readonly identity?: string } = {}): string =>
  `version: 1
gateway: { at: de, name: gw-1 }
services:
  tokens: { use: oidc, with: { issuer: https://login.example.com, audience: sluice } }
${parts.services ?? "  state: { use: sqlite, with: { path: ./sluice.db } }"}
residency:
  zones: { eu: { includes: [de] }, us: { includes: [us-east] } }
  data_sets: { customers: { home: [eu], otherwise: approve, on: { orders: { tables: { public.customers: {} } } } } }
  parties: { agents: { match: { group: agents }, at: us-east, clearance: [eu, us] } }
pipelines:
  orders:
    listen: 127.0.0.1:6432
    tls: off
    protocol: { use: postgres }
    upstream: { address: "127.0.0.1:5432", at: de, tls: off, credential: ORDERS_DB }
    plugins:
      - { use: identity${parts.identity ?? ""} }
      - { use: residency }
      - { use: approval, with: { approvers: [dpo] } }
tests_schema: schema.sql
tests:
  - name: an agent elsewhere waits for a person
    pipeline: orders
    as: { subject: ann, groups: [agents] }
    ask: select name from customers
    expect: { decision: approve, outcome: approve }
`

const run = async (text: string, ...words: ReadonlyArray<string>) => {
  writeFileSync(join(folder, "sluice.config.yaml"), text)
  writeFileSync(join(folder, "schema.sql"), "create table public.customers (id int, name text);")
  let said = ""
  const write = (line: string): void => void (said += `${line}\n`)
  const status = await main(words, { directory: folder, out: write, err: write, colour: { out: false, err: false } })
  return { status, said }
}

describe("a file with approvals", () => {
  it("needs a state, and says which", async () => {
    const { said, status } = await run(file({ services: "" }), "check")
    expect(status).toBe(1)
    expect(said).toContain("the service `approvals` needs the service `state`, and none is declared")
    expect(said).toContain("add under `services:` `state: { use: sqlite")
  })

  it("reads approvers as it reads callers, or is refused", async () => {
    const identity = ", with: { groups_claim: roles }"
    const apart = await run(file({ identity }), "check")
    expect(apart.status).toBe(1)
    expect(apart.said).toContain("reads tokens otherwise than the service `callers` does")
    const services = `  state: { use: sqlite, with: { path: ./sluice.db } }
  callers: { use: callers, with: { groups_claim: roles } }`
    expect((await run(file({ identity, services }), "check")).status).toBe(0)
  })

  it("rehearses a hold without asking anybody, or keeping anything", async () => {
    const { said, status } = await run(file(), "test")
    expect(said).toContain("1 passed, 0 failed")
    expect(status).toBe(0)
  })

  it("lets nobody to the desk without a token", async () => {
    delete process.env["SLUICE_TOKEN"]
    const { said, status } = await run(file(), "approvals", "list")
    expect(status).toBe(2)
    expect(said).toContain("who are you?")
  })
})
