import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { type PluginError, pluginError } from "../exchange/index.ts"
import type { Run, RunResult } from "../relay/index.ts"

/** What waits for something outside: approvals, token checks, upstreams that are dialled. */
export interface Waits {
  /** How many wait now. */
  open: number
  /** How many had to wait, ever: what was answered at once is not counted. */
  total: number
}

/**
 * Runs effects for sessions: the seam between the data plane's plain calls and Effect.
 *
 * What an effect answers without waiting is reported before `run` returns. Every fiber is known here until it ended,
 * so that `close` leaves none behind.
 */
export class Runner {
  readonly waits: Waits = { open: 0, total: 0 }
  private readonly fork: ReturnType<typeof Effect.runForkWith<never>>
  private readonly fibers = new Set<Fiber.Fiber<unknown, unknown>>()

  constructor(context: Context.Context<never>) {
    this.fork = Effect.runForkWith(context)
  }

  readonly run: Run = <A>(effect: Effect.Effect<A, PluginError>, done: (result: RunResult<A>) => void) => {
    const fiber = this.fork(effect)
    const ended = fiber.pollUnsafe()
    if (ended !== undefined) {
      done(resultOf(ended))
      return nothing
    }
    this.fibers.add(fiber)
    this.waits.open++
    this.waits.total++
    let listening = true
    fiber.addObserver((exit) => {
      this.fibers.delete(fiber)
      this.waits.open--
      if (listening) done(resultOf(exit))
    })
    return () => {
      listening = false
      fiber.interruptUnsafe()
    }
  }

  /** Interrupts what still runs, and waits for it to have ended. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    Effect.callback<void>((resume) => {
      const left = [...this.fibers]
      let count = left.length
      if (count === 0) return resume(Effect.void)
      for (const fiber of left) {
        fiber.addObserver(() => {
          if (--count === 0) resume(Effect.void)
        })
        fiber.interruptUnsafe()
      }
    })
  )
}

const nothing = (): void => {}

const resultOf = <A>(exit: Exit.Exit<A, PluginError>): RunResult<A> => {
  if (Exit.isSuccess(exit)) return { ok: true, value: exit.value }
  const expected = Cause.findErrorOption(exit.cause)
  if (Option.isSome(expected)) return { ok: false, error: expected.value }
  const message = Cause.hasInterruptsOnly(exit.cause) ? "It was stopped." : "Something failed that was not meant to."
  return { ok: false, error: pluginError("gateway", message, Cause.squash(exit.cause)) }
}
