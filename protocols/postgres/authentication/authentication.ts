import { createHash } from "node:crypto"
import { readInt32, writeInt32 } from "../../../core/bytes/index.ts"
import type { Credential } from "../../../core/exchange/index.ts"
import { tlsServerEndPoint } from "./channel-binding.ts"
import { type ChannelBinding, Scram } from "./scram.ts"

/** What to do about one Authentication message. */
export type AuthenticationStep =
  /** Send `message`, a whole framed 'p' message. */
  | { readonly _tag: "Send"; readonly message: Uint8Array }
  /** Nothing is owed; the next message is the upstream's. */
  | { readonly _tag: "Wait" }
  /** The upstream let us in. */
  | { readonly _tag: "Done" }
  /** The login ends here. `message` quotes nothing of what the upstream sent. */
  | { readonly _tag: "Refused"; readonly message: string }

/**
 * Where a login stands. Every message that is not in the row of its state is refused.
 *
 * | state | message | then |
 * |---|---|---|
 * | start | Ok (trust, certificate) | done |
 * | start | CleartextPassword, MD5Password | password |
 * | start | SASL | first |
 * | first | SASLContinue | final |
 * | final | SASLFinal, with the right signature | password |
 * | password | Ok | done |
 *
 * So an Ok before the server's signature is refused: a server that does not know the password is not ours.
 */
type State = "start" | "password" | "first" | "final" | "done" | "refused"

const OK = 0
const CLEARTEXT = 3
const MD5 = 5
const SASL = 10
const SASL_CONTINUE = 11
const SASL_FINAL = 12
/** No honest message is longer: the nonce and the salt have limits of their own. */
const BODY_BYTES_MAX = 8192
const NONCE_BYTES = 24

/**
 * The client's half of a login at an upstream (PostgreSQL manual 54.2.1 and 54.3): cleartext password, MD5,
 * SCRAM-SHA-256 and SCRAM-SHA-256-PLUS. Kerberos, GSSAPI and SSPI are refused.
 *
 * Channel binding follows libpq's `channel_binding=prefer`: used whenever the connection is encrypted and the upstream
 * offers it. It is no substitute for verifying the upstream's certificate, since who sits in between may ask for
 * another method. A cleartext password goes only over an encrypted connection, or where `allowPlaintext` says that the
 * path is the machine's own. MD5 and SCRAM are answered on any connection: both hide the password itself, though
 * whoever plays the server may guess at it offline.
 */
export class Authentication {
  private readonly credential: Credential
  private readonly random: (count: number) => Uint8Array
  private readonly certificate: Uint8Array | undefined
  private readonly allowPlaintext: boolean
  private state: State = "start"
  private scram: Scram | undefined

  constructor(options: {
    readonly credential: Credential
    readonly random: (count: number) => Uint8Array
    /** The upstream's certificate in DER, when the connection is encrypted. */
    readonly certificate: Uint8Array | undefined
    /** Whether the password may be sent as it is without encryption: on loopback only. False by default. */
    readonly allowPlaintext?: boolean
  }) {
    this.credential = options.credential
    this.random = options.random
    this.certificate = options.certificate
    this.allowPlaintext = options.allowPlaintext ?? false
  }

  /**
   * Takes an Authentication message.
   *
   *     Byte1('R') Int32(length) | Int32(code) ... <- `body` starts at the code
   */
  step(body: Uint8Array): AuthenticationStep {
    if (body.length < 4 || body.length > BODY_BYTES_MAX)
      return this.refuse("sent an Authentication message of a wrong length")
    const code = readInt32(body, 0)
    switch (code) {
      case OK:
        return this.finish(body)
      case CLEARTEXT:
        return this.cleartext(body)
      case MD5:
        return this.md5(body)
      case SASL:
        return this.begin(body)
      case SASL_CONTINUE:
        return this.prove(body)
      case SASL_FINAL:
        return this.verify(body)
      default:
        return this.refuse("asks for a login method that is not supported; configure scram-sha-256 in its pg_hba.conf")
    }
  }

  private finish(body: Uint8Array): AuthenticationStep {
    if (body.length !== 4 || (this.state !== "start" && this.state !== "password")) {
      return this.refuse("ended the login before it proved that it knows the password")
    }
    this.state = "done"
    return { _tag: "Done" }
  }

