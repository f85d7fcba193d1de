import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Projection, Unprojected } from "../../../../core/family/sql/index.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import type { Examined } from "../examine.ts"
import { unknownFinding } from "../finding.ts"
import { type Projected, unprojected } from "../rewrite/project.ts"
import { Debts } from "./debts.ts"
import { answered, type LargeQuestion, type ProjectionAnswers, unanswered } from "./large-question.ts"
import { LargeThread, type ThreadAnswer } from "./large-thread.ts"

/** Texts that wait. With more, the one is refused whose client has used most of the thread's time. */
const queueMax = 64
/** The longest that a session may wait for its turn and its answer, in milliseconds. */
export const largeWithin = 30_000
/** How often a projection may be asked more about: once for its columns, once for what its answers make of it. */
const roundsMax = 4

/** A text, and where its names are looked up. */
export interface LargeText extends Omit<LargeQuestion, "projection"> {
  readonly snapshot: Snapshot
  /** Who asks: clients take turns by what they have used. */
  readonly client: string
}

interface Job {
  readonly asked: LargeText
  readonly projection: ProjectionAnswers | undefined
  readonly done: (answer: ThreadAnswer) => void
}

/**
 * Examines and rewrites texts that would hold up everyone else, in a thread of their own. Each session waits for one at
 * most; the next is whoever's client has used the least of the thread's time lately.
 */
export class LargeTexts {
  readonly #thread = new LargeThread()
  readonly #debts = new Debts()
  #jobs: Array<Job> = []
  #running = false
  #closed = false

  static readonly open: Effect.Effect<LargeTexts, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => new LargeTexts()),
    (texts) => Effect.promise(() => texts.close())
  )

  /** What a text touches. Findings that hang on names of the session are not known here. */
  examine(asked: LargeText): Effect.Effect<Examined> {
    return Effect.map(
      this.#ask(asked, undefined),
      (answer) => answer._tag === "Examined" ? answer.examined : refused(reasonOf(answer))
    )
  }

  /** The text as it reads what it reads through a projection. */
  project(asked: LargeText, projection: Projection): Effect.Effect<Projected | Unprojected> {
    const round = (known: ProjectionAnswers, rounds: number): Effect.Effect<Projected | Unprojected> =>
      Effect.flatMap(this.#ask(asked, known), (answer) => {
        if (answer._tag === "Asks" && rounds > 1) return round(answered(known, answer, projection), rounds - 1)
        if (answer._tag === "Unprojected") return Effect.succeed(answer)
        if (answer._tag !== "Projected") return Effect.succeed(unprojected(reasonOf(answer), "Write a smaller one."))
        const { confined, examined, text } = answer
        return Effect.succeed({ confined, examined, text })
      })
    return round(unanswered(projection), roundsMax)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#jobs.splice(0)) job.done(failed("the gateway is closing"))
    await this.#thread.close()
  }

  #ask(asked: LargeText, projection: ProjectionAnswers | undefined): Effect.Effect<ThreadAnswer> {
    return Effect.callback<ThreadAnswer>((resume) => {
      const job: Job = { asked, projection, done: (answer) => resume(Effect.succeed(answer)) }
      this.#jobs.push(job)
      if (this.#jobs.length > queueMax) this.#take((a, b) => a > b)?.done(failed(tooMany))
      void this.#next()
      return Effect.sync(() => void (this.#jobs = this.#jobs.filter((other) => other !== job)))
    })
  }

  async #next(): Promise<void> {
    if (this.#running || this.#closed) return
    const job = this.#take((a, b) => a < b)
    if (job === undefined) return
    this.#running = true
    const { asked: { client, definitions, major, snapshot, text }, projection } = job
    const began = performance.now()
    const answer = await this.#thread.ask({ text, major, definitions, projection }, snapshot)
    this.#debts.add(client, performance.now() - began)
    this.#running = false
    job.done(answer)
    void this.#next()
  }

  /** Takes out the job whose client owes most, or least; of equals, the first. */
  #take(goesBefore: (a: number, b: number) => boolean): Job | undefined {
    let best: Job | undefined
    let debt = 0
    for (const job of this.#jobs) {
      const owed = this.#debts.of(job.asked.client)
      if (best === undefined || goesBefore(owed, debt)) [best, debt] = [job, owed]
    }
    this.#jobs = this.#jobs.filter((job) => job !== best)
    return best
  }
}

const tooMany = "too many long statements are being analysed at once"

const failed = (reason: string): ThreadAnswer => ({ _tag: "Failed", reason })

const reasonOf = (answer: ThreadAnswer): string => "reason" in answer ? answer.reason : "it was not analysed"

const refused = (reason: string): Examined => ({ finding: unknownFinding(reason), consequences: [], sessional: true })
