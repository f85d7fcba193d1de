import * as Effect from "effect/Effect"
import { hash, timingSafeEqual } from "node:crypto"
import type { PluginError, SignInRefused, WebAnswer, WebRequest } from "../../../core/index.ts"
import type { Desk, Refused } from "../desk.ts"
import { json, page, redirect, statusOf, style } from "./answers.ts"
import { answerApi } from "./api.ts"
import { cookie, Guests, isOurs, type Stay } from "./guests.ts"
import { Limit } from "../limit.ts"
import { openapi } from "./openapi.ts"
import { CALLBACK_PATH, type LoginDoor, pageOf, START_PATH } from "./login-door.ts"
import { arrivedPage, type Guest, listPage, loginPage, messagePage, requestPage } from "./pages.ts"
import { stylesheet } from "./style.ts"

const REQUESTS_PER_MINUTE = 600
const LOGINS_PER_MINUTE = 20

const NOT_BEGUN = "This login was not begun in this browser, or too long ago. Begin again."

type Failure = Refused | PluginError | SignInRefused
type Answering<E = Refused | PluginError> = Effect.Effect<WebAnswer, E>

/** The approvers' page and API, as a function from a request to an answer. */
export class Site {
  private readonly desk: Desk
  /** The way in over an issuer, where there is one. */
  private readonly door: LoginDoor | undefined
  private readonly now: () => number
  private readonly guests = new Guests()
  private readonly requests = new Limit()
  private readonly logins = new Limit()

  constructor(desk: Desk, door?: LoginDoor, now: () => number = Date.now) {
    this.desk = desk
    this.door = door
    this.now = now
  }

  /** Never rejects. */
  answer(request: WebRequest): Promise<WebAnswer> {
    const { path } = request
    if (!this.requests.take(request.from, this.now(), REQUESTS_PER_MINUTE)) return Promise.resolve(tooMany(path))
    if (path === "/openapi.json" && isLook(request)) return Promise.resolve(json(200, openapi))
    if (path === "/style.css" && isLook(request)) return Promise.resolve(style(stylesheet))
    if (path.startsWith("/v1/")) return this.api(request)
    return Effect.runPromise(this.browse(request).pipe(Effect.catch((error) => Effect.succeed(failed(error)))))
  }

  /** Attempts without success count against whoever makes them. */
  private async api(request: WebRequest): Promise<WebAnswer> {
    const answer = await Effect.runPromise(answerApi(this.desk, request))
    if (answer.status !== 401 || this.logins.take(request.from, this.now(), LOGINS_PER_MINUTE)) return answer
    return tooMany(request.path)
  }

  private browse(request: WebRequest): Answering {
    const { path } = request
    if (request.method === "POST" && !isOurs(request)) {
      return Effect.succeed(page(403, messagePage("Refused", "This form was not sent from one of our own pages.")))
    }
    if (request.method === "POST" && path === "/login") return this.login(request)
    if (request.method === "GET" && (path === START_PATH || path === CALLBACK_PATH)) return this.overIssuer(request)
    const stay = this.guests.of(request, this.now())
    if (stay === undefined) return Effect.succeed(page(isLook(request) ? 200 : 401, this.entrance(request)))
    return Effect.matchEffect(this.desk.admit(stay.token), {
      onFailure: (error) => {
        // That it cannot be known now who they are ends nobody's visit.
        if (isTrouble(error)) return Effect.succeed(failed(error))
        this.guests.leave(request)
        return Effect.succeed(page(401, this.entrance(request, error.message), { "set-cookie": cookie(request, "") }))
      },
      onSuccess: (visitor) => this.visit(request, stay, { visitor, word: stay.word })
    })
  }

  /** The page on which one logs in, and from which one gets to where one wanted. */
  private entrance({ path }: WebRequest, message?: string): string {
    if (this.door === undefined) return loginPage(message)
    const to = pageOf(path)
    return loginPage(message, to === "/" ? START_PATH : `${START_PATH}?to=${to}`)
  }

  private overIssuer(request: WebRequest): Answering {
    const { door } = this
    if (door === undefined) return Effect.succeed(page(404, messagePage("Nothing here", "There is no such page.")))
    const answering: Answering<Failure> = request.path === START_PATH
      ? Effect.map(
        door.begin(request, this.now()),
        ({ address, cookie }) => redirect(address, { "set-cookie": cookie })
      )
      : this.arrive(request, door)
    return answering.pipe(
      Effect.catch((error) =>
        Effect.succeed(
          error._tag !== "SignInRefused" && isTrouble(error)
            ? failed(error)
            : page(401, this.entrance(request, error.message))
        )
      )
    )
  }

