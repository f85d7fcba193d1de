import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { firstFile } from "../../config/first-file.ts"
import { guessKind } from "../../config/guess-kind.ts"
import { parseDatabaseUrl } from "../../config/read-tables.ts"
import { planFile } from "../../config/plan.ts"
import { readText } from "../../config/document.ts"
import { builtins } from "../../config/builtins.ts"
import { runSluice } from "./run-sluice.ts"

const folder = (): string => mkdtempSync(join(tmpdir(), "sluice-init-"))
const env = { ORDERS_DB: "gateway:secret" }

describe("init", () => {
  it("writes a file that passes check and its own tests", async () => {
    const cwd = folder()
    const { code, out } = await runSluice(["init", "--yes"], { cwd })
    expect(code).toBe(0)
    expect(out).toContain("wrote sluice.config.yaml")
    expect(await runSluice(["check"], { cwd, env })).toMatchObject({ code: 0, err: "" })
    expect((await runSluice(["audit", "verify"], { cwd, env })).err).toContain("nothing has been recorded there yet")
    writeFileSync(join(cwd, "schema.sql"), "create table public.customers (id int, email text, phone text);")
    expect((await runSluice(["test", "--schema", "schema.sql"], { cwd, env })).out).toContain("1 passed, 0 failed")
  })

  it("takes answers from flags", async () => {
    const cwd = folder()
    const words = [
      "--at",
      "us-east",
      "--name",
      "edge",
      "--listen",
      "127.0.0.1:7000",
      "--upstream",
      "db.internal:5433",
      "--pipeline",
      "people"
    ]
    expect((await runSluice(["init", "--yes", ...words], { cwd })).code).toBe(0)
    const text = readFileSync(join(cwd, "sluice.config.yaml"), "utf8")
    for (
      const part of [
        "at: us-east",
        "name: edge",
        "127.0.0.1:7000",
        "db.internal:5433",
        "people:",
        "PEOPLE_DB",
        "verify-full"
      ]
    ) {
      expect(text).toContain(part)
    }
  })

  it("overwrites only by force", async () => {
    const cwd = folder()
    writeFileSync(join(cwd, "sluice.config.yaml"), "mine")
    const kept = await runSluice(["init", "--yes"], { cwd })
    expect(kept.code).toBe(1)
    expect(kept.err).toContain("--force")
    expect(readFileSync(join(cwd, "sluice.config.yaml"), "utf8")).toBe("mine")
    expect((await runSluice(["init", "--yes", "--force"], { cwd })).code).toBe(0)
  })

  it.each([
    ["--listen", "nowhere"],
    ["--listen", "0.0.0.0:6432"],
    ["--name", "not a name"],
    ["--upstream", "http://x"],
    ["--from", "mysql://x"]
  ])(
    "writes nothing for %s %s",
    async (...words) => {
      const cwd = folder()
      expect((await runSluice(["init", "--yes", ...words], { cwd })).code).toBe(2)
      expect(existsSync(join(cwd, "sluice.config.yaml"))).toBe(false)
    }
  )
})

describe("a file from tables", () => {
  it("groups them, guesses kinds, and is valid, whatever the names", async () => {
    const text = firstFile({
      gateway: "gw-1",
      at: "de",
      pipeline: "shop",
      listen: "127.0.0.1:6432",
      upstream: "127.0.0.1:5432",
      upstreamTls: "off",
      database: "shop",
      credential: "SHOP_DB",
      issuer: "https://login.example.com",
      audience: "sluice",
      tables: [
        { name: "public.customers", columns: ["id", "first_name", "e_mail", "birthDate", "iban", "notes"] },
        { name: "public.order items", columns: ["id", "order: total", "true"] },
        { name: "odd.\"x\"", columns: ["phone\nnumber", "no", "email"] },
        { name: "public.stock", columns: ["id", "amount"] }
      ]
    })
    const document = readText("f.yaml", text)
    const { file, plan, problems } = await planFile(
      { path: "/nowhere/f.yaml", directory: "/nowhere", document },
      builtins
    )
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([])
    expect(plan).toBeDefined()
    const { other, personal } = (file!.residency as any).data_sets
    expect(personal.on.shop.tables["public.customers"]).toEqual({
      first_name: "name",
      e_mail: "email",
      birthDate: "date_of_birth",
      iban: "iban",
      notes: "free_text"
    })
    expect(Object.keys(other.on.shop.tables)).toEqual(["public.order items", "public.stock"])
  })

  it.each([
    ["email", "email"],
    ["e_mail_address", "email"],
    ["ContactEmail", "email"],
    ["password_hash", "secret"],
    ["api_key", "secret"],
    ["ssn", "us_ssn"],
    ["passport", "national_id"],
    ["mobile_no", "phone"],
    ["dateOfBirth", "date_of_birth"],
    ["dob", "date_of_birth"],
    ["street", "address"],
    ["postal_code", "address"],
    ["plz", "address"],
    ["credit_card", "card"],
    ["card_number", "card"],
    ["client_addr", "ip"],
    ["ip_address", "ip"],
    ["last_name", "name"],
    ["name", "name"],
    ["comment", "free_text"],
    ["id", undefined],
    ["amount", undefined],
    ["created_at", undefined],
    ["shipping", undefined],
    ["company_id", undefined],
    ["filename", undefined],
    ["tokenizer", undefined]
  ])("takes a column %s for %s", (column, kind) => expect(guessKind(column)).toBe(kind))

  it.each([
    ["postgres://me:pw@db.internal:6543/shop", {
      host: "db.internal",
      port: 6543,
      user: "me",
      password: "pw",
      database: "shop",
      tls: "verify-full"
    }],
    ["postgresql://localhost", { host: "localhost", port: 5432, user: "postgres", database: "postgres", tls: "off" }],
    ["postgres://u@[::1]/d", { host: "::1", user: "u", database: "d", tls: "off" }],
    ["postgres://u:p%40ss@h/d?sslmode=require", { password: "p@ss", tls: "require" }],
    ["postgres://u@h/d?sslmode=disable", { tls: "require" }]
  ])("reads %s", (url, parts) => expect(parseDatabaseUrl(url)).toMatchObject(parts))

  it.each(["", "x", "mysql://h/d", "postgres://", "http://h", "postgres:/d"])(
    "does not read %j",
    (url) => expect(parseDatabaseUrl(url)).toBeUndefined()
  )
})
