import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { type PluginError, pluginError, type Spool, type State } from "../../../core/index.ts"
import type { Atom } from "../engine/inputs.ts"
import type { ForgetAfter } from "../world.ts"
import { dayOf, keptDays } from "./forgetting.ts"
import { partsOf, SPACE } from "./key.ts"
import { decodeLabel, grown, type Growth, Label } from "./label.ts"

const RETRY_MILLISECONDS = 200

/**
 * All labels of one gateway: one object for each bearer, whichever session and pipeline asks, so that what one
 * operation saw is there for the next one, however they are interleaved. Growth is written by whoever runs `serve`.
 */
export class Labels {
  /** Why labels cannot be written now, or undefined. */
  trouble: string | undefined
  readonly state: State["Service"]
  private readonly known = new Map<string, WeakRef<Label>>()
  private readonly gone = new FinalizationRegistry<string>((key) => {
    if (this.known.get(key)?.deref() === undefined) this.known.delete(key)
  })
  private readonly unsaved = new Set<Label>()
  /** How many open sessions rest on each. */
  private readonly held = new Map<Label, number>()
  private readonly one = Semaphore.makeUnsafe(1)
  private readonly wakers = new Set<() => void>()
  private readonly waiting = new Set<() => void>()

  constructor(state: State["Service"]) {
    this.state = state
  }

  label(key: string): Label {
    const known = this.known.get(key)?.deref()
    if (known !== undefined) return known
    const label = new Label(key)
    this.known.set(key, new WeakRef(label))
    this.gone.register(label, key)
    return label
  }

  /** Whether nobody but this gateway has changed anything since all of these were read. */
  fresh(labels: ReadonlyArray<Label>): boolean {
    const stamp = this.state.stamp?.()
    if (stamp === undefined) return false
    for (const label of labels) if (label.stamp !== stamp) return false
    return true
  }

  /** Reads what may have changed. The stamp is taken first, so that a change meanwhile shows. */
  refresh(labels: ReadonlyArray<Label>): Effect.Effect<void, PluginError> {
    return Effect.suspend(() => {
      const stamp = this.state.stamp?.()
      const stale = labels.filter((label) => stamp === undefined || label.stamp !== stamp)
      return Effect.forEach(stale, (label) =>
        Effect.suspend(() => {
          const number = label.ask()
          return this.state.read(SPACE, label.key).pipe(
            Effect.flatMap((text) => readable(() => text === undefined ? undefined : decodeLabel(text))),
            Effect.map((stored) => {
              label.read(stored, number)
              label.stamp = stamp
              if (!label.saved) this.toWrite(label)
            })
          )
        }), { discard: true })
    })
  }

  /** Joins atoms, further labels to flow into, or spent bytes, to a label and to whatever it flows into. */
  join(label: Label, growth: Partial<Growth>): void {
    const news = label.join({ atoms: [], into: [], spent: 0, ...growth })
    if (news === undefined) return
    this.toWrite(label)
    this.flow(label, news.into, label.now.atoms)
    this.flow(label, label.now.into, news.atoms)
  }

  private toWrite(label: Label): void {
    this.unsaved.add(label)
    for (const wake of this.wakers) wake()
  }

  /** A session rests on these, until what this answers is called. */
  hold(labels: ReadonlyArray<Label>): () => void {
    for (const label of labels) this.held.set(label, (this.held.get(label) ?? 0) + 1)
    return () => {
      for (const label of labels) {
        const left = (this.held.get(label) ?? 0) - 1
        if (left > 0) this.held.set(label, left)
        else this.held.delete(label)
      }
    }
  }

  /** Labels on which open sessions rest. */
  inUse(): Iterable<Label> {
    return this.held.keys()
  }

  isInUse(key: string): boolean {
    const label = this.known.get(key)?.deref()
    return label !== undefined && (this.held.has(label) || !label.saved)
  }

  /** Writes down that a label was used today, where that matters: it holds something, and is not kept for ever. */
  use(label: Label, after: ForgetAfter, now: number): void {
    const { atoms, into, resets, spent } = label.now
    if (atoms.length + into.length + resets.length + spent === 0) return
    if (keptDays(partsOf(label.key).bearer, after) !== undefined) this.join(label, { used: dayOf(now) })
  }

  private flow(label: Label, into: ReadonlyArray<string>, atoms: ReadonlyArray<Atom>): void {
    if (atoms.length === 0) return
    const inherited = atoms.map((atom) => ({ ...atom, of: label.key }))
    for (const key of into) this.join(this.label(key), { atoms: inherited })
  }

  /** Whether all growth so far is in the state. */
  get saved(): boolean {
    return this.unsaved.size === 0
  }

  /** Seen from a relay: while `holdsUp` says so, nothing that follows leaves. */
  spool(holdsUp: () => boolean): Spool {
    const trouble = (): string | undefined => this.trouble
    return {
      get pending() {
        return holdsUp() ? 1 : 0
      },
      get trouble() {
        return trouble()
      },
      whenWritten: (resume) => this.whenSaved(resume)
    }
  }

  /** Resolves once all growth so far is in the state. */
  readonly kept: Effect.Effect<void> = Effect.callback((resume) => this.whenSaved(() => resume(Effect.void)))

  private whenSaved(resume: () => void): void {
    if (this.saved) queueMicrotask(resume)
    else this.waiting.add(resume)
  }

  /** Writes growth, for as long as it runs; after a failure, again and again. Several may run: one writes at a time. */
  serve(): Effect.Effect<never> {
    const round = Semaphore.withPermits(this.one, 1)(Effect.uninterruptible(this.save())).pipe(
      Effect.catch((error) =>
        Effect.suspend(() => {
          this.trouble = `what runs have seen cannot be written: ${error.message}`
          return Effect.sleep(RETRY_MILLISECONDS)
        })
      )
    )
    // Not in the middle of whatever made a label grow: what grows together is written together.
    return Effect.forever(Effect.andThen(Effect.andThen(this.needed(), Effect.yieldNow), round))
  }

  private needed(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const wake = (): void => {
        this.wakers.delete(wake)
        resume(Effect.void)
      }
      if (this.unsaved.size > 0) return wake()
      this.wakers.add(wake)
      return Effect.sync(() => this.wakers.delete(wake))
    })
  }

  /** Writes all growth, also what joins meanwhile and what it flows into. */
  save(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      for (let [label] = this.unsaved; label !== undefined; [label] = this.unsaved) {
        yield* this.saveOne(label)
        if (label.saved) this.unsaved.delete(label)
      }
      this.trouble = undefined
      const due = [...this.waiting]
      this.waiting.clear()
      for (const resume of due) resume()
    })
  }

  private saveOne(label: Label): Effect.Effect<void, PluginError> {
    return Effect.suspend(() => {
      const growth = label.take()
      const number = label.ask()
      const whole = label.now
      const change = (text: string | undefined) => {
        const result = text === undefined ? whole : grown(decodeLabel(text), growth)
        return { next: JSON.stringify(result), result }
      }
      return this.state.update(SPACE, label.key, change).pipe(
        Effect.tapError(() => Effect.sync(() => label.failed())),
        Effect.map((stored) => {
          label.written(stored, number)
          // The state may know of labels that this one flows into, and of atoms, that this gateway has not seen.
          this.flow(label, stored.into, stored.atoms)
        })
      )
    })
  }
}

const readable = <A>(read: () => A): Effect.Effect<A, PluginError> =>
  Effect.try({
    try: read,
    catch: (cause) => pluginError("residency", "A label in the state cannot be read.", cause)
  })
