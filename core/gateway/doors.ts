import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { type PluginError, pluginError } from "../exchange/index.ts"
import { Listener } from "../transport/index.ts"
import type { PipelinePlan } from "./plan.ts"

/** A listener and whom it hands connections to: a reload can give a door that stays open to another pipeline. */
export interface Door {
  readonly key: string
  readonly listener: Listener
  readonly host: Doorkeeper
}

/** Set once the plan that wanted the door is in force. Until then, whoever knocks is closed. */
export interface Doorkeeper {
  accept: (socket: Socket) => void
  trouble: (reason: string, times: number) => void
}

/** What makes two plans mean the same door. One without a fixed port is its pipeline's own. */
export const doorKey = (plan: PipelinePlan): string =>
  plan.listen.port === 0 ? `${plan.listen.host}:0 ${plan.name}` : `${plan.listen.host}:${plan.listen.port}`

export const openDoor = (plan: PipelinePlan): Effect.Effect<Door, PluginError> =>
  Effect.suspend(() => {
    const host: Doorkeeper = { accept: (socket) => void socket.destroy(), trouble: () => {} }
    return Effect.tryPromise({
      try: () =>
        Listener.open({
          ...plan.listen,
          accept: (socket) => host.accept(socket),
          trouble: (reason, times) => host.trouble(reason, times)
        }),
      catch: (error) => pluginError(plan.name, error instanceof Error ? error.message : "Cannot listen.", error)
    }).pipe(Effect.map((listener) => ({ key: doorKey(plan), listener, host })))
  })
