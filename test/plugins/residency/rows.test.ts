import { describe, expect, it } from "vitest"
import type { ConfinedTable, Projection, Statement, Unprojected } from "../../../core/family/sql/index.ts"
import { rejudge, simulate } from "../../../plugins/residency/index.ts"
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

describe("rows that are written", () => {
  const none: ReadonlyArray<never> = []
  const writes = [table("public.customers", "id", "country")]
  /** An INSERT, as often as it is run: what is known of its text is the same each time. */
  const inserting = (...values: ReadonlyArray<string | undefined>): Statement =>
    statement({
      kind: "write",
      reads: none,
      writes,
      results: none,
      uses: none,
      inserted: { table: "public.customers", values: (column) => column === "country" ? values : [undefined] }
    })
  const ask = (subject: string, operation: Statement, zoneBy: object = {}) =>
    open(mixed(() => {}, zoneBy), identity(subject)).ask(operation).receipt

  it("are judged by the home that each of them has", () => {
    const allowed = ask("german", inserting("DE", "DE"))
    expect(allowed).toMatchObject({ decision: "allow", writes: ["customers"] })
    expect(ask("german", inserting("DE", "US"))).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask("german", inserting("FR"))).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask("american", inserting("US"))).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask("cleared", inserting("DE"))).toMatchObject({ decision: "deny", code: "clearance" })
  })
  it.each([["de"], ["DE "], [""], [undefined], ["XX"]])("can have any home where %j means none", (value) => {
    expect(ask("german", inserting(value))).toMatchObject({ decision: "deny", code: "residency" })
    expect(ask("german", inserting("DE", value))).toMatchObject({ decision: "deny", code: "residency" })
  })
  it("are judged anew for every execution, though nothing else of it changes", () => {
    const desk = open(mixed(), identity("german"))
    expect(desk.ask(inserting("DE")).receipt.decision).toBe("allow")
    expect(desk.ask(inserting("US")).receipt.decision).toBe("deny")
    expect(desk.ask(inserting("DE")).receipt.decision).toBe("allow")
  })
  it("may be prepared by whoever is somewhere: they are judged when they are run", () => {
    expect(ask("german", inserting())).toMatchObject({ decision: "allow" })
  })
  it("can have any home where something else of the data set is written, or its column is another's", () => {
    const more = { writes: [...writes, table("public.other")] }
    const wide = changed((raw) => {
      raw.data_sets.customers = {
        home: ["eu", "us"],
        zone_by: { column: "public.customers.country", zones: { DE: "de", US: "us" } },
        on: { orders: { tables: { "public.customers": {}, "public.other": {} } } }
      }
      raw.parties = { german: { match: { subject: "german" }, at: "de", clearance: ["eu", "us"] } }
      raw.transfers = []
    })
    const desk = open(wide, identity("german"))
    expect(desk.ask(inserting("DE")).receipt.decision).toBe("allow")
    expect(desk.ask({ ...inserting("DE"), ...more }).receipt.decision).toBe("deny")
    expect(desk.ask({ ...inserting("DE"), resolved: false }).receipt.code).toBe("unresolved")
    expect(ask("german", inserting("DE"), { column: "public.customers.other" }).decision).toBe("deny")
  })
  it("are all that a run has seen by writing them, and limit it by their own homes", () => {
    const desk = open(mixed(), identity("german"))
    const asked = JSON.parse(desk.ask(inserting("DE")).exchange.get({ key: "sluice/receipt-basis" }).inputs)
    const after = (homes?: ReadonlyArray<string>) => {
      const atom = {
        data_set: "customers",
        form: "clear",
        from: "de",
        at: 0,
        pipeline: "orders",
        session: "s",
        exchange: 1
      }
      const taint = { run: "run r", atoms: [{ ...atom, ...(homes === undefined ? {} : { homes }) }] }
      return rejudge(mixed(), { ...asked, taint } as never)
    }
    expect(after(["de"])).toMatchObject({ decision: "allow" })
    for (const homes of [["us"], ["de", "us"], ["gone"], [], undefined]) {
      expect(after(homes), String(homes)).toMatchObject({ decision: "deny", code: "taint" })
    }
  })
  it("stay what they were when the file changes what values mean, only where they have a home there", () => {
    const now = mixed()
    const inputs = JSON.parse(
      open(now, identity("german")).ask(inserting("DE")).exchange.get({ key: "sluice/receipt-basis" }).inputs
    )
    expect(inputs.written).toEqual({ customers: ["de"] })
    const next = mixed((raw) => raw.data_sets.customers.zone_by.zones = { XX: "fr", US: "us" })
    expect(simulate(now, now, inputs, 0)?.receipt.decision).toBe("allow")
    expect(simulate(next, now, inputs, 0)?.receipt.decision).toBe("deny")
  })
})
