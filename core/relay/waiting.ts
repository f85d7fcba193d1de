import { type Deny, deny, type Hold } from "../exchange/index.ts"
import type { Held } from "../pipeline/index.ts"
import type { Observer, Run } from "./surroundings.ts"

/** What waiting needs of the world. */
export interface WaitingRoom {
  readonly run: Run
  readonly after: (milliseconds: number, wake: () => void) => () => void
  readonly observer: Observer
}

/** The one thing that a session waits for. Stopped when the session closes: then nothing is answered any more. */
export class Waiting {
  private readonly room: WaitingRoom
  private readonly guarded: (act: () => void) => void
  private readonly tell: (notice: string) => void
  private stop: (() => void) | undefined
  private answer: ((denial: Deny) => void) | undefined

  /** Answers that come later are handled inside `guarded`; what the client is to know meanwhile goes to `tell`. */
  constructor(room: WaitingRoom, guarded: (act: () => void) => void, tell: (notice: string) => void = () => {}) {
    this.room = room
    this.guarded = guarded
    this.tell = tell
  }

  get active(): boolean {
    return this.stop !== undefined
  }

  /** Waits for `hold`; a failure, or silence past its time, answers with a denial. `done` may be called at once. */
  on<A>(hold: Hold<A>, done: (answer: A | Deny) => void): void {
    let settled = false
    let cancelTimer: (() => void) | undefined
    const settle = (answer: A | Deny): void => {
      if (settled) return
      settled = true
      cancelTimer?.()
      this.stop = undefined
      this.answer = undefined
      this.guarded(() => done(answer))
    }
    const stopRun = this.room.run(hold.until, (result) => {
      if (result.ok) return settle(result.value)
      this.room.observer.unavailable(result.error)
      settle(failed(hold.reason))
    })
    if (settled) return
    if (hold.notice !== undefined) this.tell(hold.notice)
    cancelTimer = this.room.after(hold.within, () => {
      stopRun()
      settle(deny("timeout", `Waited too long: ${hold.reason}.`))
    })
    this.answer = (denial) => {
      stopRun()
      settle(denial)
    }
    this.stop = () => {
      settled = true
      cancelTimer?.()
      stopRun()
    }
  }

  /** Drives a judgement to its end, however often it waits. `done` may be called at once. */
  settle<A>(judged: A | Held<A, any> | Deny, done: (answer: A | Deny) => void): void {
    if (!isHeld<A>(judged)) return done(judged)
    // A wait that failed resumes with a denial; what that means is for whoever waits to say.
    this.on<unknown>(judged.hold, (answer) => this.settle<A>(judged.resume(answer), done))
  }

  /** Ends the wait with a denial. False: nothing is waited for. */
  refuse(denial: Deny): boolean {
    const { answer } = this
    answer?.(denial)
    return answer !== undefined
  }

  cancel(): void {
    this.stop?.()
    this.stop = undefined
    this.answer = undefined
  }
}

/** Without the failure's own words: they are for the operator, and may name what stands behind the gateway. */
const failed = (reason: string): Deny =>
  deny("unavailable", `It failed while this was waited for: ${reason}.`, {
    hint: "Try again soon. The gateway's log says what is wrong."
  })

const isHeld = <A>(value: A | Held<A, any> | Deny): value is Held<A, any> =>
  typeof value === "object" && value !== null && "_tag" in value && value._tag === "Held"
