import { describe, expect, it } from "vitest"
import type { ConfinedTable, Projection, Statement, Unprojected } from "../../../core/family/sql/index.ts"
import { identity, table } from "./fixture.ts"
import { changed, column, open, statement } from "./harness.ts"

const mixed = (change: (raw: any) => void = () => {}, zoneBy: object = {}) =>
  changed((raw) => {
    raw.zones.eu = { includes: ["de", "fr"] }
    raw.data_sets.customers = {
      home: ["eu", "us"],
      zone_by: { column: "public.customers.country", zones: { DE: "de", FR: "fr", US: "us" }, ...zoneBy },
      on: { orders: { tables: { "public.customers": {} } } }
    }
    raw.parties = {
      german: { match: { subject: "german" }, at: "de", clearance: ["eu", "us"] },
      cleared: { match: { subject: "cleared" }, at: "de", clearance: ["fr"] },
      american: { match: { subject: "american" }, at: "us-east", clearance: ["us"] }
    }
    raw.transfers = []
    change(raw)
  })

/** A read of the table that can be rewritten: what the plugin asks for, and what it makes of the answer. */
const reading = (confined: ReadonlyArray<ConfinedTable> = [], unprojected?: Unprojected) => {
  const asked: Array<Projection> = []
  const operation: Statement = statement({
    reads: [table("public.customers", "id", "country")],
    results: [{ columns: [column("id")] }],
    confined,
    project: (projection) => {
      asked.push(projection)
      const found = projection.rows?.({ table: "public.customers" })
      return unprojected ?? reading(found === undefined ? [] : [{ table: "public.customers", ...found }]).operation
    }
  })
  return { asked, operation }
}

/** As the stages do: inspect, rewrite, inspect what came of it, decide. */
const run = (policy: ReturnType<typeof mixed>, subject: string, first = reading()) => {
  const desk = open(policy, identity(subject))
  const { exchange, receipt } = desk.ask(first.operation)
  desk.hooks.inspect!(exchange)
  const rewritten = desk.hooks.rewrite!(exchange)
  if (rewritten === undefined || "_tag" in rewritten) return { rewritten, receipt, confined: undefined }
  const again = desk.ask(rewritten as Statement)
  return { rewritten, receipt: again.receipt, confined: (rewritten as Statement).confined, verdict: again.verdict }
}

describe("rows of several homes", () => {
  it("are one answer for all, where other rows are refused", () => {
    const { receipt, rewritten } = run(mixed(), "german")
    expect(rewritten).toBeUndefined()
    expect(receipt).toMatchObject({ decision: "deny", code: "residency" })
    expect(run(mixed(), "american").receipt).toMatchObject({ decision: "deny", code: "clearance" })
  })

  it("are left out, where the file says so, unless every sink may see them", () => {
    const { confined, receipt, verdict } = run(mixed(() => {}, { other_rows: "filter" }), "german")
    expect(confined).toEqual([{ table: "public.customers", column: "country", among: ["DE"] }])
    expect(receipt).toMatchObject({ decision: "allow" })
    expect(verdict).toMatchObject({ _tag: "Allow" })
  })

  it("are left out for want of clearance, and the upstream's place does not matter", () => {
    // Gateway and recorder are in de: French rows would be seen there, so nothing is left.
    expect(run(mixed(() => {}, { other_rows: "filter" }), "cleared").receipt.decision).toBe("deny")
    const wide = mixed((raw) => {
      raw.zones.all = { includes: ["de", "fr", "us-east", "us-west"] }
      raw.transfers = [{
        id: "t",
        from: "eu",
        to: "all",
        data_sets: ["customers"],
        recipients: "any",
        mechanism: "adequacy",
        operations: ["read"]
      }]
    }, { other_rows: "filter" })
    expect(run(wide, "cleared").confined).toEqual([{ table: "public.customers", column: "country", among: ["FR"] }])
    expect(run(wide, "american").confined).toEqual([{ table: "public.customers", column: "country", among: ["US"] }])
    expect(run(wide, "american").receipt.decision).toBe("allow")
    expect(run(wide, "german").confined?.[0]?.among).toEqual(["DE", "FR", "US"])
  })

  it("are refused where the statement cannot leave them out", () => {
    const stuck = reading([], { _tag: "Unprojected", reason: "it is the target of an UPDATE", remedy: "Read it." })
    expect(run(mixed(() => {}, { other_rows: "filter" }), "german", stuck).rewritten).toMatchObject({
      _tag: "Deny",
      code: "residency",
      hint: "Read it."
    })
  })

  it.each<[string, ConfinedTable]>([
    ["another table", { table: "public.other", column: "country", among: ["DE"] }],
    ["another column", { table: "public.customers", column: "name", among: ["DE"] }],
    ["a value that means no home", { table: "public.customers", column: "country", among: ["DE", "XX"] }],
    ["a home that the caller may not see", { table: "public.customers", column: "country", among: ["DE", "FR"] }]
  ])("are not believed to be left out by confining %s", (_name, confined) => {
    const desk = open(mixed(() => {}, { other_rows: "filter" }), identity("german"))
    expect(desk.ask(reading([confined]).operation).receipt.decision).toBe("deny")
    const right = { table: "public.customers", column: "country", among: ["DE"] }
    expect(desk.ask(reading([right]).operation).receipt.decision).toBe("allow")
  })

  it("may not be written where the home of a written row is not known to be right", () => {
    const desk = open(mixed(() => {}, { other_rows: "filter" }), identity("german"))
    const writing = statement({
      kind: "write",
      reads: [],
      writes: [table("public.customers")],
      confined: [{ table: "public.customers", column: "country", among: ["DE"] }]
    })
    expect(desk.ask(writing).receipt).toMatchObject({ decision: "deny", code: "residency" })
  })

  it("have homes that are zones of the data set's home", () => {
    for (
      const zones of [{ XX: "mars" }, { DE: "nowhere" }, {}] as ReadonlyArray<Record<string, string>>
    ) {
      const policy = mixed(() => {}, { zones })
      expect(() => open(policy, identity("german")), JSON.stringify(zones)).toThrow()
    }
  })
})
