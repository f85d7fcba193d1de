import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Worker } from "node:worker_threads"
import type { Snapshot } from "../catalogue/snapshot.ts"
import type { Examined } from "../examine.ts"
import { unknownFinding } from "../finding.ts"

/** Longer texts are examined in a thread of their own, so that nobody else waits for them. In UTF-16 units. */
export const largeCharactersMin = 8192

/** The longest that one text may take, in milliseconds, from when its turn came. */
const deadline = 2000
/** Texts that wait or run. More are refused at once. */
const queueMax = 8
/** The longest that a session may wait for its turn and its answer, in milliseconds. */
export const largeWithin = (deadline + 1000) * queueMax

/** What the thread is asked. The snapshot comes along only when the thread does not have it. */
export interface LargeQuestion {
  readonly text: string
  readonly major: number | undefined
  readonly snapshot: Snapshot | undefined
}

interface Job extends LargeQuestion {
  readonly done: (examined: Examined) => void
}

const refused = (reason: string): Examined => ({ finding: unknownFinding(reason), consequences: [], sessional: true })

/**
 * Examines long texts, one at a time, in a thread that starts with the first of them. One that takes longer than the
 * deadline ends with the thread, which starts anew for the next.
 */
export class LargeTexts {
  readonly #jobs: Array<Job> = []
  #worker: Worker | undefined
  #running: Job | undefined
  #timer: NodeJS.Timeout | undefined
  /** The snapshot that the thread has. */
  #snapshot: Snapshot | undefined

  static readonly open: Effect.Effect<LargeTexts, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => new LargeTexts()),
    (texts) => Effect.promise(() => texts.close())
  )

  examine(text: string, snapshot: Snapshot, major: number | undefined): Effect.Effect<Examined> {
    return Effect.callback<Examined>((resume) => {
      if (this.#jobs.length >= queueMax) {
        return resume(Effect.succeed(refused("too many long statements are being analysed at once")))
      }
      this.#jobs.push({ text, snapshot, major, done: (examined) => resume(Effect.succeed(examined)) })
      this.#next()
    })
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.splice(0)) job.done(refused("the gateway is closing"))
    const worker = this.#worker
    this.#finish(refused("the gateway is closing"))
    this.#forget()
    await worker?.terminate()
  }

  #next(): void {
    if (this.#running !== undefined) return
    const job = this.#jobs.shift()
    if (job === undefined) return
    this.#running = job
    const worker = this.#worker ??= this.#start()
    const { text, major, snapshot } = job
    worker.postMessage(
      { text, major, snapshot: snapshot === this.#snapshot ? undefined : snapshot } satisfies LargeQuestion
    )
    this.#snapshot = snapshot
    this.#timer = setTimeout(() => this.#broken("the statement took too long to analyse"), deadline)
  }

  #start(): Worker {
    const worker = new Worker(new URL("./large-texts-worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 1024, stackSizeMb: 4 }
    })
    worker.unref()
    worker.on("message", (examined: Examined) => {
      this.#finish(examined)
      this.#next()
    })
    worker.on("error", () => {
      if (worker === this.#worker) this.#broken("the statement could not be analysed")
    })
    return worker
  }

  #broken(reason: string): void {
    const worker = this.#worker
    this.#forget()
    worker?.terminate().catch(() => undefined)
    this.#finish(refused(reason))
    this.#next()
  }

  #forget(): void {
    this.#worker = undefined
    this.#snapshot = undefined
  }

  #finish(examined: Examined): void {
    clearTimeout(this.#timer)
    const job = this.#running
    this.#running = undefined
    job?.done(examined)
  }
}
