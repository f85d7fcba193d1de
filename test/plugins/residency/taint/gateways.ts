import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import {
  type Identity,
  Policy,
  type PolicyDocument,
  type Receipt,
  ReceiptBasis,
  type Resource,
  State,
  type Verdict
} from "../../../../core/index.ts"
import type { Statement } from "../../../../core/family/sql/index.ts"
import residency from "../../../../plugins/residency/index.ts"
import { document, identity, section, table } from "../fixture.ts"
import { statement } from "../harness.ts"

/** State that several gateways share. Each sees by its stamp when another has written. */
export class SharedState {
  readonly values = new Map<string, string>()
  /** Why the state cannot be had now. */
  broken: string | undefined
  private readonly writes: Array<number> = []

  view(how: { readonly stamp: "true" | "none" | "stuck" } = { stamp: "true" }): State["Service"] {
    const own = this.writes.push(0) - 1
    const others = (): number => this.writes.reduce((sum, count, index) => index === own ? sum : sum + count, 0)
    const at = (space: string, key: string): string => `${space} ${key}`
    const whole = <A>(work: () => A) =>
      Effect.suspend(() =>
        this.broken === undefined
          ? Effect.sync(work)
          : Effect.fail({ _tag: "PluginError" as const, plugin: "state", message: this.broken })
      )
    return {
      read: (space, key) => whole(() => this.values.get(at(space, key))),
      update: (space, key, change) =>
        whole(() => {
          const { next, result } = change(this.values.get(at(space, key)))
          if (next !== this.values.get(at(space, key))) this.writes[own]!++
          if (next === undefined) this.values.delete(at(space, key))
          else this.values.set(at(space, key), next)
          return result
        }),
      list: (space, prefix) =>
        whole(() =>
          [...this.values].filter(([key]) => key.startsWith(at(space, prefix)))
            .map(([key, value]) => [key.slice(space.length + 1), value] as const)
        ),
      ...(how.stamp === "none" ? {} : { stamp: how.stamp === "stuck" ? () => 0 : others })
    }
  }
}

const pipelines = (["eu", "us"] as const).map((name) => ({
  name,
  at: name === "eu" ? "de" : "us-east",
  address: `${name}.internal:5432`,
  database: name,
  plugins: ["identity", "residency", "masking"],
  mode: "enforce" as const
}))

/** Two upstreams, in the EU and in the US; customers live in the first. */
export const policy = (taint: object = {}, change: (raw: any) => void = () => {}): PolicyDocument => {
  const raw: any = {
    ...section(),
    otherwise: "allow",
    taint: { run_claim: "run", parent_run_claim: "parent", ...taint },
    transfers: [],
    parties: { agents: { match: { subject: "agent-*" }, at: "de", agent: true, clearance: ["eu", "us"] } }
  }
  raw.data_sets.customers.on = { eu: { tables: { "public.customers": { email: "email" } } } }
  change(raw)
  return document(raw, { pipelines })
}

export interface Caller {
  readonly agent: string
  readonly run?: string | undefined
  readonly parent?: string | undefined
}

export type Asked = Partial<Statement>

/** What came of an operation. */
export interface Answered {
  readonly verdict: Verdict
  readonly receipt: Receipt
  readonly basis: ReceiptBasis
}

/** One connection to one pipeline of one gateway. */
export interface Connected {
  /** Judges an operation and, where it is allowed, forwards it and waits until what it saw is written. */
  ask(asked: Asked): Promise<Answered>
  /** Judges an operation, without forwarding it yet. */
  judge(
    asked: Asked
  ): { readonly answer: Promise<Answered>; readonly forward: () => void; readonly piece: () => Promise<Verdict> }
  readonly pending: () => number
  readonly written: () => Promise<void>
  readonly close: () => void
}

/** The residency plugin of one gateway, opened over `state`. */
export const openGateway = (state: State["Service"] | undefined, first: PolicyDocument = policy()) => {
  const force = { policy: first }
  const shared = { current: () => force.policy }
  const services = Context.make(Policy, shared)
  const all = state === undefined ? services : Context.add(services, State, state)
  const acquire = Scope.provide(residency.acquire!({}), Scope.makeUnsafe())
  const resources = new Map(pipelines.map(({ name }) => [
    name,
    Effect.runSync(Effect.provideContext(acquire, all as Context.Context<any>) as Effect.Effect<any>)
  ]))
  let sessions = 0
  const connect = (pipeline: "eu" | "us", caller: Caller, actors: ReadonlyArray<Identity> = []): Connected => {
    const session: any = { id: `s${++sessions}`, pipeline, peer: {}, now: () => 1_790_000_000_000 + sessions }
    const hooks: any = residency.connect(session, { config: {}, resources: resources.get(pipeline) })
    const claims = { ...(caller.run && { run: caller.run }), ...(caller.parent && { parent: caller.parent }) }
    const principal = { ...identity(caller.agent, { claims }), actors, evidence: "asserted", expiresAt: undefined }
    let exchanges = 0
    const written = (): Promise<void> =>
      hooks.spool.pending === 0 ? Promise.resolve() : new Promise((resolve) => hooks.spool.whenWritten(resolve))
    const judge: Connected["judge"] = (asked) => {
      const operation = statement(asked)
      const facts = new Map<string, unknown>([["sluice/principal", principal], ["sluice/reveals", false]])
      const exchange: any = {
        id: ++exchanges,
        session,
        operation,
        asked: operation,
        get: ({ key }: { key: string }) => facts.get(key),
        find: ({ key }: { key: string }) => facts.get(key),
        set: ({ key }: { key: string }, value: unknown) => facts.set(key, value)
      }
      hooks.inspect(exchange)
      const settle = async (answer: any): Promise<Verdict> =>
        answer._tag === "Hold" ? Effect.runPromise(answer.until) : answer
      const answer = settle(hooks.decide(exchange)).then((verdict) => ({
        verdict,
        receipt: facts.get("sluice/receipt") as Receipt,
        basis: facts.get(ReceiptBasis.key) as ReceiptBasis
      }))
      const note = (_tag: string) =>
        hooks.record({ _tag, operation, asked: operation, verdict: { _tag: "Allow" } }, exchange)
      return {
        answer,
        forward: () => note("Asked"),
        piece: async () => {
          const verdict = await settle(hooks.input({}, exchange))
          if (verdict._tag === "Allow") note("Input")
          return verdict
        }
      }
    }
    return {
      judge,
      written,
      pending: () => hooks.spool.pending,
      close: () => hooks.close("finished"),
      ask: async (asked) => {
        const { answer, forward } = judge(asked)
        const told = await answer
        if (told.verdict._tag === "Allow") forward()
        await written()
        return told
      }
    }
  }
  return { connect, force }
}

export const reads = (name: string): Asked => ({
  kind: "read",
  reads: [table(`public.${name}`, "name")],
  results: [],
  text: `select name from ${name}`
})
export const writes = (name: string): Asked => ({
  kind: "write",
  reads: [],
  writes: [table(`public.${name}`, "note")],
  results: [],
  text: `insert into ${name} values ('x')`
})
const server = (name: string): Resource => ({ kind: "server", name })
export const notifies: Asked = {
  kind: "write",
  reads: [],
  writes: [server("notifications")],
  results: [],
  text: "notify x"
}
export const listens: Asked = {
  kind: "read",
  reads: [server("notifications")],
  writes: [],
  results: [],
  text: "listen x"
}
