import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { PluginError, State, StateChange } from "../../../core/index.ts"
import type { ForgetAfter } from "../world.ts"
import { type Bearer, prefixOfBearer, SPACE } from "./key.ts"
import { decodeLabel, type StoredLabel } from "./label.ts"
import type { Labels } from "./labels.ts"

const DAY = 86_400_000
const HOUR = 3_600_000
/** How often the state is looked through. */
const SWEEP_EVERY = 6 * HOUR

/** The day of an instant, in milliseconds since the epoch: use is written down once a day, not at each operation. */
export const dayOf = (now: number): number => now - now % DAY

/** How long labels of a bearer are kept without use; undefined: for ever. */
export const keptDays = (bearer: Bearer, { agents, runs, stores }: ForgetAfter): number | undefined =>
  bearer === "run" ? runs : bearer === "agent" || bearer === "runs" ? agents : stores

/** When a label will be forgotten, if it is not used before; undefined: never, or not yet known. */
export const forgottenAt = (bearer: Bearer, { used }: StoredLabel, after: ForgetAfter): number | undefined => {
  const days = keptDays(bearer, after)
  // A day more: it was used at some time of that day.
  return days === undefined || used === undefined ? undefined : used + (days + 1) * DAY
}

const bearers: ReadonlyArray<Bearer> = ["run", "agent", "runs", "store", "upstream"]

/** Takes labels out of the state that nobody has used for as long as the file says. */
export class Forgetting {
  private readonly labels: Labels
  private readonly state: State["Service"]
  private readonly count: (labels: number) => void
  private doneAt = Number.NEGATIVE_INFINITY
  private sweptAt = Number.NEGATIVE_INFINITY

  /** `count` is told how many were forgotten. */
  constructor(labels: Labels, count: (labels: number) => void) {
    this.labels = labels
    this.state = labels.state
    this.count = count
  }

  /** Every hour, as long as it runs. Several may run: one does it. */
  serve(after: () => ForgetAfter): Effect.Effect<never> {
    const round = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now - this.doneAt < HOUR) return Effect.void
      this.doneAt = now
      return this.round(after(), now)
    }).pipe(Effect.catch(({ message }) => Effect.logWarning(`Labels of runs could not be tidied: ${message}`)))
    return Effect.forever(Effect.andThen(round, Effect.sleep(HOUR)))
  }

  /** Whoever has a session open uses its labels; then whatever nobody uses goes. */
  round(after: ForgetAfter, now: number): Effect.Effect<void, PluginError> {
    return Effect.suspend(() => {
      for (const label of this.labels.inUse()) this.labels.use(label, after, now)
      if (now - this.sweptAt < SWEEP_EVERY) return Effect.void
      this.sweptAt = now
      return Effect.asVoid(this.sweep(after, now))
    })
  }

  /** Answers the keys of what was forgotten. */
  sweep(after: ForgetAfter, now: number): Effect.Effect<ReadonlySet<string>, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const gone = new Set<string>()
      for (const bearer of bearers) {
        if (keptDays(bearer, after) === undefined) continue
        for (const [key, text] of yield* this.state.list(SPACE, prefixOfBearer(bearer))) {
          // Most are not due: only what looks so is asked for again.
          if (this.decide(bearer, key, text, after, now).next === text) continue
          const change = (current: string | undefined) => this.decide(bearer, key, current, after, now)
          if (yield* this.state.update(SPACE, key, change)) gone.add(key)
        }
      }
      if (gone.size > 0) {
        this.count(gone.size)
        yield* this.dropArrows(gone)
      }
      return gone
    })
  }

  /** A label that nobody wrote down the use of, as those of an older form, counts as used now. */
  private decide(
    bearer: Bearer,
    key: string,
    text: string | undefined,
    after: ForgetAfter,
    now: number
  ): StateChange<boolean> {
    const label = readable(text)
    if (text === undefined || label === undefined) return { next: text, result: false }
    if (label.used === undefined) return { next: JSON.stringify({ ...label, used: dayOf(now) }), result: false }
    const due = (forgottenAt(bearer, label, after) ?? Infinity) <= now && !this.labels.isInUse(key)
    return due ? { next: undefined, result: true } : { next: text, result: false }
  }

  /** Nothing flows into what is forgotten: a run that listened somewhere would come back with each notification. */
  private dropArrows(gone: ReadonlySet<string>): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      for (const [key] of yield* this.state.list(SPACE, prefixOfBearer("upstream"))) {
        yield* this.state.update(SPACE, key, (text) => {
          const label = readable(text)
          const into = label?.into.filter((one) => !gone.has(one))
          if (label === undefined || into?.length === label.into.length) return { next: text, result: undefined }
          return { next: JSON.stringify({ ...label, into }), result: undefined }
        })
      }
    })
  }
}

/** Undefined for what cannot be read: it stays, and denies. */
const readable = (text: string | undefined): StoredLabel | undefined => {
  try {
    return text === undefined ? undefined : decodeLabel(text)
  } catch {
    return undefined
  }
}
