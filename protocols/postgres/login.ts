import { viewOf, type Wire } from "../../core/bytes/index.ts"
import type { Login } from "../../core/exchange/index.ts"
import type { Sql } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import type { PostgresConfig } from "./config.ts"
import {
  encodeAuthentication,
  encodeNegotiateProtocolVersion,
  encodeSasl,
  encodeSaslContinue
} from "./messages/greeting.ts"
import { Frontend } from "./messages/message-types.ts"
import * as Startup from "./messages/startup.ts"
import { isGivingUp, OAUTHBEARER, readBearerResponse } from "./oauth-bearer.ts"
import { isOurs, startupSettings } from "./settings.ts"
import type { State } from "./state.ts"

const TLS_HANDSHAKE = 0x16
/** As long as a name can be before PostgreSQL cuts it: a longer one would be another name there. */
const NAME_BYTES_MAX = 63
/** A password message: room for tokens with many claims. */
const PASSWORD_BYTES_MAX = 65_536
const NEWEST_MINOR = 2
const GREETING = 0x53
const REFUSAL = 0x4e

/**
 * The client's side of the login (PostgreSQL manual 54.2.1, 54.2.10, 54.2.11).
 *
 * Startup packets have no type byte, and come in this order, each at most once: GSSENCRequest (refused, plain goes on),
 * SSLRequest or TLS at once, and then StartupMessage or CancelRequest. What follows an SSLRequest in clear was put
 * there by someone in between: it is never parsed.
 */
export class DownstreamLogin {
  /** The minor version of protocol 3 that is spoken. */
  minor = 0
  private readonly state: State
  private readonly config: PostgresConfig
  private encrypted = false
  private direct = false
  private gssAsked = false
  private tlsAsked = false
  private asked: Login | undefined
  private discovering = false

  constructor(state: State, config: PostgresConfig) {
    this.state = state
    this.config = config
  }

  next(): Event<Sql> | undefined {
    for (;;) {
      const { phase } = this.state
      if (phase === "password") return this.answer()
      if (phase !== "startup") return undefined
      const event = this.packet()
      if (event === "again") continue
      return event
    }
  }

  /** The handshake is done: names TLS's application protocol, which must be ours where it is named at all. */
  secured(alpn: string | undefined): void {
    const { state } = this
    if (state.phase !== "securing") return
    state.phase = "startup"
    this.encrypted = true
    if (alpn !== "postgresql" && (this.direct || alpn !== undefined)) {
      state.violate("downstream", "alpn", "TLS was opened for another protocol than postgresql.")
    }
  }

  private packet(): Event<Sql> | "again" | undefined {
    const { state } = this
    const box = state.inbox.downstream
    if (box.length === 0) return undefined
    if (box.byte(0) === TLS_HANDSHAKE && !this.encrypted) return this.directTls()
    if (box.length < 4) return undefined
    const length = box.uint32(0)
    if (length < 8 || length > Startup.STARTUP_BYTES_MAX) {
      return state.violate("downstream", "length", "A startup packet has an impossible length.")
    }
    if (box.length < 8) return undefined
    const code = box.uint32(4)
    if (code === Startup.SSL_REQUEST || code === Startup.GSSENC_REQUEST) {
      return this.negotiation(code, length)
    }
    if (box.length < length) return undefined
    state.reader.over(state.took("downstream", box.take(length)), 8)
    if (code === Startup.CANCEL_REQUEST) return this.cancel(length)
    return this.startup(code)
  }

  private directTls(): Event<Sql> {
    const { state } = this
    if (this.tlsAsked || state.seen.downstream > 0 || state.context.tls.downstream === "off") {
      return state.violate("downstream", "unexpected_tls", "TLS was opened where none is expected.")
    }
    this.direct = true
    return this.upgrade()
  }

  private upgrade(): Event<Sql> {
    const { state } = this
    state.phase = "securing"
    this.tlsAsked = true
    const box = state.inbox.downstream
    if (box.length === 0) return { _tag: "Upgrade", side: "downstream", to: "tls" }
    const wire = box.take(box.length)
    return { _tag: "Upgrade", side: "downstream", to: "tls", unread: wire.chunk.slice(wire.start, wire.end) }
  }

  private negotiation(code: number, length: number): Event<Sql> | "again" {
    const { state } = this
    const box = state.inbox.downstream
    const tls = code === Startup.SSL_REQUEST
    if (length !== 8 || this.encrypted || (tls ? this.tlsAsked : this.gssAsked)) {
      return state.violate("downstream", "negotiation", "Encryption was asked for twice, or in a packet of odd length.")
    }
    state.took("downstream", box.take(8))
    if (tls) this.tlsAsked = true
    else this.gssAsked = true
    if (box.length > 0) {
      return state.violate("downstream", "unencrypted_data", "Data followed a request for encryption unencrypted.")
    }
    const yes = tls && state.context.tls.downstream === "required"
    state.outbox.downstream.push(Uint8Array.of(yes ? GREETING : REFUSAL))
    return yes ? this.upgrade() : "again"
  }

  private get plaintextRefused(): boolean {
    return this.state.context.tls.downstream === "required" && !this.encrypted
  }

  private cancel(length: number): Event<Sql> {
    const { state } = this
    if (length < 16 || length > 268) {
      return state.violate("downstream", "length", "A cancel request has an impossible length.")
    }
    const key = state.reader.bytes(length - 8).slice()
    const refused = this.plaintextRefused
    state.leave()
    state.last = { _tag: "Goodbye", side: "downstream" }
    return refused ? state.last : { _tag: "Cancel", key }
  }

