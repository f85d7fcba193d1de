import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { randomBytes } from "node:crypto"
import { Callers, defineService, Ledger, Onlookers, Policy, type Session, State, Tokens } from "../../core/index.ts"
import { Approvals } from "./approvals.ts"
import { Book } from "./book.ts"
import { Office } from "./office.ts"

/** How often decisions of other processes are looked for. Well within the second that a revocation may take. */
const LOOK_MILLISECONDS = 250

const options = Schema.Struct({}).annotate({ description: "Where approvals are kept and decided." })

/** `use: approvals`: one for the gateway, whatever pipelines hold for approval. Supplied where a plugin needs it. */
export const approvals = defineService({
  name: "approvals",
  config: options,
  provides: Approvals,
  requires: [State, Tokens, Callers, Onlookers, Policy],
  uses: [Ledger],
  layer: () =>
    Layer.effect(
      Approvals,
      Effect.gen(function*() {
        const book = new Book(yield* State)
        const policy = yield* Policy
        const life = randomBytes(8).toString("hex")
        const { name: gateway } = policy.current().gateway
        const ledger = yield* Effect.serviceOption(Ledger)
        const log = ledger._tag === "None" ? undefined : ledger.value.open(recordsOf(life))
        const office = new Office({ book, gateway, life, log, announce: () => {} })
        yield* office.takeOver
        yield* Effect.addFinalizer(() =>
          Effect.ignore(office.leave).pipe(
            Effect.andThen(Effect.sync(() => log?.append("session.end", { reason: "shutdown" })))
          )
        )
        yield* Effect.ignore(office.lookAtAll).pipe(
          Effect.andThen(Effect.sleep(LOOK_MILLISECONDS)),
          Effect.forever,
          Effect.forkScoped
        )
        return {
          file: (filing) => office.file(filing),
          settled: (id) => office.settled(id),
          use: (id, binding) => office.use(id, binding),
          abandon: (id, reason) => office.abandon(id, reason)
        }
      })
    )
})

/** Under which the ledger keeps what happens to requests: the steps of a gateway's life, beside its sessions. */
const recordsOf = (life: string): Session => ({
  id: `approvals-${life}`,
  pipeline: "approvals",
  peer: { address: "", port: 0, encrypted: true },
  now: () => Date.now()
})
