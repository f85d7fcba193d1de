import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import type { PolicyDocument, Receipt } from "../../../core/index.ts"
import { compileWorld } from "../../../plugins/residency/compile/compile-world.ts"
import type { Atom, Inputs } from "../../../plugins/residency/engine/inputs.ts"
import { judge } from "../../../plugins/residency/engine/judge.ts"
import type { World } from "../../../plugins/residency/world.ts"
import { arbitraryInputs, arbitrarySection, arbitrarySurroundings, documentOf } from "./arbitrary.ts"
import { decode } from "./fixture.ts"
import { naive } from "./naive.ts"

vi.setConfig({ testTimeout: 300_000 })

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 2000)
/** How many worlds the engine and the naive model must agree on, and how many flows in each: 10,000 answers. */
const worlds = Number(process.env["FUZZ_RUNS"] ?? 2500)
const flowsEach = 4
const strictness = ["allow", "mask", "approve", "deny"]
const strict = (receipt: Receipt): number => strictness.indexOf(receipt.decision)

const worldsOf = new WeakMap<PolicyDocument, ReturnType<typeof compileWorld>>()

const compiled = (document: PolicyDocument): World => {
  const known = worldsOf.get(document) ?? compileWorld(document)
  worldsOf.set(document, known)
  const { world, problems } = known
  if (world === undefined) fc.pre(problems.every(({ message }) => !/has no place|ends before/.test(message)))
  if (world === undefined) throw new Error(JSON.stringify(problems))
  return world
}

type Engine = (document: PolicyDocument, inputs: Inputs) => Receipt
const engine: Engine = (document, inputs) => judge(compiled(document), inputs)

/** An engine whose world was tampered with. */
const tampered = (change: (world: any, document: PolicyDocument) => object): Engine => (document, inputs) => {
  const world = compiled(document)
  return judge({ ...world, ...change(world, document) }, inputs)
}

/** Changes every data set of a world, wherever it is kept. */
const eachDataSet = (change: (dataSet: any, document: PolicyDocument) => object): Engine =>
  tampered((world, document) => {
    const sets = new Map([...world.dataSets].map(([name, set]: any) => [name, { ...set, ...change(set, document) }]))
    const again = (one: any) => ({ ...one, dataSet: sets.get(one.dataSet.name) })
    const index = ({ exact, patterns }: any) => ({
      exact: new Map([...exact].map(([name, all]) => [name, all.map(again)])),
      patterns: patterns.map(again)
    })
    const pipelines = new Map([...world.pipelines].map(([name, pipeline]: any) => [name, {
      ...pipeline,
      selectors: Object.fromEntries(Object.entries(pipeline.selectors).map(([kind, one]) => [kind, index(one)])),
      dataSets: pipeline.dataSets.map(({ name: set }: any) => sets.get(set))
    }]))
    return { dataSets: sets, pipelines }
  })
const eachTransfer = (change: (transfer: any) => object): Engine =>
  eachDataSet(({ transfers }) => ({ transfers: transfers.map((one: any) => ({ ...one, ...change(one) })) }))
const eachParty = (change: (party: any) => object): Engine =>
  tampered((world) => ({ parties: world.parties.map((party: any) => ({ ...party, ...change(party) })) }))

const situation = fc.tuple(arbitrarySection, arbitrarySurroundings, arbitraryInputs)
type Situation = Parameters<Parameters<typeof situation.map>[0]>[0]
const holds = (property: fc.IProperty<any>, runs = numRuns) => fc.assert(property, { numRuns: runs })
/** Whether the property finds the fault. */
const kills = (property: fc.IProperty<any>): boolean => fc.check(property, { numRuns: 6000, endOnFailure: true }).failed

const everywhere = new Set(["p1", "p2", "p3"])
const formed = (atoms: ReadonlyArray<Atom>, form: Atom["form"]) => atoms.map((atom) => ({ ...atom, form }))

