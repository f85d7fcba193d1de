import { concatBytes, viewOf, type Wire } from "../../core/bytes/index.ts"
import type { Login, UpstreamLogin } from "../../core/exchange/index.ts"
import type { Sql } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import { Authentication } from "./authentication/authentication.ts"
import type { PostgresConfig } from "./config.ts"
import { encodeAuthentication, encodeBackendKeyData } from "./messages/greeting.ts"
import { Backend } from "./messages/message-types.ts"
import { decodeParameterStatus } from "./messages/parameter-status.ts"
import { decodeReadyForQuery } from "./messages/ready-for-query.ts"
import * as Startup from "./messages/startup.ts"
import { WireReport } from "./report.ts"
import { applicationName, pinned } from "./settings.ts"
import type { State } from "./state.ts"

/** What an upstream may say before it is ready: enough for every setting it reports. */
const GREETING_BYTES_MAX = 65_536

/** Errors of the upstream's startup that the client is told, each in a fixed text. Others become `08006`. */
const told: ReadonlyMap<string, string> = new Map([
  ["3D000", "The upstream has no such database."],
  ["53300", "The upstream has too many connections."],
  ["57P03", "The upstream does not take connections now."],
  ["57P01", "The upstream is shutting down."],
  ["22023", "The upstream does not take one of the startup parameters."],
  ["42501", "The upstream does not permit this connection."]
])

/**
 * The gateway's own login at the upstream (PostgreSQL manual 54.2.1).
 *
 * | step | awaited | then |
 * |---|---|---|
 * | encryption | exactly one byte `S`, and nothing else | Upgrade, StartupMessage, authentication |
 * | authentication | Authentication…, as the authentication's own table says | settings |
 * | settings | ParameterStatus, BackendKeyData, NoticeResponse | the first ReadyForQuery opens the session |
 *
 * Nothing that the upstream says before it is ready reaches the client as it was said.
 */
export class UpstreamLoginMachine {
  private readonly state: State
  private readonly config: PostgresConfig
  private step: "encryption" | "securing" | "authentication" | "settings" = "encryption"
  private admission: UpstreamLogin | undefined
  private settings: ReadonlyMap<string, string> = new Map()
  private authentication: Authentication | undefined
  private readonly statuses: Array<Wire> = []
  private greeted = 0
  private minor = 0
  /** The upstream's process and secret: what cancels there. */
  key: Uint8Array | undefined
  /** The key that the client was told. */
  cancelKey: Uint8Array | undefined

  constructor(state: State, config: PostgresConfig) {
    this.state = state
    this.config = config
  }

  /** Begins, for a client that may come in and speaks minor version `minor`. */
  open(login: Login, admission: UpstreamLogin, minor: number): void {
    const { state } = this
    this.admission = admission
    this.minor = minor
    const settings = new Map([...login.settings, ...admission.settings, ...pinned])
    const { onBehalfOf } = admission
    if (onBehalfOf !== undefined) settings.set("application_name", applicationName(onBehalfOf))
    this.settings = settings
    state.phase = "opening"
    if (state.context.tls.upstream === "required") state.outbox.upstream.push(Startup.sslRequest())
    else this.startup(undefined)
  }

  /** The connection to the upstream is encrypted. */
  secured(certificate: Uint8Array | undefined): void {
    if (this.step === "securing") this.startup(certificate)
  }

  next(): Event<Sql> | undefined {
    const { state } = this
    for (;;) {
      if (state.phase !== "opening") return undefined
      if (this.step === "encryption") return this.encryption()
      if (this.step === "securing") {
        if (state.inbox.upstream.length === 0) return undefined
        return this.breach("unencrypted_data", "The upstream sent data before the handshake.")
      }
      const wire = state.frame("upstream", GREETING_BYTES_MAX)
      if (wire === undefined) return state.last
      const event = this.take(wire)
      if (event !== undefined) return event
    }
  }

