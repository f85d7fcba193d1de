import * as Effect from "effect/Effect"
import { type PluginError, pluginError, type State } from "../../core/index.ts"
import { covers, type Grant, grantOf, type Need, revoke, spend } from "./grant.ts"
import { advance, type Advanced, type Decider, type Event, type Request } from "./request.ts"

const SPACE = "approvals"

/** What is known of an open request without reading it: kept until it is over and in the ledger. */
export interface OpenEntry {
  readonly id: string
  readonly gateway: string
  /** The life of a gateway that looks after it: what an earlier version left has none. */
  readonly life?: string
  /** Who asks, as one text. */
  readonly who: string
  readonly essence: string
  readonly until: number
}

/**
 * Requests and grants in the state, each under a key of its own, so that everything that happens to one happens in an
 * order. An entry under `open/` is made before its request and goes after it was over and recorded: a crash in between
 * leaves an entry too many, never a request that nobody looks after.
 */
export class Book {
  private readonly state: State["Service"]

  constructor(state: State["Service"]) {
    this.state = state
  }

  read(id: string): Effect.Effect<Request | undefined, PluginError> {
    return Effect.flatMap(this.state.read(SPACE, `request/${id}`), (text) => {
      const request = text === undefined ? undefined : requestIn(text)
      return text !== undefined && request === undefined ? Effect.fail(foreign) : Effect.succeed(request)
    })
  }

