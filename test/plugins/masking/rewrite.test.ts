import { describe, expect, it } from "vitest"
import { Inference } from "../../../core/index.ts"
import type { Projection, Statement } from "../../../core/family/sql/index.ts"
import type { Handling } from "../../../plugins/masking/handling.ts"
import { Masks } from "../../../plugins/masking/masks.ts"
import { Memory } from "../../../plugins/masking/detection/index.ts"
import masking from "../../../plugins/masking/index.ts"
import { copy, derived, exchangeOf, refOf, statementOf, type StatementOptions, use } from "./fakes.ts"

const SSN = "public.customers.ssn"
const BORN = "public.customers.born"
const protect = [SSN, BORN].map((path) => ({ data_set: "people", ...refOf(path), kind: "us_ssn" }))

const masks = new Masks({}, new Map())

/** What the plugin makes of a statement, whose protocol rewrites it to `rewritten`. */
const hear = (
  options: StatementOptions,
  config: Partial<Handling>,
  rewritten: StatementOptions = {},
  using = masks
) => {
  const hooks = masking.connect({ id: "1", now: () => 0 } as never, {
    config,
    resources: { masks: using, memory: new Memory() }
  })
  if ("_tag" in hooks) throw new Error("refused")
  const asked: Array<Projection> = []
  const operation: Statement = {
    ...statementOf(options),
    project: (projection) => {
      asked.push(projection)
      return { ...statementOf(rewritten), rewritten: true }
    }
  }
  const exchange = exchangeOf(operation, { protect })
  const set: Array<unknown> = []
  const note = (fact: unknown, value: unknown) => void (fact === Inference && set.push(value))
  hooks.inspect?.(Object.assign(exchange, { set: note }) as never)
  const answer = hooks.rewrite!(exchange)
  const decided = hooks.decide!(answer === undefined || "_tag" in answer ? exchange : exchangeOf(answer, { protect }))
  const given = asked.map(({ mask }) => [SSN, BORN].map((path) => mask?.(refOf(path))))
  return { answer, decided: decided as { readonly _tag: string; readonly message?: string }, masks: given, set }
}

const upper = { uses: [use(SSN, "transform")], results: [[derived("upper", SSN)]] }

describe("what masking has rewritten", () => {
  it("is a column that is computed with, and no other", () => {
    const { decided, masks } = hear({ ...upper, results: [[derived("upper", SSN), copy(BORN)]] }, {})
    expect(masks).toEqual([["***-**-****", undefined]])
    expect(decided._tag).toBe("Allow")
  })
  it("is an output that nobody says a use of, as of a materialised view", () => {
    expect(hear({ results: [[derived("x", SSN)]] }, {}).masks).toEqual([["***-**-****", undefined]])
  })
  it.each<[string, StatementOptions, Partial<Handling>]>([
    ["a bare output", { results: [[copy(SSN)]] }, {}],
    ["a test for NULL", { uses: [use(SSN, "presence")] }, {}],
    ["a column that is not protected", { uses: [use("public.customers.city", "transform")] }, {}],
    ["a condition", { ...upper, uses: [...upper.uses, use(SSN, "predicate")] }, {}],
    ["a write", { ...upper, uses: [...upper.uses, use(SSN, "write")] }, { predicates: "masked" }],
    ["anything, where that is refused", upper, { derived: "deny" }],
    ["what is not resolved", { ...upper, resolved: false }, {}]
  ])("is not %s", (_name, options, config) => expect(hear(options, config).masks).toEqual([]))

  it("is compared too, where masks are", () => {
    const options = { uses: [use(SSN, "predicate"), use(BORN, "order")] }
    expect(hear(options, { predicates: "masked" }).masks).toEqual([["***-**-****", "***-**-****"]])
    expect(hear(options, { predicates: "masked", derived: "deny" }).masks).toHaveLength(1)
  })
  it("is never what is compared in clear as well", () => {
    const { answer } = hear({ ...upper, uses: [use(SSN, "transform"), use(SSN, "join")] }, { predicates: "allow" })
    expect(answer).toMatchObject({ _tag: "Deny", message: expect.stringContaining("one statement") })
  })
  it.each(["predicates: masked", "predicates: deny", "predicates: allow"])("is proven: with %s", (name) => {
    const config = { predicates: name.split(": ")[1] as Handling["predicates"] }
    // A rewriting that missed a place: what is left is judged like anything else.
    const { decided } = hear(upper, config, upper)
    expect(decided).toMatchObject({ _tag: "Deny", message: expect.stringContaining("computed with") })
  })
})

describe("a column of which less than a mask is shown", () => {
  const under = (of: "null" | "deny") => new Masks({ masks: { us_ssn: { use: of } } }, new Map())

  it("is read as NULL, whatever it holds, where NULL is its mask", () => {
    expect(hear(upper, {}, {}, under("null")).masks).toEqual([[null, undefined]])
  })
  it.each(["null", "deny"] as const)("does not show its presence, under %s", (of) => {
    expect(hear({ uses: [use(SSN, "presence")] }, {}, {}, under(of)).decided._tag).toBe("Deny")
    expect(hear({ uses: [use(SSN, "presence")] }, { predicates: "masked" }, {}, under(of)).decided._tag).toBe("Deny")
  })
  it("is not even computed with, under deny, though a rewriting would take it out", () => {
    expect(hear(upper, {}, {}, under("deny")).answer).toMatchObject({ _tag: "Deny" })
  })
})

describe("a column that chooses which rows are read", () => {
  it("is not masked under the condition", () => {
    const confined = [{ ...refOf(SSN), among: ["0"] }]
    const { answer } = hear({ uses: [use(SSN, "predicate")], confined }, { predicates: "masked" })
    expect(answer).toMatchObject({ _tag: "Deny", message: expect.stringContaining("which rows") })
  })
})

describe("what is compared in clear", () => {
  const compared = { uses: [use(SSN, "predicate"), use(SSN, "join")] }
  it("is allowed where the file says so, and counted", () => {
    const { decided, masks, set } = hear(compared, { predicates: "allow" })
    expect([decided._tag, masks]).toEqual(["Allow", []])
    expect(set).toEqual([{ columns: [SSN], count: 1 } satisfies Inference])
  })
  it("is not explained", () => {
    const hooks = masking.connect({ id: "1" } as never, {
      config: { predicates: "allow" },
      resources: { masks, memory: new Memory() }
    })
    if ("_tag" in hooks) throw new Error("refused")
    const operation = { ...statementOf(compared), tags: ["EXPLAIN"] }
    expect(hooks.decide!(exchangeOf(operation, { protect }))).toMatchObject({ _tag: "Deny" })
  })
})
