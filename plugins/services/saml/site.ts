import * as Effect from "effect/Effect"
import type { PluginError, WebAnswer, WebRequest } from "../../../core/index.ts"
import { verify } from "./assertion.ts"
import { consumerOf, entityOf, type SamlConfig } from "./config.ts"
import { Gate } from "./gate.ts"
import { guard } from "./guard.ts"
import { messagePage, metadata, redirect, tokenPage } from "./pages.ts"
import { provider } from "./provider.ts"
import { type LoginRefused, refused } from "./refused.ts"
import type { Requests } from "./request.ts"
import type { Mint } from "./token.ts"

/** How many responses may come for each login that may begin: people go back, and try again. */
const ANSWERS_PER_LOGIN = 4

export interface SiteOptions {
  readonly config: SamlConfig
  readonly certificates: ReadonlyArray<string>
  readonly requests: Requests
  readonly mint: Mint
  readonly now: () => number
}

const tooMany = messagePage(429, "Too many logins", "Try again in a minute.")

type Answering = Effect.Effect<WebAnswer, LoginRefused | PluginError>

/** The login page, as a function from a request to an answer. */
export class Site {
  private readonly options: SiteOptions
  /** Each login that begins leaves an entry in the state: strangers must not fill it. */
  private readonly beginnings: Gate
  /** Each response costs a look at XML and at a signature. */
  private readonly answers: Gate

  constructor(options: SiteOptions) {
    this.options = options
    this.beginnings = new Gate(options.config.logins_per_minute)
    this.answers = new Gate(options.config.logins_per_minute * ANSWERS_PER_LOGIN)
  }

  /** Never rejects. */
  answer(request: WebRequest): Promise<WebAnswer> {
    return Effect.runPromise(
      this.route(request).pipe(
        Effect.catch((error) =>
          Effect.succeed(
            error._tag === "LoginRefused"
              ? messagePage(403, "Refused", error.message)
              : messagePage(503, "Not now", "The gateway cannot log people in. Its log says why.")
          )
        )
      )
    )
  }

  private route({ body, from, method, path }: WebRequest): Answering {
    const { config, now } = this.options
    if (method === "GET" && path === "/saml/login") {
      return this.beginnings.admits(from, now()) ? this.login() : Effect.succeed(tooMany)
    }
    if (method === "POST" && path === "/saml/acs") {
      return this.answers.admits(from, now()) ? this.consume(body) : Effect.succeed(tooMany)
    }
    if (method === "GET" && path === "/saml/metadata") {
      return Effect.succeed(metadata(entityOf(config), consumerOf(config)))
    }
    return Effect.succeed(messagePage(404, "Nothing here", "There is no such page."))
  }

  private login(): Answering {
    const { certificates, config, now, requests } = this.options
    return Effect.flatMap(requests.begin(now()), (id) =>
      Effect.tryPromise({
        try: async () => redirect(await provider(config, certificates, id).getAuthorizeUrlAsync("", undefined, {})),
        catch: () => refused("The request to the identity provider cannot be made.")
      }))
  }

  /** Everything is checked before anything is consumed: what nobody signed uses up no request. */
  private consume(body: string): Answering {
    const { certificates, config, mint, now, requests } = this.options
    return Effect.gen(function*(): Effect.fn.Return<WebAnswer, LoginRefused | PluginError> {
      const responses = new URLSearchParams(body).getAll("SAMLResponse")
      const xml = responses.length === 1
        ? guard(responses[0]!, { consumer: consumerOf(config), provider: config.provider.entity_id })
        : refused("There must be one SAML response.")
      if (typeof xml !== "string") return yield* Effect.fail(xml)
      const assertion = yield* verify(xml, config, certificates, now())
      if (!(yield* requests.consume(assertion.inResponseTo, now()))) {
        return yield* Effect.fail(refused("Nobody asked for this assertion, or it was used. Log in again."))
      }
      if (!(yield* requests.spend(assertion.id, assertion.until))) {
        return yield* Effect.fail(refused("This assertion was used. Log in again."))
      }
      const token = yield* Effect.promise(() => mint(assertion, now()))
      return tokenPage(token, assertion.subject, config.token.seconds)
    })
  }
}
