import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import type { Receipt } from "../../../core/index.ts"
import { compileWorld } from "../../../plugins/residency/compile/compile-world.ts"
import type { Inputs } from "../../../plugins/residency/engine/inputs.ts"
import { judge } from "../../../plugins/residency/engine/judge.ts"
import { differenceOf } from "../../../plugins/residency/matrix/difference.ts"
import { type Matrix, matrixOf, type MatrixOptions } from "../../../plugins/residency/matrix/matrix.ts"
import { type MatrixRow, opensMore, reachOf } from "../../../plugins/residency/matrix/row.ts"
import type { World } from "../../../plugins/residency/world.ts"
import { arbitraryInputs, arbitrarySection, arbitrarySurroundings, documentOf } from "./arbitrary.ts"
import { issuer, now, section, worldOf } from "./fixture.ts"

vi.setConfig({ testTimeout: 120_000 })

const matrix = (world: World, options: Partial<MatrixOptions> = {}): Matrix =>
  matrixOf(world, { at: now, issuers: [issuer], ...options })
type Wanted = { readonly [K in keyof MatrixRow]?: MatrixRow[K] | undefined }

const find = (rows: ReadonlyArray<MatrixRow>, wanted: Wanted): ReadonlyArray<MatrixRow> =>
  rows.filter((row) => Object.entries(wanted).every(([key, value]) => row[key as keyof MatrixRow] === value))

const situation = fc.tuple(arbitrarySection, arbitrarySurroundings, arbitraryInputs)
const changing = new Set(["write", "define", "admin", "execute"])

/** Operations of the kinds that a matrix asks about, by somebody of whom only a token is known. */
const isAsked = ({ operation, pipeline, principal, seen }: Inputs): boolean =>
  operation.resolved && principal.evidence === "asserted"
  && (changing.has(operation.kind) || (["read", "export"].includes(operation.kind) && operation.writes.length === 0))
  && [...operation.reads, ...operation.writes].every(({ kind }) => kind === "table")
  && (pipeline === "orders" || Object.keys(seen).length === 0)

/** The rows that stand for an operation that may take place: one for each data set and way of touching it. */
const expected = ({ operation, pipeline }: Inputs, receipt: Receipt): ReadonlyArray<Wanted> => {
  const identities = receipt.checks.filter(({ check }) => check === "identity")
  const [caller, actor] = identities
  const asker = {
    party: caller!.cites!,
    at: caller!.at!,
    through: actor?.cites,
    through_at: actor?.at,
    pipeline,
    operation: operation.kind
  }
  return [
    ...receipt.reads.map((name) => ({ ...asker, data_set: name, access: "read" as const })),
    ...receipt.writes.map((name) => ({ ...asker, data_set: name, access: "written" as const }))
  ].map((one) => one.data_set.startsWith("unclassified:") ? { ...one, data_set: "unclassified" } : one)
}

/** Whether whatever the engine lets through stands in the matrix, at least as wide. */
const covers = (enumerate: (world: World, at: number) => Matrix) =>
  fc.property(situation, ([raw, around, inputs]) => {
    fc.pre(isAsked(inputs))
    const { world } = compileWorld(documentOf(raw, around))
    fc.pre(world !== undefined)
    if (world === undefined) return
    const receipt = judge(world, inputs)
    fc.pre(receipt.outcome !== "deny")
    // Whoever is not known to be an agent cannot act for others in a matrix.
    const actor = receipt.checks.filter(({ check }) => check === "identity")[1]?.cites
    fc.pre(actor === undefined || world.parties.some(({ agent, name }) => name === actor && agent))
    const { rows } = enumerate(world, inputs.now)
    const masked = Object.values(inputs.seen).includes("masked")
    const answer = { outcome: receipt.outcome, ...(masked ? { seen: "masked" as const } : {}) }
    for (const wanted of expected(inputs, receipt)) {
      const found = find(rows, wanted)
      expect(found.some((row) => !opensMore(answer, row)), JSON.stringify(wanted)).toBe(true)
    }
  })

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300)

