import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomBytes } from "node:crypto"
import {
  Callers,
  defineService,
  Ledger,
  Onlookers,
  type PluginError,
  Policy,
  Secrets,
  type ServiceSite,
  type Session,
  State,
  Tokens,
  Web
} from "../../core/index.ts"
import { Approvals } from "./approvals.ts"
import { Book } from "./book.ts"
import { Desk } from "./desk.ts"
import { openMessenger } from "./messenger.ts"
import { Office } from "./office.ts"
import { addressOf, ServiceConfig } from "./service-config.ts"
import { Site } from "./web/site.ts"

/** How often decisions of other processes are looked for. Well within the second that a revocation may take. */
const LOOK_MILLISECONDS = 250
/** How often what is long over is looked for. */
const TIDY_MILLISECONDS = 3_600_000

/** `use: approvals`: one for the gateway, whatever pipelines hold for approval. Supplied where a plugin needs it. */
export const approvals = defineService({
  name: "approvals",
  config: ServiceConfig,
  provides: Approvals,
  requires: [State, Tokens, Callers, Onlookers, Policy, Web],
  uses: [Ledger, Secrets],
  layer: (config, site) =>
    Layer.effect(
      Approvals,
      Effect.gen(function*() {
        const book = new Book(yield* State)
        const policy = yield* Policy
        const life = randomBytes(8).toString("hex")
        const { name: gateway } = policy.current().gateway
        const ledger = yield* Effect.serviceOption(Ledger)
        const log = ledger._tag === "None" ? undefined : ledger.value.open(recordsOf(life))
        const secrets = yield* Effect.serviceOption(Secrets)
        const announce = yield* openMessenger({
          hooks: config.webhooks,
          onlookers: yield* Onlookers,
          secrets: secrets._tag === "None" ? undefined : secrets.value,
          web: yield* Web
        })
        const office = new Office({ book, gateway, life, log, announce })
        const desk = new Desk({
          book,
          tokens: yield* Tokens,
          callers: yield* Callers,
          onlookers: yield* Onlookers,
          changed: (id) => office.changed(id)
        })
        yield* open(config, site, desk)
        yield* office.takeOver
        yield* Effect.addFinalizer(() =>
          Effect.ignore(office.leave).pipe(
            Effect.andThen(Effect.sync(() => log?.append("session.end", { reason: "shutdown" })))
          )
        )
        yield* Effect.forkScoped(keepDoing("Open requests cannot be looked at", LOOK_MILLISECONDS, office.lookAtAll))
        yield* Effect.forkScoped(keepDoing("Old requests cannot be cleared", TIDY_MILLISECONDS, office.tidy))
        return {
          file: (filing) => office.file(filing),
          settled: (id) => office.settled(id),
          use: (id, binding) => office.use(id, binding),
          abandon: (id, reason) => office.abandon(id, reason)
        }
      })
    )
})

/** Does something again and again, whatever goes wrong: that is logged when it begins, and when it is over. */
const keepDoing = (trouble: string, milliseconds: number, work: Effect.Effect<void, PluginError>) =>
  Effect.gen(function*() {
    let troubled = false
    for (;;) {
      const failed = yield* work.pipe(Effect.as(false), Effect.catchCause(() => Effect.succeed(true)))
      if (failed && !troubled) yield* Effect.logError(`${trouble}: the state does not answer as it should.`)
      if (!failed && troubled) yield* Effect.logInfo(`${trouble}: no longer so.`)
      troubled = failed
      yield* Effect.sleep(milliseconds)
    }
  })

/** Serves the approvers' page and API, where the file says so. */
const open = ({ listen, tls }: ServiceConfig, { directory }: ServiceSite, desk: Desk) =>
  Effect.gen(function*() {
    const address = listen === undefined ? undefined : addressOf(listen)
    if (address === undefined) return
    const pages = new Site(desk)
    const web = yield* Web
    const { host, port } = yield* web.serve(
      { ...address, tls: tls === undefined ? undefined : { ...tls, directory }, bodyBytesMax: BODY_BYTES_MAX },
      (request) => pages.answer(request)
    )
    yield* Effect.logInfo(`Approvals are decided at ${tls === undefined ? "http" : "https"}://${host}:${port}/`)
  })

/** Tokens are the longest thing that is sent to the page. */
const BODY_BYTES_MAX = 65_536

/** Under which the ledger keeps what happens to requests: the steps of a gateway's life, beside its sessions. */
const recordsOf = (life: string): Session => ({
  id: `approvals-${life}`,
  pipeline: "approvals",
  peer: { address: "", port: 0, encrypted: true },
  now: () => Date.now()
})
