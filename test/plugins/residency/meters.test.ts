import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Column, Row } from "../../../core/family/sql/index.ts"
import type { Deny } from "../../../core/index.ts"
import { periodAt } from "../../../plugins/residency/meters/period.ts"
import { identity } from "./fixture.ts"
import { changed, column, open, selecting, statement } from "./harness.ts"
import { memory } from "./store.ts"

const agent = identity("agent-support-1")
/** The table's policy, with a cap on its transfer. */
const capped = (count: number, change: (raw: any) => void = () => {}, window = "calendar_year") =>
  changed((raw) => {
    raw.data_sets.customers.subject = "public.customers.id"
    raw.transfers[0].requires = []
    raw.transfers[0].subjects_max = { count, window }
    change(raw)
  })

const columns = (names: ReadonlyArray<string>): ReadonlyArray<Column> =>
  names.map((name) => ({
    name,
    type: "text",
    format: "text",
    encode: () => undefined,
    valueType: { name: "text" },
    substitute: () => null
  }))
const row = (described: ReadonlyArray<Column>, values: ReadonlyArray<string | null>, result = 0): Row => ({
  kind: "row",
  columns: described,
  result,
  isNull: (index) => values[index] === null,
  bytes: (index) => values[index] == null ? null : Buffer.from(values[index]),
  replace: () => {}
})

type Desk = ReturnType<typeof open>
/** Asks for people by id, and answers with whom the client saw, and why it saw no more. */
const read = (desk: Desk, ids: ReadonlyArray<string | null>, operation = selecting("id")) => {
  const { exchange, receipt, verdict } = desk.ask(operation)
  const seen: Array<string | null> = []
  if (verdict._tag !== "Allow") return { seen, receipt, verdict, stopped: undefined }
  const described = columns(operation.results[0]!.columns.map(({ name }) => name))
  let stopped: Deny | undefined
  for (const id of ids) {
    stopped = desk.hooks.observe?.(row(described, [id]), exchange) ?? undefined
    if (stopped !== undefined) break
    seen.push(id)
  }
  return { seen, receipt, verdict, stopped }
}

