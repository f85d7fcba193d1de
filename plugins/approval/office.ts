import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Deny, PluginError, Revocations } from "../../core/index.ts"
import type { Filed, Filing } from "./approvals.ts"
import type { Book, OpenEntry } from "./book.ts"
import type { Diary } from "./diary.ts"
import { requestOf, returning } from "./filing.ts"
import type { Lives } from "./lives.ts"
import { proofOfVote } from "./proof.ts"
import { Queue, whoOf } from "./queue.ts"
import { isOver, type Request, type Vote } from "./request.ts"
import { changed, refusalOf, unreachable } from "./words.ts"

/** How long what is over can still be looked at. The ledger keeps its steps for longer. */
const KEPT_MILLISECONDS = 30 * 86_400_000

export interface OfficeRoom {
  readonly book: Book
  /** The gateway's name, for whoever reads. */
  readonly gateway: string
  /** Unlike that of every other life of any gateway: requests of this life are this office's to look after. */
  readonly life: string
  readonly lives: Lives
  readonly diary: Diary
  readonly revocations: Revocations["Service"]
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
  private readonly queue = new Queue()
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
      const { book, diary, gateway, life } = this.room
      if (diary.trouble !== undefined) return { _tag: "Refused", denial: unreachable } as const
      const granted = yield* book.spend(
        filing.need,
        filing.now,
        ({ given = [] }) => Effect.map(this.standing(given), (standing) => standing === "holds")
      )
      if (granted !== undefined) {
        diary.use(granted)
        yield* diary.written
        return { _tag: "Granted", grant: granted } as const
      }
      const before = filing.config.clients === "retry" ? yield* book.handle(filing.essence) : undefined
      if (before !== undefined && !isOver(before) && filing.now < before.until) return returning(before)
      const full = this.queue.refusal(yield* book.open, filing)
      if (full !== undefined) return { _tag: "Refused", denial: full } as const
      const request = requestOf(filing, this.room)
      const { essence } = filing
      const entry: OpenEntry = { id: request.id, gateway, life, who: whoOf(filing), essence, until: request.until }
      yield* book.file(request, entry, filing.config.clients === "retry").pipe(
        Effect.andThen(this.look(request.id)),
        // It may be kept all the same, and nobody would wait for it.
        Effect.onError(() => Effect.sync(() => this.abandon(request.id, "it could not be brought to the approvers")))
      )
      if (request.status === "draft") return returning(request)
      return { _tag: "Waiting", request } as const
    })
  }

  /** Waits until the request is neither a draft nor pending. While the state cannot be read, that is not known. */
  settled(id: string): Effect.Effect<Request, PluginError> {
    return Effect.gen({ self: this }, function*() {
      for (;;) {
        const read = yield* Effect.result(this.room.book.read(id))
        if (read._tag === "Success") {
          if (read.success === undefined) return yield* Effect.fail(gone)
          if (read.success.status !== "draft" && read.success.status !== "pending") return read.success
        }
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

  use(id: string, binding: string): Effect.Effect<Deny | undefined, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, diary } = this.room
      if (diary.trouble !== undefined) return this.refuse(id, unreachable, "what happens cannot be recorded")
      const standing = yield* this.standing((yield* book.read(id))?.votes ?? [])
      if (standing === "unknown") return this.refuse(id, unreachable, "it could not be known whether it still held")
      if (standing === "revoked") yield* this.void(id, "whoever approved it was revoked since")
      const used = yield* book.advance(id, { _tag: "Use", binding }, yield* Clock.currentTimeMillis)
      if (used === undefined) return changed
      yield* this.look(id)
      if (used.refusal !== undefined) return binding === used.request.binding ? refusalOf(used.request) : changed
      // Whoever reads the ledger finds that it was used before it can have run.
      yield* diary.written
      return undefined
    })
  }

  private refuse(id: string, denial: Deny, reason: string): Deny {
    this.abandon(id, reason)
    return denial
  }

  /** Whether anything that these votes rest on was taken back since. */
  private standing(votes: ReadonlyArray<Pick<Vote, "by" | "proof">>): Effect.Effect<"holds" | "revoked" | "unknown"> {
    return Effect.map(
      Effect.forEach(votes, (vote) => this.room.revocations.check(proofOfVote(vote))),
      (answers) => {
        const denials = answers.filter((denial) => denial !== undefined)
        if (denials.length === 0) return "holds"
        return denials.every(({ code }) => code === "identity_unavailable") ? "unknown" : "revoked"
      }
    )
  }

  private void(id: string, reason: string): Effect.Effect<void, PluginError> {
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => Effect.asVoid(this.room.book.advance(id, { _tag: "Void", reason }, now))
    )
  }

  abandon(id: string, reason: string): void {
    this.abandoned.set(id, reason)
  }

  /** One look at everything that is open. */
  readonly lookAtAll: Effect.Effect<void, PluginError> = Effect.suspend(() => this.everything())

  private everything(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, diary, life, lives } = this.room
      for (const [id, reason] of this.abandoned) {
        yield* this.void(id, reason)
        this.abandoned.delete(id)
      }
      // Before the lives: whoever files begins to live first.
      const open = yield* book.open
      yield* lives.look
      for (const entry of open) {
        if (entry.life === life) yield* this.look(entry.id)
        else if (!lives.has(entry.life)) yield* this.adopt(entry)
      }
      // Another gateway may have looked first, and closed what is waited for here.
      const waitedFor = [...this.waiting.keys()]
      for (const id of waitedFor) this.changed(id)
      for (const grant of yield* book.grants) diary.grant(grant)
    })
  }

  /** Looks after what a life left that is over: nobody waits for it any more, unless its client comes again. */
  private adopt(entry: OpenEntry): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, gateway, life } = this.room
      const left = yield* book.read(entry.id)
      if (left?.clients === "wait") yield* this.void(entry.id, "the gateway that asked is gone")
      if (yield* book.adopt(entry, gateway, life)) yield* this.look(entry.id)
    })
  }

  /** Ends what time has ended, records what is not recorded, and wakes whoever waits. */
  private look(id: string): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { announce, book, diary } = this.room
      const now = yield* Clock.currentTimeMillis
      const request = (yield* book.advance(id, { _tag: "Expire" }, now))?.request
      if (request === undefined) {
        diary.forget(id)
        yield* book.close(id)
        return
      }
      const fresh = diary.steps(request)
      if (request.status === "pending" && fresh.some(({ step }) => step === entered(request))) announce(request)
      if (request.status !== "draft" && request.status !== "pending") this.changed(id)
      const { length } = request.steps
      if (request.recorded < length) {
        // What is not written is seen to at the next look.
        if (diary.trouble !== undefined || !(yield* diary.writtenSoon)) return
        yield* book.advance(id, { _tag: "Recorded", steps: length }, now)
      }
      if (!isOver(request)) return
      yield* book.close(id)
      diary.forget(id)
    })
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

  /** The gateway stops: nobody waits any more. */
  readonly leave: Effect.Effect<void, PluginError> = Effect.suspend(() => this.quit())

  private quit(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { book, life, lives } = this.room
      for (const entry of yield* book.open) {
        const request = entry.life === life ? yield* book.read(entry.id) : undefined
        if (request?.clients === "wait") yield* this.void(entry.id, "the gateway stopped")
      }
      yield* this.everything()
      yield* lives.end
    })
  }
}

/** The step with which a request comes to the approvers. */
const entered = ({ clients }: Request) => clients === "wait" ? "requested" : "submitted"

const gone: PluginError = { _tag: "PluginError", plugin: "approval", message: "The request is gone from the state." }
