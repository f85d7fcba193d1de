import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type Onlookers, type PluginError, pluginError, type Secrets, type Web } from "../../core/index.ts"
import type { Request } from "./request.ts"
import type { Webhook } from "./service-config.ts"
import { messageOf, noteOf } from "./webhook.ts"

/** Pauses before another attempt, in milliseconds. */
const PAUSES = [1000, 4000, 16_000, 64_000]
/** Messages that may wait to be sent; beyond it new ones are dropped, with a warning. */
const WAITING_MAX = 1000
const SENDERS = 4

export interface MessengerRoom {
  readonly hooks: ReadonlyArray<Webhook>
  readonly onlookers: Onlookers["Service"]
  readonly secrets: Secrets["Service"] | undefined
  readonly web: Web["Service"]
  /** Instead of `PAUSES`. */
  readonly pauses?: ReadonlyArray<number>
}

/** Sends a note of each request to every webhook, in the background, until the scope closes. */
export const openMessenger = (
  room: MessengerRoom
): Effect.Effect<(request: Request) => void, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const queue = yield* Queue.dropping<{ readonly request: Request; readonly hook: Webhook }>(WAITING_MAX)
    const sender = Queue.take(queue).pipe(
      Effect.flatMap(({ hook, request }) => deliver(room, request, hook)),
      Effect.forever,
      Effect.forkScoped
    )
    for (let i = 0; i < (room.hooks.length === 0 ? 0 : SENDERS); i++) yield* sender
    return (request) => {
      for (const hook of room.hooks) Queue.offerUnsafe(queue, { request, hook })
    }
  })

const deliver = (room: MessengerRoom, request: Request, hook: Webhook): Effect.Effect<void> =>
  Effect.gen(function*() {
    const pauses = room.pauses ?? PAUSES
    for (let attempt = 0;; attempt++) {
      const outcome = yield* Effect.result(send(room, request, hook))
      if (outcome._tag === "Success" && outcome.success < 300) return
      const pause = pauses[attempt]
      const permanent = outcome._tag === "Success" && outcome.success < 500 && outcome.success !== 408
        && outcome.success !== 429
      if (pause === undefined || permanent) {
        const why = outcome._tag === "Success" ? `it answered ${outcome.success}` : outcome.failure.message
        yield* Effect.logWarning(`The webhook of ${request.id} was given up: ${why}`)
        return
      }
      yield* Effect.sleep(pause)
    }
  })

const send = (room: MessengerRoom, request: Request, hook: Webhook): Effect.Effect<number, PluginError> =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const secret = hook.secret === undefined ? undefined : yield* secretOf(room, hook.secret)
    const address = hook.address ?? (yield* secretOf(room, hook.address_secret ?? ""))
    const { body, headers } = messageOf(noteOf(request, hook, room.onlookers, now), hook, secret, now)
    return yield* room.web.post(address, headers, body)
  })

const secretOf = ({ secrets }: MessengerRoom, name: string): Effect.Effect<string, PluginError> =>
  secrets === undefined
    ? Effect.fail(pluginError("approval", "No secrets service is configured. Add one under services:."))
    : Effect.map(secrets.fetch(name), Redacted.value)
