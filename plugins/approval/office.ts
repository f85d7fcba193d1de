import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { randomBytes } from "node:crypto"
import { type Deny, deny, type Json, type PluginError, type SessionLog } from "../../core/index.ts"
import type { Filed, Filing } from "./approvals.ts"
import type { Book, OpenEntry } from "./book.ts"
import type { Grant } from "./grant.ts"
import { Limit } from "./limit.ts"
import { inertLine } from "./inert.ts"
import { isOver, type Request } from "./request.ts"
import { dataSetsOf } from "./shown.ts"

/** How long what is over can still be looked at. The ledger keeps its steps for longer. */
const KEPT_MILLISECONDS = 30 * 86_400_000

export interface OfficeRoom {
  readonly book: Book
  /** The gateway's name: requests of that name are this office's to look after. */
  readonly gateway: string
  /** Unlike that of every other life of any gateway. */
  readonly life: string
  /** Where steps are recorded; undefined where nothing is recorded. */
  readonly log: SessionLog | undefined
  /** A request was brought to the approvers. */
  readonly announce: (request: Request) => void
}

/**
 * Takes requests in, looks after them until they are over, and records what happens to them. Decisions may be made by
 * other processes: those are seen by looking, every `LOOK_MILLISECONDS`.
 */
export class Office {
  private readonly room: OfficeRoom
  private readonly waiting = new Map<string, Set<() => void>>()
  private readonly abandoned = new Map<string, string>()
  private readonly grantsSeen = new Map<string, string>()
  private readonly rate = new Limit()
  /** One filing at a time: otherwise several could find the same last place. */
  private readonly counter = Semaphore.makeUnsafe(1)

  constructor(room: OfficeRoom) {
    this.room = room
  }

  file(filing: Filing): Effect.Effect<Filed, PluginError> {
    return this.counter.withPermits(1)(this.take(filing))
  }

  private take(filing: Filing): Effect.Effect<Filed, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book } = this.room
      const granted = yield* book.spend(filing.need, filing.now)
      if (granted !== undefined) {
        this.record({ grant: granted.id, step: "used", uses_left: granted.usesLeft })
        return { _tag: "Granted", grant: granted } as const
      }
      const before = filing.config.clients === "retry" ? yield* book.handle(filing.essence) : undefined
      if (before !== undefined && !isOver(before) && filing.now < before.until) return again(before)
      const who = JSON.stringify(filing.chain.map(({ issuer, subject }) => [issuer, subject]))
      const full = this.fullness(yield* book.open, filing, who)
      if (full !== undefined) return { _tag: "Refused", denial: full } as const
      const request = requestOf(filing, this.room)
      const { essence } = filing
      const { gateway } = this.room
      const entry: OpenEntry = { id: request.id, gateway, who, essence, until: request.until }
      yield* book.file(request, entry, filing.config.clients === "retry")
      yield* this.look(request.id)
      if (request.status === "draft") return again(request)
      return { _tag: "Waiting", request } as const
    })
  }

  private fullness(open: ReadonlyArray<OpenEntry>, { config, essence, now }: Filing, who: string): Deny | undefined {
    const live = open.filter(({ until }) => now < until)
    const own = live.filter((entry) => entry.who === who)
    const same = own.find((entry) => entry.essence === essence)
    if (same !== undefined) {
      return deny("approval_queue", `The same operation waits for approval already, as ${same.id}.`, {
        hint: "Wait for that one, or withdraw it first."
      })
    }
    const fits = own.length < config.open_max_per_identity && live.length < config.open_max
    if (fits && this.rate.take(who, now, config.per_minute_max)) return undefined
    return deny(
      "approval_queue",
      fits ? "Too many approvals were asked for lately." : "Too many operations wait for approval already.",
      {
        hint: "Wait until some of them are decided. Ask for a grant if there will be more of the same."
      }
    )
  }

  /** Waits until the request is neither a draft nor pending. */
  settled(id: string): Effect.Effect<Request, PluginError> {
    return Effect.gen({ self: this }, function*() {
      for (;;) {
        const request = yield* this.room.book.read(id)
        if (request === undefined) return yield* Effect.fail(gone)
        if (request.status !== "draft" && request.status !== "pending") return request
        yield* this.change(id)
      }
    })
  }

  private change(id: string): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const waiting = this.waiting.get(id) ?? new Set()
      this.waiting.set(id, waiting)
      const wake = (): void => resume(Effect.void)
      waiting.add(wake)
      return Effect.sync(() => {
        waiting.delete(wake)
        if (waiting.size === 0) this.waiting.delete(id)
      })
    })
  }

  /** Wakes whoever waits for a request: it may have changed. */
  changed(id: string): void {
    const waiting = this.waiting.get(id)
    this.waiting.delete(id)
    for (const wake of waiting ?? []) wake()
  }

  use(id: string, binding: string): Effect.Effect<string | undefined, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      const used = yield* this.room.book.advance(id, { _tag: "Use", binding }, now)
      if (used === undefined) return "The request is gone."
      yield* this.look(id)
      return used.refusal
    })
  }

  abandon(id: string, reason: string): void {
    this.abandoned.set(id, reason)
  }

  /** One look at everything that is open. */
  readonly lookAtAll: Effect.Effect<void, PluginError> = Effect.suspend(() => this.everything())

  private everything(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      for (const [id, reason] of this.abandoned) {
        yield* this.room.book.advance(id, { _tag: "Void", reason }, now)
        this.abandoned.delete(id)
      }
      for (const { gateway, id } of yield* this.room.book.open) {
        if (gateway === this.room.gateway) yield* this.look(id)
      }
      // Another gateway of the same name may have looked first, and closed what is waited for here.
      const waitedFor = [...this.waiting.keys()]
      for (const id of waitedFor) this.changed(id)
      for (const grant of yield* this.room.book.grants) this.lookAtGrant(grant)
    })
  }

  /** Ends what time has ended, records what is not recorded, and wakes whoever waits. */
  private look(id: string): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book } = this.room
      const now = yield* Clock.currentTimeMillis
      const request = (yield* book.advance(id, { _tag: "Expire" }, now))?.request
      if (request === undefined) {
        yield* book.close(id)
        return
      }
      if (request.recorded < request.steps.length) {
        const fresh = request.steps.slice(request.recorded)
        for (const step of fresh) this.record(recordOf(request, step))
        if (request.status === "pending" && fresh.some(({ step }) => step === entered(request)))
          this.room.announce(request)
        yield* book.advance(id, { _tag: "Recorded", steps: request.steps.length }, now)
      }
      if (isOver(request)) yield* book.close(id)
      if (request.status !== "draft" && request.status !== "pending") this.changed(id)
    })
  }

  private lookAtGrant(grant: Grant): void {
    const state = grant.revoked === undefined ? "given" : "revoked"
    if (this.grantsSeen.get(grant.id) === state) return
    this.grantsSeen.set(grant.id, state)
    const by = grant.revoked === undefined ? grant.by : [grant.revoked.by]
    const { id, request, until } = grant
    this.record({
      grant: id,
      request,
      step: state,
      by,
      until: new Date(until).toISOString(),
      uses_left: grant.usesLeft
    })
  }

  private record(body: { readonly [key: string]: Json | undefined }): void {
    this.room.log?.append("approval", body)
  }

  /** Forgets what is long over. */
  readonly tidy: Effect.Effect<void, PluginError> = Effect.suspend(() => this.clear())

  private clear(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book } = this.room
      const now = yield* Clock.currentTimeMillis
      for (const request of yield* book.requests) {
        if (now - request.until > KEPT_MILLISECONDS) yield* book.forget(request)
      }
      for (const grant of yield* book.grants) {
        if (now - grant.until > KEPT_MILLISECONDS) yield* book.forgetGrant(grant)
      }
    })
  }

  /** Voids what earlier lives of this gateway left waiting. */
  readonly takeOver: Effect.Effect<void, PluginError> = Effect.suspend(() => this.inherit())

  private inherit(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, gateway, life } = this.room
      const now = yield* Clock.currentTimeMillis
      for (const request of yield* book.requests) {
        if (request.gateway !== gateway) continue
        if (isOver(request) || request.life === life || request.clients === "retry") continue
        yield* book.advance(request.id, { _tag: "Void", reason: "the gateway was started again" }, now)
      }
      yield* this.everything()
    })
  }

  /** The gateway stops: nobody waits any more. */
  readonly leave: Effect.Effect<void, PluginError> = Effect.suspend(() => this.quit())

  private quit(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, gateway, life } = this.room
      const now = yield* Clock.currentTimeMillis
      for (const entry of yield* book.open) {
        const request = entry.gateway === gateway ? yield* book.read(entry.id) : undefined
        if (request === undefined || request.life !== life || request.clients === "retry") continue
        yield* book.advance(entry.id, { _tag: "Void", reason: "the gateway stopped" }, now)
      }
      yield* this.everything()
    })
  }
}

