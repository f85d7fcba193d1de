import * as Effect from "effect/Effect"
import type { Json, SessionLog } from "../../core/index.ts"
import type { Grant } from "./grant.ts"
import { inertLine } from "./inert.ts"
import type { Request, Step } from "./request.ts"
import { dataSetsOf } from "./shown.ts"

const SOON_MILLISECONDS = 500

/** What happens to requests and grants, in the ledger: names and digests, no text or parameter of what was asked. */
export class Diary {
  private readonly log: SessionLog | undefined
  /** How many steps of a request were appended, in this life: more than are known to be written. */
  private readonly appended = new Map<string, number>()
  private readonly grants = new Map<string, string>()

  /** `log`: undefined where nothing is recorded. */
  constructor(log: SessionLog | undefined) {
    this.log = log
  }

  /** Why nothing can be recorded now, or undefined. */
  get trouble(): string | undefined {
    return this.log?.trouble
  }

  /** Waits until everything that was appended is written; for ever, if it cannot be. */
  readonly written: Effect.Effect<void> = Effect.suspend(() => {
    const { log } = this
    if (log === undefined || (log.pending === 0 && log.trouble === undefined)) return Effect.void
    return Effect.callback<void>((resume) => log.whenWritten(() => resume(Effect.void)))
  })

  /** Waits for that a moment. False: it is not written yet. */
  readonly writtenSoon: Effect.Effect<boolean> = Effect.suspend(() =>
    Effect.map(
      Effect.timeoutOption(this.written, SOON_MILLISECONDS),
      (written) => written._tag === "Some" && this.trouble === undefined
    )
  )

  /** Appends what happened to a request and was not appended yet: those steps. */
  steps(request: Request): ReadonlyArray<Step> {
    const { id, recorded, steps } = request
    const fresh = steps.slice(Math.max(recorded, this.appended.get(id) ?? 0))
    for (const step of fresh) this.append(recordOf(request, step))
    this.appended.set(id, steps.length)
    return fresh
  }

  /** Nothing more happens to it. */
  forget(id: string): void {
    this.appended.delete(id)
  }

  use({ id, usesLeft }: Grant): void {
    this.append({ grant: id, step: "used", uses_left: usesLeft })
  }

  /** Once when it is first seen, and once when it is revoked. */
  grant({ by, id, request, revoked, until, usesLeft }: Grant): void {
    const step = revoked === undefined ? "given" : "revoked"
    if (this.grants.get(id) === step) return
    this.grants.set(id, step)
    this.append({
      grant: id,
      request,
      step,
      by: revoked === undefined ? by : [revoked.by],
      until: new Date(until).toISOString(),
      uses_left: usesLeft
    })
  }

  private append(body: { readonly [key: string]: Json | undefined }): void {
    this.log?.append("approval", body)
  }
}

const recordOf = (request: Request, { at, by, reason, step }: Step) => ({
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