describe("the engine and the naive model", () => {
  const flows = fc.array(arbitraryInputs, { minLength: flowsEach, maxLength: flowsEach })
  const agrees = (judged: Engine) =>
    fc.property(arbitrarySection, arbitrarySurroundings, flows, (raw, around, all) => {
      const document = documentOf(raw, around)
      for (const inputs of all) {
        const receipt = judged(document, inputs)
        const answered = {
          decision: receipt.decision,
          code: receipt.code,
          obligations: receipt.obligations.map((one) => `${one.obligation} ${one.data_set} ${one.cites}`).toSorted()
        }
        const wanted = naive(document, inputs)
        if (JSON.stringify(answered) !== JSON.stringify(wanted)) expect(answered).toEqual(wanted)
      }
    })
  it("agree on every world", () => holds(agrees(engine), worlds))

  it("meet every answer and every code", () => {
    const met = new Map<string, number>()
    for (const [raw, around, inputs] of fc.sample(situation, { numRuns: 4000, seed: 7 })) {
      const document = documentOf(raw, around)
      if (compileWorld(document).world === undefined) continue
      const { decision, code } = engine(document, inputs)
      met.set(code ?? decision, (met.get(code ?? decision) ?? 0) + 1)
    }
    for (
      const answer of [
        "allow",
        "mask",
        "approve",
        "identity",
        "unresolved",
        "unclassified",
        "clearance",
        "evidence",
        "residency",
        "taint",
        "rule"
      ]
    ) {
      expect(met.get(answer) ?? 0, answer).toBeGreaterThan(10)
    }
  })

  const mutants: Readonly<Record<string, Engine>> = {
    "forgets the recorder": tampered(() => ({ recorder: undefined })),
    "believes the gateway to be anywhere": tampered((world) => ({
      gateway: { name: "p1", places: world.zones.get("p1") }
    })),
    "lets transfers live for ever": eachTransfer(() => ({ until: Infinity })),
    "lets transfers live a day less": eachTransfer((one) => ({ until: one.until - 86_400_000 })),
    "lets transfers live a millisecond longer": eachTransfer((one) => ({ until: one.until + 1 })),
    "forgets what transfers require": eachTransfer(() => ({ mask: false })),
    "forgets approvals": eachTransfer(() => ({ approve: false })),
    "takes the rows of all homes for one's own": eachDataSet(() => ({ rows: undefined })),
    "believes every statement to be confined": (document, inputs) =>
      engine(document, { ...inputs, homes: { a: ["z1"], b: ["z1"] } }),
    "does not see that a statement is confined": (document, inputs) => engine(document, { ...inputs, homes: {} }),
    "takes every row that is written for one of z1": (document, inputs) =>
      engine(document, { ...inputs, written: { a: ["z1"], b: ["z1"] } }),
    "does not see which rows are written": (document, inputs) => engine(document, { ...inputs, written: {} }),
    "takes the rows that are written for those that are read": (document, inputs) =>
      engine(document, { ...inputs, homes: inputs.written! }),
    "forgets caps": (document, inputs) => engine(document, { ...inputs, spent: [] }),
    "takes a cap for its double": (document, inputs) =>
      engine(document, { ...inputs, spent: inputs.spent!.map((one) => ({ ...one, level: "twice" })) }),
    "lets writes leave uncounted": eachTransfer(() => ({ cap: undefined })),
    "takes any recipient": eachTransfer(() => ({ recipients: undefined })),
    "takes any operation": eachTransfer(() => ({ operations: { has: () => true } })),
    "takes transfers from anywhere": eachTransfer(() => ({ source: everywhere })),
    "takes transfers to anywhere": eachTransfer(() => ({ to: everywhere })),
    "clears everyone": eachParty(() => ({ clearance: everywhere })),
    "forgets models": eachParty(() => ({ model: undefined })),
    "takes the least specific party": tampered((world) => ({ parties: [...world.parties].reverse() })),
    "forgets evidence": eachDataSet(() => ({ evidence: undefined })),
    "lets masks leave": eachDataSet(() => ({ masked: "leaves" })),
    "forgets exceptions": eachDataSet(() => ({ exceptions: [] })),
    "denies what should be approved": eachDataSet(() => ({ otherwise: "deny" })),
    "forgets rules": tampered(() => ({ rules: [] })),
    "lets the unclassified pass": tampered(() => ({ otherwise: "allow" })),
    "knows no endpoint": tampered(() => ({ endpoints: new Map() })),
    "forgets what runs have seen": (document, inputs) =>
      engine(document, { ...inputs, ...(inputs.taint && { taint: { ...inputs.taint, atoms: [], shipped: [] } }) }),
    "lets every read of a run pass": tampered((world) => ({
      taint: { ...world.taint, mode: "balanced", literalBytesMax: Infinity }
    })),
    "lets no read of a run pass": tampered(({ taint }) => ({
      taint: { ...taint, mode: taint.mode === "off" ? "off" : "strict" }
    })),
    "takes masked for clear": (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && { taint: { ...inputs.taint, atoms: formed(inputs.taint.atoms, "clear") } })
      }),
    "forgets of which homes rows were seen": (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && {
          taint: { ...inputs.taint, atoms: inputs.taint.atoms.map(({ homes: _homes, ...atom }) => atom) }
        })
      }),
    "takes clear for masked": (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && { taint: { ...inputs.taint, atoms: formed(inputs.taint.atoms, "masked") } })
      }),
    "takes aggregates for clear": (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && {
          taint: {
            ...inputs.taint,
            atoms: inputs.taint.atoms.map((atom) => atom.form === "aggregate" ? { ...atom, form: "clear" } : atom)
          }
        })
      }),
    "takes clear for aggregates": (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && { taint: { ...inputs.taint, atoms: formed(inputs.taint.atoms, "aggregate") } })
      }),
    "lets aggregates out that may not": eachDataSet(({ aggregates }) => ({
      aggregates: aggregates && { ...aggregates, leaves: true }
    })),
    "forgets what clings to what is shipped": (document, inputs) =>
      engine(document, { ...inputs, ...(inputs.taint && { taint: { ...inputs.taint, shipped: [] } }) }),
    "forgets actors": (document, inputs) =>
      engine(document, { ...inputs, principal: { ...inputs.principal, actors: [] } }),
    "forgets writes": (document, inputs) =>
      engine(document, { ...inputs, operation: { ...inputs.operation, writes: [] } })
  }
  it.each(Object.keys(mutants))("find out an engine that %s", (name) => {
    expect(kills(agrees(mutants[name]!))).toBe(true)
  })
})