  private startup(certificate: Uint8Array | undefined): void {
    const { credential, database } = this.admission!
    const pairs = new Map([["user", credential.user]])
    if (database !== undefined) pairs.set("database", database)
    for (const [name, value] of this.settings) pairs.set(name, value)
    this.step = "authentication"
    this.authentication = new Authentication({
      credential,
      random: this.state.context.random,
      certificate,
      allowPlaintext: this.config.upstream_cleartext_password === "allow"
    })
    this.state.outbox.upstream.push(Startup.startupMessage(pairs))
  }

  private encryption(): Event<Sql> | undefined {
    const { state } = this
    const box = state.inbox.upstream
    if (box.length === 0) return undefined
    if (box.length > 1 || box.byte(0) !== 0x53) {
      return this.breach(
        "encryption",
        "The upstream does not take encrypted connections, or sent more than its answer."
      )
    }
    state.took("upstream", box.take(1))
    this.step = "securing"
    return { _tag: "Upgrade", side: "upstream", to: "tls" }
  }

  private take(wire: Wire): Event<Sql> | undefined {
    this.greeted += wire.end - wire.start
    if (this.greeted > GREETING_BYTES_MAX) return this.breach("greeting", "The upstream's greeting does not end.")
    const type = wire.chunk[wire.start]
    if (type === Backend.ErrorResponse) return this.refused(wire)
    if (type === Backend.NoticeResponse) return undefined
    if (this.step === "authentication") {
      return type === Backend.Authentication
        ? this.authenticate(wire)
        : this.breach("unexpected_message", "The upstream did not ask for authentication.")
    }
    return this.settle(type, wire)
  }

  private authenticate(wire: Wire): Event<Sql> | undefined {
    const step = this.authentication!.step(viewOf(wire).subarray(5))
    switch (step._tag) {
      case "Send":
        this.state.outbox.upstream.push(step.message)
        return undefined
      case "Wait":
        return undefined
      case "Done":
        this.step = "settings"
        return undefined
      case "Refused":
        break
    }
    return this.breach("authentication", step.message)
  }

  private settle(type: number | undefined, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const reader = state.reader.over(wire)
    if (type === Backend.ParameterStatus) {
      const status = decodeParameterStatus(reader)
      if (status === undefined) return this.breach("malformed", "A ParameterStatus of the upstream is malformed.")
      this.statuses.push(wire)
      return undefined
    }
    if (type === Backend.BackendKeyData) {
      const length = wire.end - wire.start - 5
      if (length < 8 || length > 260) return this.breach("malformed", "The upstream's cancel key is malformed.")
      this.key = viewOf(wire).slice(5)
      return undefined
    }
    if (type !== Backend.ReadyForQuery || decodeReadyForQuery(reader) !== "idle") {
      return this.breach("unexpected_message", "The upstream's greeting holds a message that does not belong there.")
    }
    this.greet(wire)
    return { _tag: "Ready", transaction: "idle" }
  }

  /** The client is let in: what the upstream reports of itself, and a key that only this gateway knows. */
  private greet(ready: Wire): void {
    const { state } = this
    const out = state.outbox.downstream
    encodeAuthentication(out, 0)
    for (const status of this.statuses) out.pushWire(status)
    const { random } = state.context
    this.cancelKey = concatBytes([random(4), random(this.minor >= 2 ? 32 : 4)])
    encodeBackendKeyData(out, this.cancelKey)
    out.pushWire(ready)
    this.statuses.length = 0
    this.admission = undefined
    this.authentication = undefined
    state.phase = "open"
  }

  private refused(wire: Wire): Event<Sql> {
    const { state } = this
    const report = WireReport.over("error", wire)
    if (report === undefined) return this.breach("malformed", "An error of the upstream's is malformed.")
    const text = told.get(report.sqlstate)
    state.fatal({
      sqlstate: text === undefined ? "08006" : report.sqlstate,
      message: `${text ?? "The upstream refused the connection."} (upstream_login)`,
      code: "upstream_login"
    })
    const message = `The upstream refused the gateway's login (${report.sqlstate}).`
    return state.last = {
      _tag: "Violation",
      side: "upstream",
      code: "upstream_login",
      message,
      offset: state.seen.upstream
    }
  }

  private breach(code: string, message: string): Event<Sql> {
    return this.state.violate("upstream", code, message)
  }
}