  /** Keeps a new request. `handle`: another one like it finds this one by its essence. */
  file(request: Request, entry: OpenEntry, handle: boolean): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      yield* this.put(`open/${request.id}`, JSON.stringify(entry))
      yield* this.put(`request/${request.id}`, JSON.stringify(request))
      if (handle) yield* this.put(`handle/${entry.essence}`, request.id)
    })
  }

  /** The request that was made for the same essence before. */
  handle(essence: string): Effect.Effect<Request | undefined, PluginError> {
    return Effect.flatMap(
      this.state.read(SPACE, `handle/${essence}`),
      (id) => id === undefined ? Effect.succeed(undefined) : this.read(id)
    )
  }

  /** Applies an event as one step. Undefined: there is no such request. */
  advance(id: string, event: Event, now: number): Effect.Effect<Advanced | undefined, PluginError> {
    return this.state.update<Advanced | PluginError | undefined>(SPACE, `request/${id}`, (current) => {
      if (current === undefined) return { next: undefined, result: undefined }
      const before = requestIn(current)
      if (before === undefined) return { next: current, result: foreign }
      const advanced = advance(before, event, now)
      return { next: advanced.request === before ? current : JSON.stringify(advanced.request), result: advanced }
    }).pipe(
      Effect.flatMap((result) =>
        result !== undefined && "_tag" in result ? Effect.fail(result) : Effect.succeed(result)
      )
    )
  }

  readonly open: Effect.Effect<ReadonlyArray<OpenEntry>, PluginError> = Effect.suspend(() =>
    Effect.map(
      this.state.list(SPACE, "open/"),
      (entries) => entries.map(([, text]) => JSON.parse(text) as OpenEntry)
    )
  )

  /** Takes over what a life that is over looked after. False: another did, or it is closed. */
  adopt(entry: OpenEntry, gateway: string, life: string): Effect.Effect<boolean, PluginError> {
    return this.state.update(SPACE, `open/${entry.id}`, (current) => {
      const orphan = current !== undefined && (JSON.parse(current) as OpenEntry).life === entry.life
      return { next: orphan ? JSON.stringify({ ...entry, gateway, life }) : current, result: orphan }
    })
  }

  /** Requests that are open, or were a moment ago. */
  readonly openRequests: Effect.Effect<ReadonlyArray<Request>, PluginError> = Effect.suspend(() =>
    this.open.pipe(
      Effect.flatMap((entries) => Effect.forEach(entries, ({ id }) => this.read(id), { concurrency: 4 })),
      Effect.map((requests) => requests.filter((request) => request !== undefined))
    )
  )

  readonly requests: Effect.Effect<ReadonlyArray<Request>, PluginError> = Effect.suspend(() =>
    Effect.map(
      this.state.list(SPACE, "request/"),
      (entries) => entries.flatMap(([, text]) => requestIn(text) ?? [])
    )
  )

  /** The request is over, and that is in the ledger. */
  close(id: string): Effect.Effect<void, PluginError> {
    return this.put(`open/${id}`, undefined)
  }

  /** Takes a request out for good, with what finds it. */
  forget({ binding, clients, id }: Request): Effect.Effect<void, PluginError> {
    const handle = clients === "retry"
      ? this.state.update(SPACE, `handle/${binding}`, (current) => ({
        next: current === id ? undefined : current,
        result: undefined
      }))
      : Effect.void
    return handle.pipe(
      Effect.andThen(this.put(`open/${id}`, undefined)),
      Effect.andThen(this.put(`request/${id}`, undefined))
    )
  }

  forgetGrant({ id }: Grant): Effect.Effect<void, PluginError> {
    return this.put(`grant/${id}`, undefined)
  }

  readonly grants: Effect.Effect<ReadonlyArray<Grant>, PluginError> = Effect.suspend(() =>
    Effect.map(
      this.state.list(SPACE, "grant/"),
      (entries) => entries.flatMap(([, text]) => grantIn(text) ?? [])
    )
  )

  /** Makes the grant that an approved request carries, if it carries one. Its name follows from the request's. */
  grant(request: Request, now: number): Effect.Effect<Grant | undefined, PluginError> {
    const grant = grantOf(request, request.id.replace(/^ap-/, "gr-"), now)
    if (grant === undefined) return Effect.succeed(undefined)
    return this.state.update(SPACE, `grant/${grant.id}`, (current) => ({
      next: current ?? JSON.stringify(grant),
      result: current === undefined ? grant : grantIn(current)
    }))
  }

  /**
   * Spends one use of a grant that covers the need and `holds`: as one step, so that no use counts twice and no end is
   * missed.
   */
  spend(
    need: Need,
    now: number,
    holds: (grant: Grant) => Effect.Effect<boolean> = () => Effect.succeed(true)
  ): Effect.Effect<Grant | undefined, PluginError> {
    return Effect.gen({ self: this }, function*() {
      for (const candidate of yield* this.grants) {
        if (!covers(candidate, need, now) || !(yield* holds(candidate))) continue
        const spent = yield* this.state.update(SPACE, `grant/${candidate.id}`, (current) => {
          const grant = current === undefined ? undefined : grantIn(current)
          const next = grant === undefined ? undefined : spend(grant, need, now)
          return { next: next === undefined ? current : JSON.stringify(next), result: next }
        })
        if (spent !== undefined) return spent
      }
      return undefined
    })
  }

  /** Undefined: there is no such grant. A text: why not. */
  revoke(id: string, by: Decider, now: number): Effect.Effect<Grant | string | undefined, PluginError> {
    return this.state.update(SPACE, `grant/${id}`, (current) => {
      const grant = current === undefined ? undefined : grantIn(current)
      if (grant === undefined) return { next: current, result: undefined }
      const revoked = revoke(grant, by, now)
      return { next: typeof revoked === "string" ? current : JSON.stringify(revoked), result: revoked }
    })
  }

  private put(key: string, next: string | undefined): Effect.Effect<void, PluginError> {
    return this.state.update(SPACE, key, () => ({ next, result: undefined }))
  }
}

const foreign = pluginError("approval", "The state holds requests of another version of Sluice. Use the newer version.")

/** Undefined for what another version wrote. */
const decode = (text: string): unknown => {
  const value = JSON.parse(text) as { readonly version: number }
  return value.version === 1 ? value : undefined
}
const requestIn = (text: string): Request | undefined => decode(text) as Request | undefined
const grantIn = (text: string): Grant | undefined => decode(text) as Grant | undefined
