import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { commands } from "../../config/commands/index.ts"
import { root, runSluice } from "./run-sluice.ts"

const example = join(root, "config/examples/minimal.yaml")
const orders = join(root, "config/examples/orders.yaml")
const ddl = join(root, "config/examples/orders.sql")
const env = { ORDERS_DB: "gateway:secret" }
const folder = (): string => mkdtempSync(join(tmpdir(), "sluice-command-"))

describe("every command", () => {
  it.each(Object.keys(commands))("%s has help on stdout", async (name) => {
    const { code, err, out } = await runSluice([...name.split(" "), "--help"])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toMatch(new RegExp(`^sluice ${name}: `))
    expect(out).toContain("Usage: sluice")
    expect(out).toContain("--help")
  })

  it.each(Object.keys(commands))("%s answers an option that it does not have with 2", async (name) => {
    const { code, err, out } = await runSluice([...name.split(" "), "--no-such-option"])
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toMatch(/^sluice .+: it has no option --no-such-option/)
  })

  it.each(Object.keys(commands))("%s answers arguments that it does not take with 2", async (name) => {
    const { code, out } = await runSluice([...name.split(" "), "one", "two", "three", "four"])
    expect({ code, out }).toEqual({ code: 2, out: "" })
  })
})

describe("the command line", () => {
  it("lists the commands", async () => {
    const { code, out } = await runSluice(["--help"])
    expect(code).toBe(0)
    for (const name of Object.keys(commands)) expect(out).toContain(`  ${name} `)
  })

  it("says its version", async () => {
    const { out } = await runSluice(["--version"])
    expect(out.trim()).toBe(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version)
  })

  it.each([
    [[], "Usage: sluice"],
    [["chekc"], "Did you mean `check`?"],
    [["plugins"], "There are: plugins list, plugins show, plugins new."],
    [["plugins", "lst"], "Did you mean `plugins list`?"],
    [["check", "--confg", "x"], "Did you mean --config?"],
    [["check", "--config"], "argument missing"],
    [["explain"], "--as is missing."],
    [["explain", "--as", "{}"], "--ask is missing."],
    [["completions"], "SHELL is missing."],
    [["completions", "tcsh"], "no shell that is known"],
    [["plugins", "new", "Not A Name"], "no name for a package"],
    [["up", "--log-level", "loud"], "no level"],
    [["explain", "--as", "{", "--ask", "x"], "--as is not JSON"],
    [["explain", "--as", "{\"subjec\":\"x\"}", "--ask", "x"], "did you mean `subject`?"],
    [["explain", "--as", "{\"subject\":\"x\"}", "--ask", "x", "--at", "soon"], "is no time"],
    [["init"], "no terminal"]
  ])("%j is misuse", async (words, message) => {
    const { code, err, out } = await runSluice(words, { cwd: folder() })
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(message)
  })

  it.each(["check", "test", "up", "explain --as {\"subject\":\"a\"} --ask x"])(
    "%s without a file is misuse",
    async (line) => {
      const { code, err } = await runSluice(line.split(" "), { cwd: folder() })
      expect(code).toBe(2)
      expect(err).toContain("sluice.config.yaml")
      expect(err).toContain("sluice init")
    }
  )
})

describe("check", () => {
  it("says yes", async () => {
    const { code, err, out } = await runSluice(["check", "--config", example], { env })
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toMatch(/is valid: 1 pipeline \(orders\), policy [0-9a-f]{12}\n$/)
  })

  it("says no, on stderr, with positions", async () => {
    const { code, err, out } = await runSluice(["check", "--config", "yaml-tab.yaml"], {
      cwd: join(root, "test/config/wrong")
    })
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toContain("yaml-tab.yaml:4:1: error: a tab is used as indentation")
  })

  it("prints problems as data", async () => {
    const { code, out } = await runSluice(["check", "--json", "--config", "mode-unknown.yaml"], {
      cwd: join(root, "test/config/wrong")
    })
    expect(code).toBe(1)
    const { problems, valid } = JSON.parse(out)
    expect(valid).toBe(false)
    expect(problems).toContainEqual(
      expect.objectContaining({ severity: "error", line: 15, column: 11, path: ["pipelines", "orders", "mode"] })
    )
  })

  it("counts warnings only when it is told to", async () => {
    expect((await runSluice(["check", "--config", orders], { env })).code).toBe(0)
    expect((await runSluice(["check", "--strict", "--config", orders], { env })).code).toBe(1)
  })

  it("never prints a secret that was put in the file by mistake", async () => {
    for (const name of ["upstream-credential-inline.yaml", "upstream-password.yaml"]) {
      const { code, err, out } = await runSluice(["check", "--config", name], { cwd: join(root, "test/config/wrong") })
      expect(code).toBe(1)
      expect(out + err).not.toContain("hunter2")
    }
  })
})

