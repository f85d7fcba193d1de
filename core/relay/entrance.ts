import * as Effect from "effect/Effect"
import { type Credential, type Deny, deny, type Hold, type Login, type PluginError } from "../exchange/index.ts"
import type { Family } from "../family/index.ts"
import type { Analyser } from "../protocol/index.ts"
import { expired, hearLogin } from "./admission.ts"
import type { Clocks } from "./clocks.ts"
import { type Driver, fail } from "./driver.ts"
import type { Port, PortEvents } from "./port.ts"
import type { Surroundings } from "./surroundings.ts"
import type { Waiting } from "./waiting.ts"
import type { Written } from "./written.ts"

/** What an admitted session has of its upstream. */
export interface Opened<F extends Family> {
  readonly analyser: Analyser<F>
  readonly credential: Credential
  readonly port: Port
}

/** Lets a client in, or not: judges the login, and only then fetches a credential and dials the upstream. */
export class Entrance<F extends Family> {
  /** Set once the client is in. */
  opened: Opened<F> | undefined
  /** Called when the session is over. */
  stopWatching: () => void = () => {}
  private readonly driver: Driver
  private readonly around: Surroundings<F>
  private readonly waiting: Waiting
  private readonly written: Written
  private readonly clocks: Clocks

  constructor(driver: Driver, around: Surroundings<F>, waiting: Waiting, written: Written, clocks: Clocks) {
    this.driver = driver
    this.around = around
    this.waiting = waiting
    this.written = written
    this.clocks = clocks
  }

  onLogin(login: Login, events: PortEvents): void {
    this.waiting.settle(this.around.stages.authenticate(login), (admission) => {
      if (this.driver.closed) return
      const { recorded, verdict } = hearLogin(this.around, this.written, login, admission)
      if (!recorded) return fail(this.driver, "A login could not be recorded.")
      if (verdict._tag === "Deny") return this.refuse(login, verdict)
      this.watchEnd()
      if (this.driver.closed) return this.stopWatching()
      this.open(login, events)
    })
  }

  private open(login: Login, events: PortEvents): void {
    this.waiting.on(dial(this.around, login, events), (opened) => {
      if ("_tag" in opened) return this.driver.closed ? undefined : this.refuse(login, opened)
      if (this.driver.closed) return opened.port.destroy()
      this.opened = opened
      const { analyser: { settings }, credential, port } = opened
      const database = this.around.upstream.database ?? login.database
      const onBehalfOf = this.around.upstream.onBehalfOf()
      this.around.codec.admit(login, { _tag: "Admit", credential, database, settings, onBehalfOf })
      port.resume()
      this.driver.pump()
    })
  }

  private refuse(login: Login, denial: Deny): void {
    this.around.codec.admit(login, denial)
    this.driver.close("refused")
  }

  /** From here on, whoever let the client in may also end its stay. */
  private watchEnd(): void {
    const { stages } = this.around
    const expiry = stages.expires()
    if (expiry !== undefined) {
      this.clocks.at("expiry", expiry.at, () => this.driver.end("expired", expired(), expiry.finish))
    }
    this.stopWatching = stages.watchEnds((denial) => this.driver.end("ended", denial, false))
  }
}

/** Credential, then analyser, then the connection: what can refuse cheaply comes first. */
const dial = <F extends Family>(
  around: Surroundings<F>,
  login: Login,
  events: PortEvents
): Hold<Opened<F> | Deny> => ({
  _tag: "Hold",
  reason: "the upstream did not answer",
  within: around.limits.loginSeconds * 1000,
  until: Effect.gen(function*(): Effect.fn.Return<Opened<F>, PluginError> {
    const credential = yield* around.upstream.credential()
    const analyser = yield* around.analyser(login)
    const port = yield* around.upstream.connect(events)
    return { analyser, credential, port }
  }).pipe(
    // Whoever may come in may know why they cannot.
    Effect.catch(({ message }) => Effect.succeed(deny("unavailable", message)))
  )
})