describe("a capped transfer", () => {
  it("lets out as many people as its cap says, then asks for approval, and at twice the cap is none", () => {
    const desk = open(capped(3), agent, { store: memory().store })
    const first = read(desk, ["1", "2", "3", "4", "5"])
    expect(first.receipt).toMatchObject({ decision: "allow", outcome: "allow" })
    expect(first.seen).toEqual(["1", "2", "3"])
    expect(first.stopped).toMatchObject({ code: "residency", message: expect.stringContaining("scc-2026-014") })
    const second = read(desk, ["1", "4", "5", "6", "7"])
    expect(second.receipt).toMatchObject({
      decision: "approve",
      obligations: [{ obligation: "approve", data_set: "customers", cites: "scc-2026-014" }]
    })
    expect(second.seen).toEqual(["1", "4", "5", "6"])
    expect(read(desk, ["1"]).receipt).toMatchObject({ decision: "deny", code: "residency" })
  })

  it("counts nobody twice, and everybody whom the rows do not tell apart", () => {
    const desk = open(capped(3), agent, { store: memory().store })
    expect(read(desk, ["1", "1", "2", "1", "2"]).seen).toHaveLength(5)
    expect(read(desk, ["ann", "ann"], selecting("name")).seen).toHaveLength(1)
    const other = open(capped(3), agent, { store: memory().store })
    expect(read(other, [null, null, null, null]).seen).toHaveLength(3)
    const computed = statement({ results: [{ columns: [column("id", "derived")] }] })
    expect(read(open(capped(2), agent, { store: memory().store }), ["1", "1", "1"], computed).seen).toHaveLength(2)
  })

  it("counts each recipient on its own, or all together where the file says so", () => {
    const two = (raw: any) => {
      raw.transfers[0].recipients = "any"
      raw.parties["support-agent"].at = "us-east"
      raw.parties.analyst.at = "us-east"
    }
    const ann = identity("ann", { groups: ["analysts"] })
    for (const [per, left] of [["recipient", 3], ["transfer", 0]] as const) {
      const { store } = memory()
      const policy = capped(3, (raw) => {
        two(raw)
        raw.transfers[0].subjects_max.per = per
      })
      expect(read(open(policy, agent, { store }), ["1", "2", "3"]).seen).toHaveLength(3)
      const other = read(open(policy, ann, { store }), ["4", "5", "6"])
      expect(other.receipt.decision).toBe(left > 0 ? "allow" : "approve")
    }
  })

  it("does not count masked rows where it says so", () => {
    const masked = (free: boolean) =>
      capped(1, (raw) => {
        raw.transfers[0].requires = ["mask"]
        if (free) raw.transfers[0].masked = "free"
      })
    expect(read(open(masked(true), agent, { store: memory().store }), ["1", "2", "3"]).seen).toHaveLength(3)
    expect(read(open(masked(false), agent, { store: memory().store }), ["1", "2", "3"]).seen).toHaveLength(1)
  })

  it("covers nothing that cannot be counted", () => {
    const desk = open(capped(3, (raw) => raw.transfers[0].operations = ["read", "write"]), agent, {
      store: memory().store
    })
    const written = statement({ kind: "write", reads: [], writes: [{ kind: "table", name: "public.customers" }] })
    expect(desk.ask(written).receipt).toMatchObject({ decision: "deny", code: "residency" })
    const { results: _, uses: __, ...request } = selecting("id")
    expect(desk.ask(request as never).receipt).toMatchObject({ decision: "deny", code: "residency" })
  })
  it("counts in memory where no state is declared, across sessions", () => {
    expect(read(open(capped(3), agent), ["1", "2"]).seen).toHaveLength(2)
    expect(read(open(capped(3), agent), ["3", "4"]).seen.length).toBeLessThan(2)
  })

  it("covers nothing in a session that began before there was a cap", () => {
    const desk = open(capped(3, (raw) => delete raw.transfers[0].subjects_max), agent, { store: memory().store })
    expect(desk.ask(selecting("id")).receipt.decision).toBe("allow")
    desk.state.policy = capped(3)
    expect(desk.ask(selecting("id")).receipt.decision).toBe("deny")
  })

  it("lets nobody out when the state is gone, and stops nobody in shadow mode", async () => {
    const { knobs, store } = memory()
    const desk = open(capped(3), agent, { store })
    knobs.fails = true
    const { verdict } = desk.ask(selecting("id"))
    expect(verdict).toMatchObject({ _tag: "Deny", code: "unavailable" })
    const shadow = open(capped(1), agent, { store: memory().store, mode: "shadow" })
    expect(read(shadow, ["1", "2", "3"]).seen).toHaveLength(3)
    expect(read(shadow, ["1"]).receipt).toMatchObject({ decision: "deny", outcome: "allow" })
  })

  it("begins anew with the next window", () => {
    const desk = open(capped(2), agent, { store: memory().store })
    expect(read(desk, ["1", "2", "3"]).seen).toHaveLength(2)
    desk.state.now = Date.parse("2026-12-31T23:59:59.999Z")
    expect(read(desk, ["3"]).receipt.decision).toBe("approve")
    desk.state.now = Date.parse("2027-01-01T00:00:00Z")
    expect(read(desk, ["3", "4", "5"]).seen).toEqual(["3", "4"])
  })

  it("rolls, and forgets nobody too early", () => {
    const desk = open(capped(2, () => {}, "24d"), agent, { store: memory().store })
    const day = 86_400_000
    const start = Math.floor(desk.state.now / (2 * day)) * 2 * day
    desk.state.now = start
    expect(read(desk, ["1"]).seen).toEqual(["1"])
    desk.state.now = start + 12 * day
    expect(read(desk, ["2", "3"]).seen).toEqual(["2"])
    desk.state.now = start + 24 * day
    expect(desk.ask(selecting("id")).receipt.decision).toBe("approve")
    desk.state.now = start + 26 * day
    expect(read(desk, ["3", "4"]).seen).toEqual(["3"])
  })
})