describe("a matrix", () => {
  const whole = (world: World, at: number): Matrix => matrix(world, { at, chains: true, issuers: [] })

  it("holds everything that the engine lets through", () => fc.assert(covers(whole), { numRuns }))

  it.each<[string, (world: World, at: number) => Matrix]>([
    ["forgets the places that a claim can name", (world, at) => {
      const { rows, ...rest } = whole(world, at)
      const claimed = new Set(world.parties.filter((party) => typeof party.at === "object").map(({ name }) => name))
      return { ...rest, rows: rows.filter((row) => !claimed.has(row.party) || row.at === "unknown") }
    }],
    ["forgets what may leave masked", (world, at) => {
      const { rows, ...rest } = whole(world, at)
      return { ...rest, rows: rows.filter(({ seen }) => seen === undefined) }
    }],
    ["forgets whole chains", (world, at) => matrix(world, { at, issuers: [] })],
    ["forgets what is in no data set", (world, at) => whole({ ...world, otherwise: "deny" }, at)],
    ["asks about another time", (world) => whole(world, 0)],
    ["has only what is read", (world, at) => {
      const { rows, ...rest } = whole(world, at)
      return { ...rest, rows: rows.filter(({ access }) => access === "read") }
    }]
  ])("would be caught when it %s", (_name, faulty) => {
    expect(fc.check(covers(faulty), { numRuns: 3000, endOnFailure: true }).failed).toBe(true)
  })

  it("says who sees it, where, and on what ground", () => {
    const { rows } = matrix(worldOf(section()))
    const [row] = find(rows, { party: "support-agent", operation: "read" })
    expect(row).toMatchObject({ at: "de", model: "us-east", outcome: "mask", data_set: "customers" })
    expect(row!.sinks).toContainEqual({
      sink: "model:support-agent",
      at: "us-east",
      outcome: "mask",
      cites: "scc-2026-014"
    })
  })

  it("asks at every place that a claim can name, and at none", () => {
    const { rows } = matrix(worldOf(section()), { denied: true })
    const places = new Set(find(rows, { party: "analyst" }).map(({ at }) => at))
    expect([...places]).toEqual(["unknown", "de", "eu", "fr", "ie", "us", "us-east", "us-west"])
  })

  it("gives the codes of what is denied", () => {
    const { rows } = matrix(worldOf(section()), { denied: true })
    expect(find(rows, { party: "us-agent", operation: "read" })[0]).toMatchObject({
      outcome: "deny",
      code: "clearance"
    })
    expect(find(rows, { party: "away-agent", operation: "read" })[0]).toMatchObject({
      outcome: "deny",
      code: "residency"
    })
  })

  it("counts a rule that looks at the person as one that may not hold", () => {
    const rules = (when: string) => worldOf({ ...section(), rules: [{ name: "r", when, then: "deny" }] })
    const read = (world: World) => find(matrix(world).rows, { party: "analyst", at: "de", operation: "read" })
    expect(read(rules(`"analysts" in caller.groups`))).toMatchObject([{ outcome: "allow", unless: ["r"] }])
    expect(read(rules(`caller[upstream.pipeline] == "x" || true`))).toMatchObject([{ unless: ["r"] }])
    expect(read(rules(`now > timestamp("2020-01-01T00:00:00Z")`))).toMatchObject([{ unless: ["r"] }])
    expect(read(rules(`caller.party == "analyst"`))).toEqual([])
  })

  it("names parties that nobody can be", () => {
    const raw = section()
    raw["parties"] = { first: { ...raw["parties"].analyst }, second: { ...raw["parties"].analyst } }
    raw["transfers"] = []
    expect(matrix(worldOf(raw)).unmatched).toEqual(["second"])
  })
})

describe("a difference", () => {
  const base = section()
  const against = (change: (raw: any) => void, at = now) => {
    const raw = structuredClone(base)
    change(raw)
    return differenceOf(worldOf(base), worldOf(raw), { at, issuers: [issuer] })
  }

  it("is nothing between a policy and itself", () => {
    expect(against(() => {})).toEqual({ opens: [], closes: [], unmasks: [] })
  })

  it("finds what opens, and turned around what closes", () => {
    const { closes, opens } = against((raw) => raw.parties["home-agent"].model.at = "us-east")
    expect(opens).toEqual([])
    expect(closes.length).toBeGreaterThan(0)
    const wider = structuredClone(base)
    wider["data_sets"].customers.home = ["eu", "us"]
    const forth = differenceOf(worldOf(base), worldOf(wider), { at: now, issuers: [issuer] })
    const back = differenceOf(worldOf(wider), worldOf(base), { at: now, issuers: [issuer] })
    expect(forth.opens.length).toBe(back.closes.length)
    expect(forth.closes).toEqual([])
    expect(forth.opens.map(({ after, before }) => [before, after])).toEqual(
      back.closes.map(({ after, before }) => [after, before])
    )
  })

  it("finds a transfer that begins later, and when", () => {
    const { opens } = against((raw) =>
      raw.transfers.push({ ...raw.transfers[0], id: "later", recipients: ["away-agent"], valid_from: "2027-01-01" })
    )
    expect(new Set(opens.map(({ from }) => from))).toEqual(new Set([Date.parse("2027-01-01")]))
    expect(opens[0]).toMatchObject({ before: "deny", after: "mask" })
  })

  it("finds a table that moves to a data set with another home", () => {
    const { opens } = against((raw) => {
      delete raw.data_sets.customers.on.orders.tables["public.invoices"]
      raw.data_sets.open = { home: ["eu", "us"], on: { orders: { tables: { "public.invoices": {} } } } }
    })
    expect(opens.some(({ row }) => row.data_set === "public.invoices (customers → open)")).toBe(true)
    expect(opens.every(({ row }) => row.data_set.includes("invoices"))).toBe(true)
  })

  it("finds a table that is now in some data set, and columns that lose their mask", () => {
    const { opens, unmasks } = against((raw) => {
      raw.data_sets.customers.on.orders.tables["public.salaries"] = {}
      delete raw.data_sets.customers.on.orders.tables["public.customers"].ssn
    })
    expect(new Set(opens.map(({ row }) => row.data_set))).toEqual(
      new Set(["public.salaries (unclassified → customers)"])
    )
    expect(unmasks).toEqual([{ pipeline: "orders", resource: "public.customers", column: "ssn", kind: "us_ssn" }])
  })

  it("finds that somebody else sees it, though nothing else changed", () => {
    const old = worldOf(base)
    const moved = worldOf(base, { recorder: { at: "fr" } })
    const { opens } = differenceOf(old, moved, { at: now, issuers: [issuer] })
    expect(opens.length).toBeGreaterThan(0)
    expect(opens[0]!.sinks).toMatchObject([{ sink: "recorder", at: "fr" }])
    expect(reachOf(opens[0]!.row)).toBe(opens[0]!.before)
  })
})
