import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import {
  deny,
  type Hold,
  type Identity,
  Policy,
  type PolicyDocument,
  type Principal,
  type Protection,
  type Receipt,
  type Session,
  State,
  type Verdict
} from "../../../core/index.ts"
import type { Lineage, Statement } from "../../../core/family/sql/index.ts"
import residency from "../../../plugins/residency/index.ts"
import { document, now, section, table } from "./fixture.ts"

/** A wait that fails is a denial, as it is for the relay. */
const settle = ({ until }: Hold<Verdict>): Verdict =>
  Effect.runSync(until.pipe(Effect.catch(({ message }) => Effect.succeed(deny("unavailable", message)))))

/** A session through the plugin, over a policy that can be swapped and a clock that can be set. */
export const open = (
  first: PolicyDocument,
  as: Identity,
  options: { mode?: "enforce" | "shadow"; actors?: Array<Identity>; store?: State["Service"] } = {}
) => {
  const state = { policy: first, now, asked: 0 }
  const acquire = residency.acquire!({}) as Effect.Effect<any, any, Policy>
  const scope = Effect.runSync(Scope.make())
  const withPolicy = Effect.provideService(acquire, Policy, { current: () => state.policy })
  const withState = options.store === undefined
    ? withPolicy
    : Effect.provideService(withPolicy, State, options.store)
  const exit = Effect.runSyncExit(Scope.provide(scope)(withState as Effect.Effect<any, any, Scope.Scope>))
  if (Exit.isFailure(exit)) throw new Error(JSON.stringify(exit.cause))
  const session: Session = {
    id: "s",
    pipeline: "orders",
    peer: { address: "127.0.0.1", port: 1, encrypted: true },
    now: () => state.now
  }
  const config = options.mode === undefined ? {} : { mode: options.mode }
  const hooks = residency.connect(session, { config, resources: exit.value })
  if ("_tag" in hooks) throw new Error("refused")
  const principal: Principal = { ...as, actors: options.actors ?? [], evidence: "asserted", expiresAt: undefined }
  const ask = (operation: Statement, asked = operation) => {
    const facts = new Map<string, unknown>([["sluice/principal", principal]])
    const exchange: any = {
      id: ++state.asked,
      session,
      operation,
      asked,
      get: ({ key }: { key: string }) => facts.get(key),
      find: ({ key }: { key: string }) => facts.get(key),
      set: ({ key }: { key: string }, value: unknown) => facts.set(key, value)
    }
    hooks.inspect!(exchange)
    const answer = hooks.decide!(exchange)
    const verdict =
      (answer._tag === "Hold" && answer.brief === true ? settle(answer as Hold<Verdict>) : answer) as Verdict
    return {
      exchange,
      verdict,
      receipt: facts.get("sluice/receipt") as Receipt,
      protection: facts.get("sluice/protection") as Protection
    }
  }
  return { state, hooks, ask, principal, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

export const column = (name: string, how: Lineage["how"] = "copy", of = "public.customers"): Lineage => ({
  name,
  how,
  sources: how === "constant" ? [] : [{ table: of, column: name }]
})

export const statement = (more: Partial<Statement> = {}): Statement => ({
  kind: "read",
  reads: [table("public.customers", "name")],
  writes: [],
  resolved: true,
  digest: "d",
  summary: "select",
  text: "select",
  phase: "simple",
  tags: ["SELECT"],
  results: [{ columns: [column("name")] }],
  uses: [],
  rewritten: false,
  ...more
})
export const selecting = (...columns: ReadonlyArray<string>): Statement =>
  statement({
    reads: [table("public.customers", ...columns)],
    results: [{ columns: columns.map((one) => column(one)) }]
  })

export const changed = (change: (raw: any) => void, more: Partial<PolicyDocument> = {}) => {
  const raw = section()
  change(raw)
  return document(raw, more)
}
export const pipeline = (more: object) => ({ pipelines: [{ ...document(section()).pipelines[0]!, ...more }] })
export const leaves = changed((raw) => raw.data_sets.customers.masked = "leaves")