describe("explain", () => {
  const explain = (as: object, ask: string, ...more: ReadonlyArray<string>) =>
    runSluice(["explain", "--config", orders, "--schema", ddl, "--as", JSON.stringify(as), "--ask", ask, ...more], {
      env
    })

  it("shows a masked read, and says yes", async () => {
    const { code, out } = await explain(
      { subject: "agent-support-7" },
      "select name from customers",
      "--at",
      "2026-11-22"
    )
    expect(code).toBe(0)
    expect(out).toMatch(/^decision: mask\noutcome: mask\n/)
    expect(out).toContain("scc-2026-014")
  })

  it("shows what is hidden, and what would run in place of what was asked", async () => {
    const as = { subject: "ann", groups: ["analysts"], claims: { region: "de" } }
    const bare = await explain(as, "select id, email as e from customers")
    expect(bare.out).toContain("\nhidden: e, masked (public.customers.email, email)\n")
    expect(bare.out).not.toContain("\nruns: ")
    const computed = await explain(as, "select upper(email) as e from customers")
    expect(computed.out).toContain("\nhidden: e, computed of masks (public.customers.email, email)\nruns: ")
    const nothing = JSON.parse((await explain(as, "select id from customers", "--json")).out)
    expect(nothing).toMatchObject({ hidden: [] })
    expect(nothing).not.toHaveProperty("runs")
  })

  it("shows a refusal, and says no", async () => {
    const { code, out } = await explain(
      { subject: "agent-support-7" },
      "select name from customers",
      "--at",
      "2027-07-01",
      "--json"
    )
    expect(code).toBe(1)
    const receipt = JSON.parse(out)
    expect({ decision: receipt.decision, outcome: receipt.outcome, code: receipt.code }).toEqual({
      decision: "deny",
      outcome: "deny",
      code: "residency"
    })
  })

  it("judges every actor", async () => {
    const caller = { subject: "ann", groups: ["analysts"], claims: { region: "de" } }
    expect((await explain(caller, "select name from customers")).code).toBe(0)
    expect((await explain({ ...caller, actors: ["mallory"] }, "select name from customers")).code).toBe(1)
    expect(
      (await explain(
        { ...caller, actors: [{ subject: "agent-support-1" }] },
        "select id from invoices",
        "--at",
        "2026-11-22"
      )).code
    ).toBe(0)
  })

  it("does not know a pipeline that is not there", async () => {
    const { code, err } = await explain({ subject: "a" }, "select 1", "--pipeline", "order")
    expect(code).toBe(2)
    expect(err).toContain("Did you mean `orders`?")
  })
})

describe("test", () => {
  it("passes for the example", async () => {
    const { code, out } = await runSluice(["test", "--config", orders], { env })
    expect(code).toBe(0)
    expect(out.trimEnd().split("\n").at(-1)).toBe("6 passed, 0 failed")
  })

  it("fails when an expectation does not hold, and says which", async () => {
    const file = join(folder(), "sluice.config.yaml")
    const text = readFileSync(orders, "utf8").replace(
      "expect: { decision: mask, cites",
      "expect: { decision: allow, cites"
    )
    writeFileSync(file, text.replace("./orders.sql", "./schema.sql"))
    writeFileSync(join(file, "../schema.sql"), readFileSync(ddl))
    const { code, out } = await runSluice(["test", "--config", file], { env })
    expect(code).toBe(1)
    expect(out).toContain("decision: expected allow, got mask")
    expect(out.trimEnd().split("\n").at(-1)).toBe("5 passed, 1 failed")
  })
})

describe("plugins", () => {
  it("lists what the file uses", async () => {
    const { code, out } = await runSluice(["plugins", "list", "--json", "--config", example])
    expect(code).toBe(0)
    expect(JSON.parse(out).map(({ kind, use }: any) => `${kind} ${use}`)).toEqual([
      "service oidc",
      "protocol postgres",
      "plugin identity",
      "plugin residency",
      "plugin masking"
    ])
  })

  it("lists what comes with Sluice where there is no file", async () => {
    const { code, out } = await runSluice(["plugins", "list"], { cwd: folder() })
    expect(code).toBe(0)
    expect(out).toMatch(/^KIND +USE +VERSION +PATH +REQUIRES +PROVIDES\n/)
    for (const name of ["postgres", "identity", "residency", "masking", "recording", "oidc", "sqlite", "files"]) {
      expect(out).toMatch(new RegExp(`\\b${name}\\b`))
    }
  })

  it("shows a plugin from a file, its needs and its options", async () => {
    const { code, out } = await runSluice(["plugins", "show", "./read-only.ts"], {
      cwd: join(root, "docs/examples/read-only")
    })
    expect(code).toBe(0)
    expect(out).toContain("plugin read-only")
    expect(out).toContain("requires: sluice/principal")
    expect(out).toContain("except_group: string, required. Who may do more than read.")
  })

  it("lists the kinds of masks", async () => {
    const { out } = await runSluice(["plugins", "show", "masking"])
    for (const kind of ["email", "us_ssn", "iban", "redact"]) expect(out).toContain(kind)
  })

  it("says no where there is none", async () => {
    const { code, err } = await runSluice(["plugins", "show", "maskng"])
    expect(code).toBe(1)
    expect(err).toContain("Did you mean `masking`?")
  })
})

describe("completions", () => {
  it.each(["bash", "zsh", "fish"])("for %s name every command", async (shell) => {
    const { code, out } = await runSluice(["completions", shell])
    expect(code).toBe(0)
    for (const name of Object.keys(commands)) expect(out).toContain(name.split(" ").at(-1))
    expect(out).toMatch(shell === "fish" ? /-l strict/ : /--strict/)
  })
})
