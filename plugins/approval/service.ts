import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { randomBytes } from "node:crypto"
import {
  Callers,
  defineService,
  Ledger,
  Onlookers,
  type PluginError,
  pluginError,
  Policy,
  Revocations,
  Secrets,
  type ServiceSite,
  type Session,
  SignIn,
  State,
  Tokens,
  Web
} from "../../core/index.ts"
import { Approvals } from "./approvals.ts"
import { Book } from "./book.ts"
import { Desk } from "./desk.ts"
import { Diary } from "./diary.ts"
import { Lives } from "./lives.ts"
import { openMessenger } from "./messenger.ts"
import { Office } from "./office.ts"
import { addressOf, ServiceConfig } from "./service-config.ts"
import { CALLBACK_PATH, LoginDoor } from "./web/login-door.ts"
import { Site } from "./web/site.ts"

/** How often decisions of other processes are looked for. Well within the second that a revocation may take. */
const LOOK_MILLISECONDS = 250
/** How often this life says that it goes on. */
const BEAT_MILLISECONDS = 500
/** Clocks further apart than this are worth a word: each gateway ends requests and grants by its own. */
const SKEW_MILLISECONDS_MAX = 5000
/** How often what is long over is looked for. */
const TIDY_MILLISECONDS = 3_600_000

/** `use: approvals`: one for the gateway, whatever pipelines hold for approval. Supplied where a plugin needs it. */
export const approvals = defineService({
  name: "approvals",
  config: ServiceConfig,
  provides: Approvals,
  requires: [State, Tokens, Revocations, Callers, Onlookers, Policy, SignIn, Web],
  uses: [Ledger, Secrets],
  layer: (config, site) =>
    Layer.effect(
      Approvals,
      Effect.gen(function*() {
        const state = yield* State
        const book = new Book(state)
        const policy = yield* Policy
        const life = randomBytes(8).toString("hex")
        const { name: gateway } = policy.current().gateway
        const ledger = yield* Effect.serviceOption(Ledger)
        const log = ledger._tag === "None" ? undefined : ledger.value.open(recordsOf(life))
        const secrets = yield* Effect.serviceOption(Secrets)
        const announce = yield* openMessenger({
          hooks: config.webhooks,
          onlookers: yield* Onlookers,
          secrets: Option.getOrUndefined(secrets),
          web: yield* Web
        })
        const lives = new Lives({ state, gateway, life, now: () => Date.now(), elapsed: () => performance.now() })
        const revocations = yield* Revocations
        const office = new Office({ book, gateway, life, lives, diary: new Diary(log), revocations, announce })
        const desk = new Desk({
          book,
          tokens: yield* Tokens,
          revocations,
          callers: yield* Callers,
          onlookers: yield* Onlookers,
          changed: (id) => office.changed(id)
        })
        yield* Effect.andThen(lives.beat, lives.meet)
        const door = yield* doorOf(config, policy.current().issuers, Option.getOrUndefined(secrets))
        yield* open(config, site, desk, door)
        yield* office.lookAtAll
        yield* Effect.addFinalizer(() =>
          Effect.ignore(office.leave).pipe(
            Effect.andThen(Effect.sync(() => log?.append("session.end", { reason: "shutdown" })))
          )
        )
        yield* Effect.forkScoped(keepDoing("Approvals cannot be kept up", BEAT_MILLISECONDS, beat(lives)))
        yield* Effect.forkScoped(
          keepDoing("Open requests cannot be looked at", LOOK_MILLISECONDS, office.lookAtAll, noticeClocks(lives))
        )
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
const keepDoing = (
  trouble: string,
  milliseconds: number,
  work: Effect.Effect<unknown, PluginError>,
  after: Effect.Effect<void> = Effect.void
) =>
  Effect.gen(function*() {
    let troubled = false
    for (;;) {
      const failed = yield* work.pipe(
        Effect.as(undefined),
        Effect.catch(({ message }) => Effect.succeed(message)),
        Effect.catchCause(() => Effect.succeed("it failed in a way that was not meant to be."))
      )
      if (failed !== undefined && !troubled) yield* Effect.logError(`${trouble}: ${failed}`)
      if (failed === undefined && troubled) yield* Effect.logInfo(`${trouble}: no longer so.`)
      if (failed === undefined) yield* after
      troubled = failed !== undefined
      yield* Effect.sleep(milliseconds)
    }
  })

const beat = (lives: Lives) =>
  Effect.flatMap(lives.beat, (lasted) =>
    lasted
      ? Effect.void
      : Effect.logWarning("This gateway was silent for too long: another took what waited here for void."))

/** Says once that the gateways' clocks are apart, and once that they are not any more. */
const noticeClocks = (lives: Lives): Effect.Effect<void> => {
  let apart = false
  return Effect.suspend(() => {
    const skew = lives.skewMilliseconds
    if (skew > SKEW_MILLISECONDS_MAX === apart) return Effect.void
    apart = !apart
    const seconds = Math.round(skew / 1000)
    return apart
      ? Effect.logWarning(
        `The clock of another gateway of this state is ${seconds} seconds from this one's: requests and grants may end `
          + "early, or not count. Set the clocks by one source (NTP)."
      )
      : Effect.logInfo("The gateways' clocks are together again.")
  })
}

/** Serves the approvers' page and API, where the file says so. */
const open = ({ listen, tls }: ServiceConfig, { directory }: ServiceSite, desk: Desk, door: LoginDoor | undefined) =>
  Effect.gen(function*() {
    const address = listen === undefined ? undefined : addressOf(listen)
    if (address === undefined) return
    const pages = new Site(desk, door)
    const web = yield* Web
    const { host, port } = yield* web.serve(
      { ...address, tls: tls === undefined ? undefined : { ...tls, directory }, bodyBytesMax: BODY_BYTES_MAX },
      (request) => pages.answer(request)
    )
    yield* Effect.logInfo(`Approvals are decided at ${tls === undefined ? "http" : "https"}://${host}:${port}/`)
  })

/** The way in over an issuer, where the file has one. */
const doorOf = (
  { login }: ServiceConfig,
  issuers: ReadonlyArray<string>,
  secrets: Secrets["Service"] | undefined
): Effect.Effect<LoginDoor | undefined, PluginError, SignIn> =>
  Effect.gen(function*() {
    if (login === undefined) return undefined
    const issuer = login.issuer ?? (issuers.length === 1 ? issuers[0] : undefined)
    if (issuer === undefined || !issuers.includes(issuer)) {
      return yield* Effect.fail(
        pluginError("approvals", `\`login.issuer\` must be one of those that are trusted: ${issuers.join(", ")}.`)
      )
    }
    const { address, client_id: clientId, client_secret: name, scope, token } = login
    if (name !== undefined && secrets === undefined) {
      return yield* Effect.fail(
        pluginError("approvals", "`login.client_secret` needs a secrets service. Add one under services:.")
      )
    }
    const secret = name === undefined ? Effect.succeed(undefined) : secrets!.fetch(name)
    const redirect = `${address}${CALLBACK_PATH}`
    const client = Effect.map(secret, (secret) => ({ issuer, clientId, secret, redirect, scope, token }))
    return new LoginDoor(yield* SignIn, client)
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