describe("the order of the file", () => {
  const shuffled = <A>(seed: number, list: ReadonlyArray<A>): Array<A> =>
    list.map((item, index) => ({ item, key: Math.imul(index + 1, seed * 2 + 1) % 101 })).toSorted((a, b) =>
      a.key - b.key
    )
      .map(({ item }) => item)
  const reorder = (seed: number, value: any): any => {
    if (Array.isArray(value)) return shuffled(seed, value.map((one) => reorder(seed, one)))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(shuffled(seed, Object.entries(value)).map(([key, one]) => [key, reorder(seed, one)]))
  }
  const orderless = (judged: Engine, situations = situation) =>
    fc.property(situations, fc.integer({ min: 1, max: 50 }), ([raw, around, inputs], seed) => {
      const document = documentOf(raw, around)
      const other = { ...documentOf(reorder(seed, raw), around), pipelines: [...document.pipelines].reverse() }
      expect(judged(other, inputs)).toEqual(judged(document, inputs))
    })
  it("changes no receipt", () => holds(orderless(engine)))
  it("is missed when exceptions are taken as they stand", () => {
    const asWritten = eachDataSet(({ exceptions }, document) => {
      const ids = (document.residency as any).exceptions.map(({ id }: any) => id)
      return { exceptions: [...exceptions].toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)) }
    })
    // Both cover whatever crosses a border by then: rare in worlds that are drawn at random.
    const all = { reason: "r", owner: "o", to: "z3", recipients: "any", valid_until: "2099-01-01" }
    const both = situation.map(([raw, around, inputs]): Situation => {
      const exceptions = ["e0", "e1"].map((id) => ({ ...all, id, data_sets: Object.keys(raw.data_sets) }))
      return [{ ...raw, exceptions, transfers: [] }, around, inputs]
    })
    expect(kills(orderless(asWritten, both))).toBe(true)
  })
  it("is missed when rules are taken as they stand", () => {
    const asWritten = tampered((world, document) => {
      const names = (document.residency as any).rules.map(({ name }: any) => name)
      return { rules: [...world.rules].toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)) }
    })
    expect(kills(orderless(asWritten))).toBe(true)
  })
})