/** The step with which a request comes to the approvers. */
const entered = ({ clients }: Request) => clients === "wait" ? "requested" : "submitted"

const again = (request: Request): Filed =>
  request.status === "approved" ? { _tag: "Approved", request } : { _tag: "Refused", denial: handleOf(request) }

/** The refusal of a client that does not wait: the request's name is its handle. */
const handleOf = ({ id, status }: Request): Deny =>
  status === "draft"
    ? deny("approval_required", `This operation needs a person's approval: request ${id}.`, {
      detail: `request ${id}`,
      hint: `Run \`sluice approvals request ${id}\`, and ask again once it is approved.`
    })
    : deny("approval_required", `This operation waits for approval as request ${id}.`, {
      detail: `request ${id}`,
      hint: "Ask again once it is approved."
    })

const requestOf = (filing: Filing, { gateway, life }: OfficeRoom): Request => {
  const { approvers, clients, quorum, reason_required, within_seconds } = filing.config
  return {
    version: 1,
    id: `ap-${freshName()}`,
    gateway,
    life,
    clients,
    binding: filing.binding,
    rules: { approvers, quorum, within_seconds, reason_required },
    chain: filing.chain,
    shown: filing.shown,
    status: clients === "wait" ? "pending" : "draft",
    at: filing.now,
    until: filing.now + within_seconds * 1000,
    votes: [],
    steps: [{ at: filing.now, step: "requested", ...by(filing) }],
    recorded: 0
  }
}

const by = ({ chain }: Filing) => chain[0] === undefined ? {} : { by: chain[0].subject }

const LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
/** Fifty bits, in letters that are not mistaken for one another. */
const freshName = (): string => [...randomBytes(10)].map((byte) => LETTERS[byte & 31]).join("")

/** A step as it is recorded: names and digests; no text and no parameter of what was asked. */
const recordOf = (request: Request, { at, by, reason, step }: Request["steps"][number]) => ({
  request: request.id,
  step,
  at: new Date(at).toISOString(),
  ...(by === undefined ? {} : { by }),
  ...(reason === undefined ? {} : { reason: inertLine(reason) }),
  binding: request.binding,
  pipeline: request.shown.pipeline,
  who: request.chain.map(({ subject }) => subject),
  data_sets: dataSetsOf(request.shown)
})

const gone: PluginError = { _tag: "PluginError", plugin: "approval", message: "The request is gone from the state." }
