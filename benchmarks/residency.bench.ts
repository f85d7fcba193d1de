import * as Schema from "effect/Schema"
import { parse } from "yaml"
import type { Operation, PolicyDocument, Principal } from "../core/index.ts"
import { Decisions } from "../plugins/residency/decisions.ts"
import { compileWorld, inputsOf, judge, ResidencySection } from "../plugins/residency/index.ts"
import { tableResidency } from "../test/fixtures/residency-table.ts"
import type { Figure } from "./measure/figure.ts"
import { micro } from "./measure/micro.ts"

const NOW = Date.parse("2026-11-01T00:00:00Z")

const policy: PolicyDocument = {
  hash: "0".repeat(64),
  gateway: { name: "bench", at: "de" },
  residency: Schema.decodeUnknownSync(ResidencySection)(parse(tableResidency(undefined, "2099-06-30"))),
  pipelines: [{
    name: "orders",
    at: "de",
    address: "orders-db.internal:5432",
    plugins: ["identity", "residency", "masking"],
    mode: "enforce"
  }],
  recorder: { at: "de" },
  issuers: ["https://issuer.test"]
}

const principal: Principal = {
  issuer: "https://issuer.test",
  subject: "support-agent-1",
  groups: [],
  claims: {},
  actors: [],
  evidence: "asserted",
  expiresAt: undefined
}

const operation: Operation = {
  kind: "read",
  reads: [{ kind: "table", name: "public.customers", fields: ["name"] }],
  writes: [],
  resolved: true,
  digest: "",
  summary: ""
}

/** What the residency engine costs: an answer given before, and one judged afresh with its receipt. */
export const measure = function*(): Iterable<Figure> {
  const { problems, world } = compileWorld(policy)
  if (world === undefined) throw new Error(problems.map(({ message }) => message).join("\n"))
  const occasion = { pipeline: "orders", principal, operation, asked: operation, now: NOW }
  const decisions = new Decisions()
  yield micro("residency: a decision given before", "ns", 1, () => {
    decisions.decide(world, occasion)
  })
  yield micro("residency: a decision judged afresh", "ns", 1, () => {
    judge(world, inputsOf(world, occasion))
  })
}