describe("stricter stays stricter", () => {
  const deny = (kind: string) => ({ name: "zz", when: `operation.kind == "${kind}"`, then: "deny" })
  const denials: ReadonlyArray<readonly [string, (raw: any, inputs: Inputs) => any]> = [
    ["a rule", (raw, inputs) => ({ ...raw, rules: [...raw.rules, deny(inputs.operation.kind)] })],
    [
      "less clearance",
      (raw) => ({ ...raw, parties: { ...raw.parties, agents: { ...raw.parties.agents, clearance: [] } } })
    ],
    [
      "a party without a place",
      (raw) => ({ ...raw, parties: { ...raw.parties, exact: { ...raw.parties.exact, at: undefined } } })
    ],
    [
      "more evidence",
      (raw) => ({ ...raw, data_sets: { ...raw.data_sets, a: { ...raw.data_sets.a, evidence: "attested" } } })
    ],
    [
      "deny instead of approve",
      (raw) => ({ ...raw, data_sets: { ...raw.data_sets, a: { ...raw.data_sets.a, otherwise: "deny" } } })
    ],
    [
      "masks that count",
      (raw) => ({ ...raw, data_sets: { ...raw.data_sets, a: { ...raw.data_sets.a, masked: "counts" } } })
    ],
    ["no data outside data sets", (raw) => ({ ...raw, otherwise: "deny" })],
    ["no approvals of the unknown", (raw) => ({ ...raw, unresolved: "deny" })],
    ["no exceptions", (raw) => ({ ...raw, exceptions: [] })]
  ]
  /** Undefined values are absent in a file. */
  const tidy = (raw: any): any => JSON.parse(JSON.stringify(raw))
  const closes = (judged: Engine) =>
    fc.property(situation, fc.constantFrom(...denials), ([raw, around, inputs], [, change]) => {
      const before = judged(documentOf(raw, around), inputs)
      const after = judged(documentOf(tidy(change(raw, inputs)), around), inputs)
      expect(strict(after)).toBeGreaterThanOrEqual(strict(before))
    })
  it("adding a denial never opens", () => holds(closes(engine)))
  it("is missed when the last check decides", () => {
    const last: Engine = (document, inputs) => {
      const receipt = engine(document, inputs)
      return {
        ...receipt,
        decision: receipt.checks.findLast(({ check }) => check !== "identity")?.outcome ?? "allow"
      }
    }
    expect(kills(closes(last))).toBe(true)
  })

  const sees = (judged: Engine) =>
    fc.property(situation, situation, ([raw, around, inputs], [, , { taint }]) => {
      fc.pre(inputs.taint !== undefined && taint !== undefined)
      const document = documentOf(raw, around)
      const more = { ...inputs.taint, atoms: [...inputs.taint.atoms, ...taint.atoms] }
      expect(strict(judged(document, { ...inputs, taint: more }))).toBeGreaterThanOrEqual(
        strict(judged(document, inputs))
      )
    })
  it("having seen more never opens", () => holds(sees(engine), 500))
  it("is missed when only the latest counts", () => {
    const latest: Engine = (document, inputs) =>
      engine(document, {
        ...inputs,
        ...(inputs.taint && { taint: { ...inputs.taint, atoms: inputs.taint.atoms.slice(-1) } })
      })
    expect(kills(sees(latest))).toBe(true)
  })

  // A transfer stands before an exception, so taking one away may uncover an exception: only that may open.
  const removes = (judged: Engine) =>
    fc.property(situation, fc.nat(5), fc.constantFrom([], ["approve"]), ([raw, around, inputs], index, requires) => {
      const transfers = raw.transfers.flatMap((one: any) => [one, { ...one, id: `${one.id}-twin`, requires }])
      fc.pre(transfers.length > index)
      const before = judged(documentOf({ ...raw, transfers }, around), inputs)
      const after = judged(documentOf({ ...raw, transfers: transfers.toSpliced(index, 1) }, around), inputs)
      const uncovered = after.checks.some(({ cites }) => raw.exceptions.some(({ id }: any) => id === cites))
      if (!uncovered) expect(strict(after)).toBeGreaterThanOrEqual(strict(before))
    })
  it("removing a transfer never opens", () => holds(removes(engine)))
  it("is missed when the strictest transfer is taken", () => {
    const strictest = eachDataSet(({ transfers }) => ({
      transfers: transfers.some(({ approve }: any) => approve)
        ? transfers.filter(({ approve }: any) => approve)
        : transfers
    }))
    expect(kills(removes(strictest))).toBe(true)
  })

  const withoutException = (judged: Engine) =>
    fc.property(situation, ([raw, around, inputs]) => {
      fc.pre(raw.exceptions.length > 0)
      const before = judged(documentOf(raw, around), inputs)
      const after = judged(documentOf({ ...raw, exceptions: raw.exceptions.slice(1) }, around), inputs)
      expect(strict(after)).toBeGreaterThanOrEqual(strict(before))
    })
  it("removing an exception never opens", () => holds(withoutException(engine), 1000))
  it("is missed when exceptions end transfers", () => {
    const ending = eachDataSet(({ exceptions, transfers }) => ({ transfers: exceptions.length > 1 ? [] : transfers }))
    expect(kills(withoutException(ending))).toBe(true)
  })
})

describe("a receipt", () => {
  const reruns = (judged: Engine) =>
    fc.property(situation, ([raw, around, inputs]) => {
      const document = documentOf(raw, around)
      const stored = JSON.stringify(inputs)
      const receipt = judged(document, inputs)
      expect(judged({ ...document, residency: decode(document.residency) }, JSON.parse(stored))).toEqual(receipt)
      expect(JSON.stringify(inputs)).toBe(stored)
      expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt)
    })
  it("is the same whenever it is made again from what was stored", () => holds(reruns(engine)))
  it("would not be with a clock inside", () => {
    let tick = 0
    const clock: Engine = (document, inputs) => engine(document, { ...inputs, now: inputs.now + tick++ })
    expect(kills(reruns(clock))).toBe(true)
  })
})
