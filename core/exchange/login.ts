import type { Deny } from "./verdict.ts"

/** What a client says of itself before it may ask anything. None of it is believed. */
export interface Login {
  /** The name that is asked for. Who the caller is comes from the secret or the certificate alone. */
  readonly user: string
  readonly database?: string
  readonly method: "password" | "token" | "certificate"
  /** The password or token. Never recorded, never printed. */
  readonly secret?: Uint8Array
  /** Settings that the client asked to start with, by lower-case name; the codec let only harmless ones through. */
  readonly settings: ReadonlyMap<string, string>
  /** Names of the settings that reach the upstream as the client wrote them; all of them unless told. */
  readonly forwarded?: ReadonlyArray<string>
}

/** The longest text that is taken for a token, in bytes. */
const TOKEN_BYTES_MAX = 16_384

/** The token in a login; undefined when it carries none, or something that cannot be one. */
export const tokenOf = ({ method, secret }: Login): string | undefined => {
  if (method === "certificate" || secret === undefined) return undefined
  if (secret.length === 0 || secret.length > TOKEN_BYTES_MAX) return undefined
  return Buffer.from(secret.buffer, secret.byteOffset, secret.length).toString("latin1")
}

/** The client may come in. */
export interface Admit {
  readonly _tag: "Admit"
}

export type Admission = Admit | Deny

export const admit: Admit = Object.freeze({ _tag: "Admit" })

/** What the gateway itself logs in with at the upstream. Never shown, never recorded. */
export interface Credential {
  readonly user: string
  readonly password: string
}

/** What a codec needs to open the upstream's side of an admitted session. */
export interface UpstreamLogin {
  readonly _tag: "Admit"
  readonly credential: Credential
  readonly database: string | undefined
  /** Settings pinned by the gateway; they win over the client's. */
  readonly settings: ReadonlyMap<string, string>
  /** Session and caller, for the upstream's own books, where its protocol has a place for that. The relay says it. */
  readonly onBehalfOf?: string
}
