import type { JWK } from "jose"
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"

/** A key that a forger, or an issuer, has. */
export interface ForgeKey {
  readonly privateKey: KeyObject
  readonly jwk: JWK
}

const keyOf = (pair: { privateKey: KeyObject; publicKey: KeyObject }, more: JWK | object): ForgeKey => ({
  privateKey: pair.privateKey,
  jwk: { ...pair.publicKey.export({ format: "jwk" }), ...more }
})

export const rsaKey = (kid: string, bits = 2048, publicExponent = 65537): ForgeKey =>
  keyOf(generateKeyPairSync("rsa", { modulusLength: bits, publicExponent }), { kid })
export const ecKey = (kid: string, namedCurve = "P-256"): ForgeKey =>
  keyOf(generateKeyPairSync("ec", { namedCurve }), { kid })
export const edKey = (kid: string): ForgeKey => keyOf(generateKeyPairSync("ed25519"), { kid })

/** The signature that `algorithm` asks for, made with node's own cryptography. */
export const signed = (algorithm: string, key: ForgeKey, input: string): Uint8Array => {
  const data = Buffer.from(input)
  const digest = `sha${algorithm.slice(2)}`
  switch (algorithm.slice(0, 2)) {
    case "RS":
      return sign(digest, data, key.privateKey)
    case "PS":
      return sign(digest, data, { key: key.privateKey, padding: 6, saltLength: Number(algorithm.slice(2)) / 8 })
    case "ES":
      return sign(digest, data, { key: key.privateKey, dsaEncoding: "ieee-p1363" })
    case "HS":
      return createHmac(digest, createPublicKey(key.privateKey).export({ format: "pem", type: "spki" })).update(data)
        .digest()
    default:
      return sign(null, data, key.privateKey)
  }
}

export const encode = (value: unknown): string =>
  (typeof value === "string" || value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(JSON.stringify(value)))
    .toString("base64url")

/** A token of exactly these parts. Text stands as it is; anything else is written as JSON. */
export const forge = (header: unknown, claims: unknown, signature: (input: string) => Uint8Array): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${encode(signature(input))}`
}