  private arrive(request: WebRequest, door: LoginDoor): Answering<Failure> {
    return Effect.gen({ self: this }, function*() {
      const arrival = yield* door.arrive(request, this.now())
      if (arrival === undefined) {
        return this.logins.take(request.from, this.now(), LOGINS_PER_MINUTE)
          ? page(401, this.entrance(request, NOT_BEGUN))
          : tooMany(request.path)
      }
      yield* this.desk.admit(arrival.token)
      this.guests.leave(request)
      const name = this.guests.enter(arrival.token, this.now())
      // The address holds the issuer's answer, which is nobody's business any more.
      const headers = { "set-cookie": cookie(request, name), "referrer-policy": "no-referrer" }
      return page(200, arrivedPage(arrival.to), headers)
    })
  }

  private login(request: WebRequest): Answering {
    if (!this.logins.take(request.from, this.now(), LOGINS_PER_MINUTE)) return Effect.succeed(tooMany(request.path))
    const token = new URLSearchParams(request.body).get("token")?.trim() ?? ""
    return this.desk.admit(token).pipe(
      Effect.map(() => redirect("/", { "set-cookie": cookie(request, this.guests.enter(token, this.now())) })),
      Effect.catch((error) =>
        Effect.succeed(isTrouble(error) ? failed(error) : page(401, this.entrance(request, error.message)))
      )
    )
  }

  private visit(request: WebRequest, stay: Stay, guest: Guest): Answering {
    const { method, path } = request
    const id = /^\/requests\/([a-z0-9-]+)$/.exec(path)?.[1]
    if (isLook(request)) {
      if (path === "/") return Effect.map(this.desk.list(guest.visitor), (views) => page(200, listPage(guest, views)))
      if (id === undefined)
        return Effect.succeed(page(404, messagePage("Nothing here", "There is no such page.", guest)))
      return Effect.map(this.desk.show(guest.visitor, id), (view) => page(200, requestPage(guest, view)))
    }
    const form = new URLSearchParams(request.body)
    if (method !== "POST" || !sameWord(form.get("word") ?? "", stay.word)) {
      return Effect.succeed(page(403, messagePage("Refused", "This form is not from your own visit.", guest)))
    }
    if (path === "/logout") {
      this.guests.leave(request)
      return Effect.succeed(redirect("/", { "set-cookie": cookie(request, "") }))
    }
    return id === undefined
      ? Effect.succeed(page(404, messagePage("Nothing here", "There is no such page.", guest)))
      : this.decide(guest, id, form)
  }

  private decide(guest: Guest, id: string, form: URLSearchParams): Answering {
    const decision = form.get("decision")
    if (decision !== "approve" && decision !== "deny") {
      return Effect.succeed(page(400, messagePage("Refused", "Neither yes nor no was said.", guest)))
    }
    const reason = form.get("reason")?.trim()
    const said = this.desk.decide(guest.visitor, id, {
      approve: decision === "approve",
      binding: form.get("binding") ?? "",
      reason: reason === "" ? undefined : reason
    })
    return Effect.matchEffect(said, {
      onSuccess: () => Effect.succeed(redirect(`/requests/${id}`)),
      onFailure: (error) =>
        Effect.map(
          this.desk.show(guest.visitor, id),
          (view) => page(error._tag === "Refused" ? statusOf(error) : 503, requestPage(guest, view, error.message))
        )
    })
  }
}

/** Not the visitor's doing, and not known to last. */
const isTrouble = (error: Refused | PluginError): boolean =>
  error._tag === "PluginError" || error.code === "unavailable"

const isLook = ({ method }: WebRequest): boolean => method === "GET" || method === "HEAD"

const sameWord = (given: string, word: string): boolean =>
  timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", word, "buffer"))

const tooMany = (path: string): WebAnswer =>
  path.startsWith("/v1/")
    ? json(429, { error: "too_many", message: "Too many attempts. Try again in a minute." }, { "retry-after": "60" })
    : page(429, messagePage("Too many attempts", "Try again in a minute."), { "retry-after": "60" })

const failed = (error: Refused | PluginError): WebAnswer =>
  error._tag === "Refused"
    ? page(statusOf(error), messagePage(error.code === "unavailable" ? "Not now" : "Refused", error.message))
    : page(503, messagePage("Not now", "The approvals cannot be reached. The gateway's log says why."))