  private cleartext(body: Uint8Array): AuthenticationStep {
    if (this.state !== "start" || body.length !== 4) return this.refuse("asked for the password out of turn")
    if (this.certificate === undefined && !this.allowPlaintext) {
      return this.refuse("asks for the password in clear on a connection that is not encrypted; turn TLS on for it")
    }
    return this.password(this.credential.password)
  }

  /** `Int32(5) Byte4(salt)`; the answer is `md5` and MD5(MD5(password, user) in hex, salt) in hex. */
  private md5(body: Uint8Array): AuthenticationStep {
    if (this.state !== "start" || body.length !== 8) return this.refuse("asked for an MD5 password out of turn")
    const { password, user } = this.credential
    const inner = createHash("md5").update(password + user, "utf8").digest("hex")
    return this.password("md5" + createHash("md5").update(inner).update(body.subarray(4)).digest("hex"))
  }

  private password(text: string): AuthenticationStep {
    if (text.includes("\0")) return this.refuse("cannot be sent a password that contains a zero byte")
    this.state = "password"
    return framed(Buffer.from(text + "\0", "utf8"))
  }

  /** `Int32(10)` and the names of the mechanisms, each ending in a zero byte, and a last zero byte. */
  private begin(body: Uint8Array): AuthenticationStep {
    const mechanisms = this.state === "start" ? mechanismsIn(body) : undefined
    if (mechanisms === undefined) return this.refuse("began SASL out of turn or without a list of mechanisms")
    const plus = mechanisms.includes("SCRAM-SHA-256-PLUS")
    if (plus && this.certificate === undefined) {
      return this.refuse("offers channel binding on a connection that is not encrypted")
    }
    if (!plus && !mechanisms.includes("SCRAM-SHA-256")) {
      return this.refuse("offers no SASL mechanism that is supported; configure scram-sha-256 in its pg_hba.conf")
    }
    const binding = this.binding(plus)
    if (binding === undefined) {
      return this.refuse(
        "has a certificate to which a login cannot be bound; give it one that is signed with RSA or ECDSA"
      )
    }
    const { password, user } = this.credential
    const nonce = Buffer.from(this.random(NONCE_BYTES)).toString("base64")
    this.scram = new Scram({ user, password, binding, nonce })
    this.state = "first"
    const first = Buffer.from(this.scram.first(), "latin1")
    const mechanism = Buffer.from(plus ? "SCRAM-SHA-256-PLUS\0" : "SCRAM-SHA-256\0", "latin1")
    const length = new Uint8Array(4)
    writeInt32(length, 0, first.length)
    return framed(Buffer.concat([mechanism, length, first]))
  }

  private binding(offered: boolean): ChannelBinding | undefined {
    if (this.certificate === undefined) return { _tag: "None" }
    if (!offered) return { _tag: "Unoffered" }
    const data = tlsServerEndPoint(this.certificate)
    return data === undefined ? undefined : { _tag: "EndPoint", data }
  }

  private prove(body: Uint8Array): AuthenticationStep {
    const final = this.state === "first" ? this.scram!.final(textOf(body)) : undefined
    if (final === undefined)
      return this.refuse("sent a SCRAM challenge that is malformed, out of turn or beyond a limit")
    this.state = "final"
    return framed(Buffer.from(final, "latin1"))
  }

  private verify(body: Uint8Array): AuthenticationStep {
    if (this.state !== "final" || !this.scram!.verify(textOf(body))) {
      return this.refuse("did not prove that it knows the password")
    }
    this.state = "password"
    return { _tag: "Wait" }
  }

  private refuse(what: string): AuthenticationStep {
    this.state = "refused"
    this.scram = undefined
    return { _tag: "Refused", message: `The upstream ${what}.` }
  }
}

/** Latin-1, so that every byte stays what it is; SCRAM's grammar is ASCII and refuses the rest. */
const textOf = (body: Uint8Array): string =>
  Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1", 4)

const mechanismsIn = (body: Uint8Array): ReadonlyArray<string> | undefined => {
  const names = textOf(body).split("\0")
  return names.length >= 3 && names.pop() === "" && names.pop() === "" && !names.includes("") ? names : undefined
}

/** `Byte1('p') Int32(length) Byten(payload)`. */
const framed = (payload: Uint8Array): AuthenticationStep => {
  const message = new Uint8Array(5 + payload.length)
  message[0] = 0x70
  writeInt32(message, 1, 4 + payload.length)
  message.set(payload, 5)
  return { _tag: "Send", message }
}
