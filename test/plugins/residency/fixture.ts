import * as Schema from "effect/Schema"
import type { Identity, Operation, PolicyDocument, Receipt, Resource } from "../../../core/index.ts"
import { compileWorld } from "../../../plugins/residency/compile/compile-world.ts"
import type { Inputs } from "../../../plugins/residency/engine/inputs.ts"
import { judge } from "../../../plugins/residency/engine/judge.ts"
import { ResidencySection } from "../../../plugins/residency/schema.ts"
import type { World } from "../../../plugins/residency/world.ts"

export const issuer = "https://login.example.com"
export const kinds = ["email", "us_ssn", "phone", "card", "redact", "text"]

type Raw = Record<string, any>

/** The policy that the table of decisions is written against, as the file has it. */
export const section = (): Raw => ({
  otherwise: "deny",
  zones: { eu: { includes: ["de", "fr", "ie"] }, us: { includes: ["us-east", "us-west"] } },
  data_sets: {
    customers: {
      home: ["eu"],
      classes: ["personal"],
      masked: "counts",
      on: {
        orders: {
          tables: { "public.customers": { email: "email", ssn: "us_ssn", phone: "phone" }, "public.invoices": {} }
        }
      }
    }
  },
  parties: {
    "support-agent": {
      match: { issuer, subject: "agent-support-*" },
      at: "de",
      model: { at: "us-east", under: "us" },
      clearance: ["eu"],
      evidence: "asserted"
    },
    "home-agent": { match: { issuer, subject: "agent-home-*" }, at: "de", model: { at: "de" }, clearance: ["eu"] },
    "away-agent": { match: { issuer, subject: "agent-away-*" }, at: "us-east", clearance: ["eu"] },
    "us-agent": { match: { issuer, subject: "agent-us-*" }, at: "de", clearance: ["us"] },
    analyst: { match: { group: "analysts" }, at: { claim: "region" }, clearance: ["eu", "us"] }
  },
  transfers: [{
    id: "scc-2026-014",
    from: "eu",
    to: "us",
    data_sets: ["customers"],
    recipients: ["support-agent"],
    operations: ["read"],
    mechanism: "scc",
    requires: ["mask"],
    valid_until: "2027-06-30"
  }]
})

export const decode = (raw: unknown): ResidencySection =>
  Schema.decodeUnknownSync(ResidencySection)(raw, { onExcessProperty: "error", errors: "all" })

export const document = (raw: unknown, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  hash: "a".repeat(64),
  gateway: { name: "gw-1", at: "de" },
  residency: decode(raw),
  pipelines: [{
    name: "orders",
    at: "de",
    address: "orders-db.internal:5432",
    plugins: ["identity", "residency", "approval", "masking", "recording"],
    mode: "enforce"
  }],
  recorder: { at: "de" },
  issuers: [issuer],
  ...more
})

export const worldOf = (raw: unknown, more: Partial<PolicyDocument> = {}): World => {
  const { world, problems } = compileWorld(document(raw, more), { kinds })
  if (world === undefined) throw new Error(JSON.stringify(problems, undefined, 1))
  return world
}

export const identity = (subject: string, more: Partial<Identity> = {}): Identity => ({
  issuer,
  subject,
  groups: [],
  claims: {},
  ...more
})

export const table = (name: string, ...fields: ReadonlyArray<string>): Resource => ({ kind: "table", name, fields })
export const customers = table("public.customers", "name")

export const now = Date.parse("2026-11-22T12:00:00Z")

export interface Asking {
  readonly as?: string | Identity
  readonly actors?: ReadonlyArray<Identity>
  readonly kind?: Operation["kind"]
  readonly reads?: ReadonlyArray<Resource>
  readonly writes?: ReadonlyArray<Resource>
  readonly resolved?: boolean
  readonly seen?: Inputs["seen"]
  readonly spent?: Inputs["spent"]
  readonly now?: number
  readonly evidence?: Inputs["principal"]["evidence"]
  readonly pipeline?: string
}

export const inputs = (asking: Asking): Inputs => ({
  pipeline: asking.pipeline ?? "orders",
  principal: {
    ...(typeof asking.as === "object" ? asking.as : identity(asking.as ?? "agent-home-1")),
    actors: asking.actors ?? [],
    evidence: asking.evidence ?? "asserted"
  },
  operation: {
    kind: asking.kind ?? (asking.writes ? "write" : "read"),
    reads: asking.reads ?? (asking.writes ? [] : [customers]),
    writes: asking.writes ?? [],
    resolved: asking.resolved ?? true
  },
  seen: asking.seen ?? {},
  ...(asking.spent === undefined ? {} : { spent: asking.spent }),
  now: asking.now ?? now
})

export const ask = (world: World, asking: Asking): Receipt => judge(world, inputs(asking))
