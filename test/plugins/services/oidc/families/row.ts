import { ecKey, edKey, forge, type ForgeKey, rsaKey, signed } from "../forge.ts"
import { goodClaims } from "../vectors.ts"

/** A token and what must come of it: a code of `TokenRefused`, or `accepted` and why that is right. */
export interface Row {
  readonly name: string
  readonly token: string
  readonly code: string
  readonly because?: string
}

export const no = (code: string, name: string, token: string): Row => ({ name, token, code })
export const yes = (name: string, because: string, token: string): Row => ({ name, token, code: "accepted", because })

/** Every key that the issuer ever had, and one that it never had. */
export interface Ring {
  readonly rsa: ForgeKey
  readonly ec: ForgeKey
  readonly ec384: ForgeKey
  readonly ed: ForgeKey
  /** Two keys with one name, as RFC 7517 (4.5) lets alternatives have. */
  readonly twins: readonly [ForgeKey, ForgeKey, ForgeKey]
  /** Published, but not for checking tokens. */
  readonly encryption: ForgeKey
  readonly signingOnly: ForgeKey
  /** Published before, and withdrawn. */
  readonly withdrawn: ForgeKey
  readonly attacker: ForgeKey
}

export const makeRing = (): Ring => ({
  rsa: rsaKey("rsa"),
  ec: ecKey("ec"),
  ec384: ecKey("ec384", "P-384"),
  ed: edKey("ed"),
  twins: [ecKey("twin"), ecKey("twin"), edKey("twin")],
  encryption: ecKey("encryption"),
  signingOnly: ecKey("signing-only"),
  withdrawn: ecKey("withdrawn"),
  attacker: ecKey("attacker")
})

/** What the issuer publishes. */
export const published = (ring: Ring): { readonly keys: ReadonlyArray<object> } => ({
  keys: [
    ring.rsa.jwk,
    ring.ec.jwk,
    ring.ec384.jwk,
    ring.ed.jwk,
    ...ring.twins.map(({ jwk }) => jwk),
    { ...ring.encryption.jwk, use: "enc" },
    { ...ring.signingOnly.jwk, key_ops: ["sign"] }
  ]
})

/** A token by a key, with this header and these claims besides the good ones. Undefined takes one away. */
export const tokenBy = (key: ForgeKey, alg: string, header: object = {}, claims: object = {}): string =>
  forge(
    { alg, kid: key.jwk.kid, ...header },
    { ...goodClaims, ...claims },
    (input) => signed(alg, key, input)
  )
