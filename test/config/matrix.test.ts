import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runSluice } from "./run-sluice.ts"

const file = join(root, "config/examples/orders.yaml")
const at = ["--at", "2026-11-22T12:00:00Z"]
const folder = (): string => mkdtempSync(join(tmpdir(), "sluice-matrix-"))

/** Another version of the example, by itself in a folder, as it comes out of version control. */
const changed = (...changes: ReadonlyArray<readonly [string, string]>): string => {
  const path = join(folder(), "other.yaml")
  let text = readFileSync(file, "utf8")
  for (const [from, to] of changes) {
    expect(text).toContain(from)
    text = text.replace(from, to)
  }
  writeFileSync(path, text)
  return path
}

describe("matrix", () => {
  it("prints a table of what can happen", async () => {
    const { code, err, out } = await runSluice(["matrix", "--config", file, ...at])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toMatch(/^orders {2}upstream at de\n/)
    expect(out).toContain("customers  home eu, personal")
    expect(out).toMatch(/support-agent +de; model at us-east +mask +· /)
    expect(out).toMatch(/analyst +de, eu, fr, ie +allow +allow /)
    expect(out).toContain("inc-4711: caller")
    expect(out).toContain("until 2026-12-01T12:00:00.000Z")
    expect(out).not.toContain("\u001b")
  })

  it("prints data, and with --denied what is denied", async () => {
    const few = JSON.parse((await runSluice(["matrix", "--config", file, "--json", ...at])).out)
    const all = JSON.parse((await runSluice(["matrix", "--config", file, "--json", "--denied", ...at])).out)
    expect(few.rows).toHaveLength(few.asked - few.denied)
    expect(all.rows).toHaveLength(all.asked)
    expect(all.rows).toContainEqual(
      expect.objectContaining({ party: "support-agent", operation: "write", access: "written", code: "residency" })
    )
    expect(few.rows).toContainEqual(
      expect.objectContaining({ party: "support-agent", operation: "read", outcome: "mask" })
    )
  })

  it("narrows, and knows the names", async () => {
    const { out } = await runSluice(["matrix", "--config", file, "--party", "analyst", "--chains", ...at])
    expect(out).toContain("analyst through support-agent at de")
    expect(out).not.toMatch(/^ +support-agent/m)
    const { code, err } = await runSluice(["matrix", "--config", file, "--party", "analist"])
    expect(code).toBe(2)
    expect(err).toContain("Did you mean `analyst`?")
  })

  it("draws a picture and a page that need nothing else", async () => {
    const cwd = folder()
    const words = ["matrix", "--config", file, "--svg", "m.svg", "--html", "m.html", "--chains", ...at]
    expect(await runSluice(words, { cwd })).toEqual({ code: 0, out: "", err: "" })
    const svg = readFileSync(join(cwd, "m.svg"), "utf8")
    const html = readFileSync(join(cwd, "m.html"), "utf8")
    expect(html).toContain(svg.trim())
    for (const text of [svg, html]) {
      expect(text).not.toMatch(/<script|<link|<image|url\(|@import|(?<!xmlns=")https?:/)
      expect(text).toContain("support-agent at de → customers")
      expect(text).toContain("prefers-color-scheme:dark")
    }
  })

  it.each([
    [["--at", "soon"], "is no time"],
    [["--svg", "/no/such/folder/m.svg"], "cannot be written"],
    [["--diff", "nothing.yaml"], "nothing.yaml"]
  ])("%j is misuse", async (words, message) => {
    const { code, err, out } = await runSluice(["matrix", "--config", file, ...words])
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain(message)
  })

  it("has nothing to say of a file without a policy", async () => {
    const { code, err } = await runSluice(["matrix", "--config", join(root, "docs/examples/lines/sluice.config.yaml")])
    expect(code).toBe(2)
    expect(err).toContain("nothing to enumerate")
  })
})

describe("matrix --diff", () => {
  const diff = (old: string, ...words: ReadonlyArray<string>) =>
    runSluice(["matrix", "--config", file, "--diff", old, ...at, ...words])

  it("says yes when nothing changed, or only comments did", async () => {
    const { code, out } = await diff(changed(["# One database", "# A database"]))
    expect({ code, out }).toEqual({ code: 0, out: "Nothing opens, nothing closes.\n" })
  })

  it("says yes when something only closes", async () => {
    const { code, out } = await diff(changed(["home: [eu]", "home: [eu, us]"]))
    expect(code).toBe(0)
    expect(out).toContain("closes")
    expect(out).not.toContain("opens")
  })

  it("says no when something opens, and what", async () => {
    const { code, out } = await diff(
      changed(["masked: leaves", "masked: counts"], ["recipients: [support-agent]", "recipients: [gateway]"])
    )
    expect(code).toBe(1)
    expect(out).toMatch(/\+ support-agent at de {2}orders\/customers {2}read {2}deny → mask/)
  })

  it("says no when a column loses its mask, or a plugin is told something else", async () => {
    const bare = await diff(changed(["email: email, ", "email: email, fax: phone, "]))
    expect(bare.code).toBe(1)
    expect(bare.out).toContain("orders/public.customers fax: phone → in clear")
    const revealed = await diff(changed(["reveal_to_group: fraud", "reveal_to_group: nobody"]))
    expect(revealed.code).toBe(1)
    expect(revealed.out).toContain("? pipelines.orders.plugins")
  })

  it("prints data", async () => {
    const { code, out } = await diff(changed(["clearance: [eu, us]", "clearance: [us]"]), "--json")
    expect(code).toBe(1)
    const { closes, opens, unjudged, unmasks } = JSON.parse(out)
    expect({ closes, unjudged, unmasks }).toEqual({ closes: [], unjudged: [], unmasks: [] })
    expect(opens[0]).toMatchObject({ before: "deny", after: "allow", from: "2026-11-22T12:00:00.000Z" })
  })
})
