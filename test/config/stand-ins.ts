import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Builtins } from "../../config/builtins.ts"
import {
  allow,
  Any,
  definePlugin,
  defineService,
  deny,
  Ledger,
  pluginError,
  Policy,
  Principal,
  Protection,
  Readers,
  Receipt,
  Secrets,
  Tokens
} from "../../core/index.ts"
import { Sql, type Statement } from "../../core/family/sql/index.ts"
import { defineFamily, type Operation } from "../../core/family/index.ts"
import { defineProtocol } from "../../core/protocol/index.ts"

const statement = (text: string): Statement => {
  const table = /from (\w+)/.exec(text)?.[1]
  const kind = text.startsWith("select")
    ? (table === undefined ? "session" : "read")
    : text.startsWith("insert")
    ? "write"
    : "unknown"
  return {
    kind,
    reads: table === undefined ? [] : [{ kind: "table", name: `public.${table}` }],
    writes: [],
    resolved: kind !== "unknown",
    digest: "0",
    summary: text,
    text,
    phase: "simple",
    tags: [],
    results: [],
    uses: [],
    rewritten: false
  }
}

const unused = (): never => {
  throw new Error("nothing is opened in these tests")
}

/** Speaks SQL as far as `select … from TABLE` goes; knows the tables of a text of definitions. */
export const tinySql = defineProtocol({
  name: "postgres",
  family: Sql,
  config: Schema.Struct({
    strict: Schema.optionalKey(Schema.Boolean.annotate({ description: "Be strict." })),
    client_certificate: Schema.optionalKey(Schema.String.annotate({ description: "What certificates are for." }))
  }),
  defaultPort: 5432,
  codec: () => unused,
  ask: statement,
  analysis: (_config, definitions) =>
    definitions._tag === "Live"
      ? Effect.as(definitions.reader(undefined), { open: unused })
      : Effect.succeed({
        open: () =>
          Effect.succeed({
            analyse: ({ operation }) =>
              operation.reads.every(({ name }) => definitions.text.includes(name.replace("public.", "table ")))
                ? operation
                : { ...operation, resolved: false, unresolved: "a relation that is not known" },
            settle: () => {},
            ready: () => {},
            settings: new Map()
          })
      })
})

const Http = defineFamily<Operation>("http")

export const httpOnly = definePlugin({
  name: "http-only",
  family: Http,
  config: Schema.Struct({}),
  connect: () => ({})
})
export const identity = definePlugin({
  name: "identity",
  family: Any,
  config: Schema.Struct({
    groups_claim: Schema.optionalKey(Schema.String.annotate({ description: "The claim that lists groups." })),
    trust_domain: Schema.optionalKey(Schema.String.annotate({ description: "Whose workloads log in." }))
  }),
  requires: [Tokens],
  provides: [Principal],
  connect: () => ({})
})

/** Judges by the group alone, which is enough to see that a receipt comes through. */
export const residency = definePlugin({
  name: "residency",
  family: Any,
  config: Schema.Struct({}),
  requires: [Principal, Policy],
  provides: [Receipt, Protection],
  acquire: () => Effect.map(Policy, (policy) => policy),
  connect: (session, { resources: policy }) => ({
    inspect(exchange) {
      const { actors, groups, issuer } = exchange.get(Principal)
      const decision = !exchange.operation.resolved ? "deny" : groups.includes("analysts") ? "mask" : "allow"
      exchange.set(Receipt, {
        decision,
        ...(decision === "deny" ? { code: "unresolved" } : {}),
        operation: exchange.operation.kind,
        reads: exchange.operation.reads.map(({ name }) => name),
        writes: [],
        sinks: [{ sink: "caller", at: "de" }, ...actors.map(({ subject }) => ({ sink: `actor:${subject}`, at: "de" }))],
        checks: [{ check: "home", outcome: decision, cites: "scc-1", reason: `${issuer} at ${session.now()}` }],
        obligations: decision === "mask" ? [{ obligation: "mask", data_set: "customers", cites: "scc-1" }] : [],
        outcome: decision,
        policy: policy.current().hash,
        inputs: "00"
      })
    },
    decide: ({ operation }) => operation.resolved ? allow : deny("unresolved", "What this touches is not known.")
  })
})

export const masking = definePlugin({
  name: "masking",
  family: Sql,
  config: Schema.Struct({
    reveal_to_group: Schema.optionalKey(Schema.String.annotate({ description: "Who sees clear values." }))
  }),
  requires: [Principal, Protection],
  connect: () => ({})
})

export const recording = definePlugin({
  name: "recording",
  family: Any,
  config: Schema.Struct({
    answers: Schema.optionalKey(Schema.Boolean.annotate({ description: "Record answers too." })),
    keep_days: Schema.optionalKey(
      Schema.Int.annotate({ description: "Delete after so many days." }).check(
        Schema.isBetween({ minimum: 1, maximum: 36500 }, { message: "must be a whole number from 1 to 36500" })
      )
    )
  }),
  requires: [Principal, Protection, Ledger],
  acquire: unused,
  connect: () => ({})
})

export const oidc = defineService({
  name: "oidc",
  config: Schema.Struct({
    issuer: Schema.String.annotate({ description: "Whose tokens are trusted." }),
    audience: Schema.String.annotate({ description: "Whom tokens must be meant for." }),
    jwks_file: Schema.optionalKey(Schema.String)
  }),
  provides: Tokens,
  layer: unused
})

export const env = defineService({
  name: "env",
  config: Schema.Struct({}),
  provides: Secrets,
  layer: () => Layer.succeed(Secrets, { fetch: () => Effect.succeed(Redacted.make("gateway:secret")) })
})

export const files = defineService({
  name: "files",
  config: Schema.Struct({ directory: Schema.String, at: Schema.String }),
  provides: Ledger,
  layer: unused
})

export const catalogue = defineService({
  name: "catalogue",
  config: Schema.Struct({}),
  provides: Readers,
  layer: () =>
    Layer.succeed(Readers, { open: () => Effect.fail(pluginError("catalogue", "The upstream does not answer.")) })
})

/** Stand-ins for what comes with Sluice: tests of this room must not hang on the other rooms. */
export const standIns: Builtins = {
  protocols: { postgres: async () => tinySql as never },
  plugins: {
    identity: async () => identity,
    residency: async () => residency,
    masking: async () => masking,
    recording: async () => recording,
    "http-only": async () => httpOnly
  },
  services: {
    oidc: async () => oidc,
    env: async () => env,
    files: async () => files,
    catalogue: async () => catalogue
  },
  notes: {},
  supplied: { secrets: "env", catalogue: "catalogue" },
  suppliedOnDemand: {},
  residency: async () => ({
    section: Schema.Struct({
      zones: Schema.optionalKey(Schema.Record(Schema.String, Schema.Struct({ includes: Schema.Array(Schema.String) }))),
      data_sets: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
    }),
    examine: ({ gateway }) =>
      gateway.at === "atlantis"
        ? [{ severity: "error", path: ["gateway", "at"], message: "`atlantis` is not a zone", remedy: "name a zone" }]
        : [],
    describe: ({ decision, operation }) => `${operation}: ${decision}\n`,
    rejudge: () => undefined,
    enforced: (policy) => policy,
    simulate: () => undefined,
    matrix: () => unused(),
    selections: () => () => [],
    difference: () => unused()
  })
}