  private startup(code: number): Event<Sql> | "again" {
    const { state } = this
    const pairs = code >>> 16 === 3 ? Startup.decodeStartupPairs(state.reader) : new Map<string, string>()
    if (typeof pairs === "string") return state.violate("downstream", "startup", `Malformed: ${pairs}.`)
    if (code >>> 16 !== 3) return this.refuse("0A000", "Only protocol 3 is spoken here.", "protocol_version")
    if (this.plaintextRefused) {
      return this.refuse(
        "28000",
        "This gateway takes encrypted connections only.",
        "tls_required",
        "Use sslmode=require."
      )
    }
    const user = pairs.get("user") ?? ""
    const database = pairs.get("database") || this.config.database
    if (user === "") return this.refuse("28000", "The startup packet names no user.", "startup")
    if (tooLong(user) || tooLong(database ?? "")) {
      return this.refuse("28000", `A user's or database's name has more than ${NAME_BYTES_MAX} bytes.`, "startup")
    }
    const found = startupSettings(pairs)
    if ("sqlstate" in found) {
      state.fatal(found)
      return this.refused("startup_parameter", found.message)
    }
    this.minor = Math.min(code & 0xffff, NEWEST_MINOR)
    if ((code & 0xffff) > NEWEST_MINOR || found.unknownOptions.length > 0) {
      encodeNegotiateProtocolVersion(state.outbox.downstream, 0x30000 | this.minor, found.unknownOptions)
    }
    const { settings } = found
    const forwarded = [...settings.keys()].filter((name) => !isOurs(name))
    this.asked = { user, ...(database === undefined ? {} : { database }), method: "password", settings, forwarded }
    if (this.config.client_certificate === "login" && state.context.session.peer.certificate !== undefined) {
      return this.loggedIn({ ...this.asked, method: "certificate" })
    }
    state.phase = "password"
    if (this.config.login === "oauthbearer") encodeSasl(state.outbox.downstream, OAUTHBEARER)
    else encodeAuthentication(state.outbox.downstream, 3)
    return this.answer() ?? "again"
  }

  /** The client's answer to what it was asked for: all of them are messages of type 'p'. */
  private answer(): Event<Sql> | undefined {
    const { state } = this
    const box = state.inbox.downstream
    if (box.length > 0 && box.byte(0) !== Frontend.Password) {
      return state.violate("downstream", "unexpected_message", "A password was asked for and something else was sent.")
    }
    const wire = state.frame("downstream", PASSWORD_BYTES_MAX)
    if (wire === undefined) return state.last
    return this.config.login === "oauthbearer" ? this.bearer(viewOf(wire).subarray(5)) : this.password(wire)
  }

  private bearer(body: Uint8Array): Event<Sql> | undefined {
    const { state } = this
    if (this.discovering) {
      if (!isGivingUp(body)) return state.violate("downstream", "sasl", "A SASL exchange went on that was over.")
      return this.refuse(
        "28000",
        "A token is needed to come in.",
        "identity",
        "Get one from the issuer and connect again."
      )
    }
    const response = readBearerResponse(body)
    if (response._tag === "Malformed") {
      return state.violate("downstream", "sasl", `A SASL response is malformed: ${response.why}.`)
    }
    if (response._tag === "Token") {
      return this.loggedIn({ ...this.asked!, method: "token", secret: response.token.slice() })
    }
    this.discovering = true
    encodeSaslContinue(state.outbox.downstream, Buffer.from(this.discovery()))
    return this.answer()
  }

  /** RFC 7628, 3.2.2: the status, and where a token can be had. */
  private discovery(): string {
    const { oauth } = this.config
    const { openid_configuration, scope } = oauth ?? {}
    return JSON.stringify({ status: "invalid_token", "openid-configuration": openid_configuration, scope })
  }

  private password({ chunk, end, start }: Wire): Event<Sql> | undefined {
    const { state } = this
    if (end - start < 6 || chunk.indexOf(0, start + 5) !== end - 1) {
      return state.violate("downstream", "password", "A password message is not one text.")
    }
    const secret = chunk.slice(start + 5, end - 1)
    return this.loggedIn({ ...this.asked!, method: isToken(secret) ? "token" : "password", secret })
  }

  private loggedIn(login: Login): Event<Sql> {
    this.state.phase = "judging"
    return { _tag: "Login", login }
  }

  private refuse(sqlstate: string, message: string, code: string, hint?: string): Event<Sql> {
    this.state.fatal({ sqlstate, message: `${message} (${code})`, code, ...(hint === undefined ? {} : { hint }) })
    return this.refused(code, message)
  }

  /** The client has been told in words of its own, so this only ends the session. */
  private refused(code: string, message: string): Event<Sql> {
    const { state } = this
    return state.last = { _tag: "Violation", side: "downstream", code, message, offset: state.seen.downstream }
  }
}

const tooLong = (name: string): boolean => Buffer.byteLength(name) > NAME_BYTES_MAX

/** A JSON Web Token is three base64url words with dots between them (RFC 7519). */
const isToken = (secret: Uint8Array): boolean => {
  let dots = 0
  for (const byte of secret) {
    if (byte === 0x2e) dots++
    else if (!isBase64Url(byte)) return false
  }
  return dots === 2
}

const isBase64Url = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d
  || byte === 0x5f
