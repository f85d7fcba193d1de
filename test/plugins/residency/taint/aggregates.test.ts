import { describe, expect, it } from "vitest"
import type { Aggregation, Statement } from "../../../../core/family/sql/index.ts"
import { compileWorld } from "../../../../plugins/residency/index.ts"
import { table } from "../fixture.ts"
import { column } from "../harness.ts"
import { openGateway, policy, SharedState, writes } from "./gateways.ts"

const agent = { agent: "agent-1", run: "r1" }
const whole: Aggregation = { table: "public.customers", groupedBy: [], rowsMin: 50 }

const averages = (aggregation: Aggregation | undefined, more: Partial<Statement> = {}): Partial<Statement> => ({
  kind: "read",
  reads: [table("public.customers", "score")],
  results: [{ columns: [column("score", "derived")], ...(aggregation === undefined ? {} : { aggregation }) }],
  text: "select avg(score) from customers having count(score) >= 50",
  ...more
})

/** A run that has asked for this, and then writes to the US. */
const after = async (
  asked: Partial<Statement>,
  aggregates: object | undefined,
  change: (raw: any) => void = () => {}
) => {
  const state = new SharedState()
  const { connect } = openGateway(
    state.view(),
    policy({}, (raw) => {
      if (aggregates !== undefined) raw.data_sets.customers.aggregates = aggregates
      change(raw)
    })
  )
  const first = await connect("eu", agent).ask(asked)
  expect(first.verdict._tag).toBe("Allow")
  const { receipt, verdict } = await connect("us", agent).ask(writes("notes"))
  const atoms = JSON.parse(state.values.get("taint [\"run\",\"r1\",\"https://login.example.com\"]")!).atoms
  return { form: atoms[0].form, receipt, code: verdict._tag === "Deny" ? verdict.code : undefined }
}

const leaves = { rows_min: 50, leaves: true }

describe("the columns that aggregates are grouped by", () => {
  const problems = (group_by: ReadonlyArray<string>, change: (raw: any) => void = () => {}) =>
    compileWorld(policy({}, (raw) => {
      raw.data_sets.customers.aggregates = { ...leaves, group_by }
      change(raw)
    })).problems.filter(({ severity }) => severity === "error")
  it.each<[string, ReadonlyArray<string>, ((raw: any) => void)?]>([
    ["has a kind", ["email"]],
    ["has a kind in its table", ["city", "public.customers.email"]],
    ["has the kind of all of them", ["city"], (raw) => {
      raw.data_sets.customers.on.eu.tables["public.customers"] = { "*": "redact" }
    }],
    ["identifies a person", ["id"], (raw) => raw.data_sets.customers.subject = "public.customers.id"],
    ["is of no table of it", ["public.invoices.city"]]
  ])("cannot be one that %s", (_, names, change) => {
    expect(problems(names, change)).toHaveLength(1)
  })
  it("can be any other", () => expect(problems(["city", "public.customers.country"])).toEqual([]))
})

describe("T5, aggregates", () => {
  it("leave where the data set says so, and cite that", async () => {
    const { code, form, receipt } = await after(averages(whole), leaves)
    expect([form, code]).toEqual(["aggregate", undefined])
    expect(receipt.checks).toContainEqual(
      expect.objectContaining({ check: "taint", outcome: "allow", cites: "aggregates: leaves" })
    )
  })
  it("are told apart, and stay, where it does not say that they leave", async () => {
    const { code, form, receipt } = await after(averages(whole), { rows_min: 50 })
    expect([form, code]).toEqual(["aggregate", "taint"])
    expect(JSON.stringify(receipt.checks)).toContain("customers was seen in aggregates at")
  })
  it.each<[string, Partial<Statement>, object | undefined, ((raw: any) => void)?]>([
    ["a data set that does not opt in", averages(whole), undefined],
    ["a row too few", averages({ ...whole, rowsMin: 49 }), leaves],
    ["what is not proven", averages(undefined), leaves],
    ["groups that the file does not name", averages({ ...whole, groupedBy: ["city"] }), leaves],
    ["groups of another table", averages({ ...whole, groupedBy: ["city"] }), {
      ...leaves,
      group_by: ["public.invoices.city"]
    }, (raw) => raw.data_sets.customers.on.eu.tables["public.invoices"] = {}],
    [
      "another table of the data set beside it",
      averages(whole, {
        reads: [table("public.customers", "score"), table("public.invoices")]
      }),
      leaves,
      (raw) => raw.data_sets.customers.on.eu.tables["public.invoices"] = {}
    ],
    ["a bulk export", averages(whole, { kind: "export" }), leaves],
    [
      "a second result",
      averages(whole, {
        results: [...averages(whole).results!, { columns: [column("name")] }]
      }),
      leaves
    ]
  ])("are the data itself: %s", async (_, asked, aggregates, change) => {
    const { code, form } = await after(asked, aggregates, change)
    expect([form, code]).toEqual(["clear", "taint"])
  })
  it("may be grouped by what the file names, also through a partition's parent", async () => {
    const grouped = averages({ ...whole, groupedBy: ["city"] }, {
      reads: [table("public.customers", "score"), {
        ...table("public.customers_de", "score"),
        within: ["public.customers"]
      }]
    })
    for (const name of ["city", "public.customers.city"]) {
      expect((await after(grouped, { ...leaves, group_by: [name] })).form).toBe("aggregate")
    }
  })
  it("wash nothing that was written into the table", async () => {
    const { connect } = openGateway(
      new SharedState().view(),
      policy({}, (raw) => raw.data_sets.customers.aggregates = leaves)
    )
    await connect("eu", { agent: "agent-2", run: "r2" }).ask({
      ...writes("customers"),
      text: "update customers set score = salary"
    })
    await connect("eu", agent).ask(averages(whole))
    expect((await connect("us", agent).ask(writes("notes"))).verdict).toMatchObject({ code: "taint" })
  })
})
