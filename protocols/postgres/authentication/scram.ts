import { createHmac, timingSafeEqual } from "node:crypto"
import { saslPrep } from "./sasl-prep.ts"
import { scramKeys } from "./scram-keys.ts"

const NONCE_CHARACTERS_MAX = 1024
const SALT_BYTES_MAX = 1024
/** PostgreSQL's default is 4,096. A million takes about half a second, once per salt and password. */
const ITERATIONS_MAX = 1_000_000

/** How this side answers channel binding (RFC 5802 section 6). */
export type ChannelBinding =
  /** The connection is not encrypted, so there is nothing to bind to. */
  | { readonly _tag: "None" }
  /** We could bind and the server did not offer to: it refuses when it did and someone in between took that out. */
  | { readonly _tag: "Unoffered" }
  | { readonly _tag: "EndPoint"; readonly data: Uint8Array }

/** The client's half of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677). Refused messages are values, never thrown. */
export class Scram {
  private readonly user: string
  private readonly password: string
  private readonly gs2: string
  private readonly binding: ChannelBinding
  private readonly nonce: string
  private readonly name: string
  private signature: Uint8Array | undefined

  /** `nonce` is printable ASCII without commas. */
  constructor(options: {
    readonly user: string
    readonly password: string
    readonly binding: ChannelBinding
    readonly nonce: string
    /** As it goes into the first message. PostgreSQL ignores it in favour of the startup packet's: leave it empty. */
    readonly name?: string
  }) {
    this.user = options.user
    this.password = options.password
    this.binding = options.binding
    this.nonce = options.nonce
    this.name = options.name ?? ""
    this.gs2 = { None: "n,,", Unoffered: "y,,", EndPoint: "p=tls-server-end-point,," }[options.binding._tag]
  }

  /** client-first-message. */
  first(): string {
    return this.gs2 + this.firstBare()
  }

  /** client-final-message in answer to server-first-message, or undefined when that is not to be answered. */
  final(serverFirst: string): string | undefined {
    const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,7})$/.exec(serverFirst)
    if (match === null) return undefined
    const [, nonce, salted, count] = match as unknown as [string, string, string, string]
    const iterations = Number(count)
    if (!nonce.startsWith(this.nonce) || nonce.length === this.nonce.length) return undefined
    if (nonce.length > NONCE_CHARACTERS_MAX || iterations > ITERATIONS_MAX) return undefined
    const salt = strictBase64(salted, SALT_BYTES_MAX)
    if (salt === undefined) return undefined

    const header = Buffer.from(this.gs2)
    const bound = this.binding._tag === "EndPoint" ? Buffer.concat([header, this.binding.data]) : header
    const unproven = `c=${bound.toString("base64")},r=${nonce}`
    const message = `${this.firstBare()},${serverFirst},${unproven}`
    const keys = scramKeys(this.user, saslPrep(this.password), salt, iterations)
    const proof = createHmac("sha256", keys.stored).update(message).digest()
    for (let i = 0; i < proof.length; i++) proof[i]! ^= keys.client[i]!
    this.signature = createHmac("sha256", keys.server).update(message).digest()
    return `${unproven},p=${proof.toString("base64")}`
  }

  /** Whether server-final-message proves that the server knows the password too. */
  verify(serverFinal: string): boolean {
    const match = /^v=([A-Za-z0-9+/]{43}=)$/.exec(serverFinal)
    const given = match === null ? undefined : strictBase64(match[1]!, 32)
    if (given === undefined || given.length !== 32 || this.signature === undefined) return false
    return timingSafeEqual(given, this.signature)
  }

  private firstBare(): string {
    return `n=${this.name},r=${this.nonce}`
  }
}

/** Decodes base64 that is spelt as it must be: padding, no stray bits, at least one byte. */
const strictBase64 = (text: string, bytesMax: number): Uint8Array | undefined => {
  const bytes = Buffer.from(text, "base64")
  return bytes.length === 0 || bytes.length > bytesMax || bytes.toString("base64") !== text ? undefined : bytes
}