describe("what was counted", () => {
  it("survives a restart, and a crash costs at most what was reserved", async () => {
    const { store, values } = memory()
    const desk = open(capped(5), agent, { store })
    expect(read(desk, ["1", "2"]).seen).toHaveLength(2)
    const crashed = open(capped(5), agent, { store: { ...store } })
    expect(read(crashed, ["7", "8", "9", "10"]).seen.length).toBeLessThanOrEqual(3)
    await desk.close()
    await crashed.close()
    expect(JSON.stringify([...values])).not.toContain("\"1\"")
    expect(read(open(capped(5), agent, { store: { ...store } }), ["1", "2"]).seen).toHaveLength(2)
  })

  /** Gateways that read, stop and crash, on one state. Whom they ever let out, altogether. */
  const play = async (
    cap: number,
    steps: ReadonlyArray<readonly [gateway: number, what: "read" | "stop" | "crash", ids: ReadonlyArray<number>]>,
    forget: (value: string | undefined) => string | undefined = (value) => value
  ): Promise<ReadonlySet<string>> => {
    const shared = memory()
    shared.knobs.forget = forget
    const out = new Set<string>()
    const gateways = new Map<number, Desk>()
    for (const [gateway, what, ids] of steps) {
      const desk = gateways.get(gateway) ?? open(capped(cap), agent, { store: { ...shared.store } })
      gateways.set(gateway, desk)
      if (what === "read") {
        const { receipt, seen } = read(desk, ids.map(String))
        // Nobody approves here.
        if (receipt.decision === "allow") { for (const id of seen) out.add(id as string) }
      } else {
        if (what === "stop") await desk.close()
        gateways.delete(gateway)
      }
    }
    for (const desk of gateways.values()) await desk.close()
    return out
  }
  const step = fc.tuple(
    fc.nat(1),
    fc.constantFrom("read", "read", "read", "stop", "crash"),
    fc.array(fc.nat(12), { maxLength: 6 })
  )
  const scenario = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.array(step as fc.Arbitrary<any>, { maxLength: 8 }))
  const within = (forget?: (value: string | undefined) => string | undefined) =>
    fc.asyncProperty(scenario, async ([cap, steps]) => {
      expect((await play(cap, steps, forget)).size).toBeLessThanOrEqual(cap)
    })

  it("never lets more people out than the cap, whatever stops and crashes", async () => {
    await fc.assert(within(), { numRuns: 300 })
  })

  it.each<[string, (value: string) => string]>([
    ["forgets what is reserved", (value) => JSON.stringify({ ...JSON.parse(value), reserved: {} })],
    ["forgets who left", (value) => JSON.stringify({ ...JSON.parse(value), sketch: { exact: [] } })]
  ])("is found out when the state %s", async (_name, forget) => {
    const { failed } = await fc.check(within((value) => value === undefined ? value : forget(value)), { numRuns: 2000 })
    expect(failed).toBe(true)
  })

  it("is not believed when it cannot be read", async () => {
    const { store, values } = memory()
    const desk = open(capped(5), agent, { store })
    read(desk, ["1"])
    await desk.close()
    for (const key of values.keys()) values.set(key, "{\"v\":2}")
    expect(read(open(capped(5), agent, { store: { ...store } }), ["1"]).receipt.decision).toBe("deny")
  })
})

describe("windows", () => {
  const at = (text: string): number => Date.parse(text)
  it.each([
    ["calendar_day", "2026-11-22T13:00:00Z", "2026-11-22", "2026-11-23"],
    ["calendar_week", "2026-11-22T13:00:00Z", "2026-11-16", "2026-11-23"],
    ["calendar_month", "2026-11-22T13:00:00Z", "2026-11-01", "2026-12-01"],
    ["calendar_quarter", "2026-11-22T13:00:00Z", "2026-10-01", "2027-01-01"],
    ["calendar_year", "2026-11-22T13:00:00Z", "2026-01-01", "2027-01-01"],
    ["calendar_year", "2026-12-31T23:59:59.999Z", "2026-01-01", "2027-01-01"]
  ])("%s at %s begins %s and ends %s", (window, now, start, until) => {
    expect(periodAt(window, at(now))).toEqual({ slices: [at(start)], until: at(until) })
  })
  it("of days always look back that far, and at most a slice further", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 800 }), fc.nat(4_000_000_000_000), (days, now) => {
      const { slices, until } = periodAt(`${days}d`, now)
      const day = 86_400_000
      expect(slices[0]!).toBeLessThanOrEqual(Math.max(0, now - days * day))
      expect(slices[0]!).toBeGreaterThan(now - days * day - Math.ceil(days / 12) * day - 1)
      expect(until).toBeGreaterThan(now)
      expect(slices.at(-1)!).toBeLessThanOrEqual(now)
      expect(slices.length).toBeLessThanOrEqual(14)
    }))
  })
})
