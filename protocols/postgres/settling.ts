import type { Wire } from "../../core/bytes/index.ts"
import type { Sql } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import type { Owed } from "./owed.ts"
import type { State } from "./state.ts"

/** What the readers of the upstream's answers have in common. */

export const sizeOf = (wire: Wire): number => wire.end - wire.start

/** Whether a message is only its type and its length. */
export const isBare = (wire: Wire): boolean => wire.end - wire.start === 5

/** Sends on what carries no data, unless the gateway itself had asked for it. */
export const pass = (state: State, head: Owed, wire: Wire): undefined => {
  if (head.hidden) return undefined
  head.bytes += sizeOf(wire)
  state.outbox.downstream.pushWire(wire)
  return undefined
}

/** The first answer owed has been given. */
export const settle = (state: State, head: Owed): void => {
  state.queue.shift()
  if (head.exchange === undefined) return
  const result = head.error === undefined ? "completed" : head.refusal === undefined ? "failed" : "denied"
  state.events.push({ _tag: "Settled", exchange: head.exchange, outcome: head.outcome(result) })
}

/** An answer that is one message and carries no data. */
export const answerBare = (state: State, head: Owed, wire: Wire): Event<Sql> | undefined => {
  if (!isBare(wire)) return unexpected(state)
  pass(state, head, wire)
  settle(state, head)
  return undefined
}

export const breach = (state: State, code: string, message: string): Event<Sql> =>
  state.violate("upstream", code, message)

export const unexpected = (state: State): Event<Sql> =>
  breach(state, "unexpected_message", "The upstream's answer is of a type that does not belong there.")
