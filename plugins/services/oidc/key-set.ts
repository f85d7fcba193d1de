import { importJWK, type JWK } from "jose"
import type { CryptoKey } from "jose"
import { ALGORITHMS } from "./algorithms.ts"
import { type JsonObject, parseObject } from "./strict-json.ts"

const KEYS_MAX = 100
/** Public members only, per type of key: nothing else of a JWK is ever imported. */
const MEMBERS = { RSA: ["kty", "n", "e"], EC: ["kty", "crv", "x", "y"], OKP: ["kty", "crv", "x"] } as const

/** What only its owner may know of a key (RFC 7518, 6.2.2, 6.3.2 and 6.4.1). */
const SECRET_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

/** For signatures: as RFC 7517, 4.2 calls it, and as SPIFFE bundles call keys for tokens (SPIFFE, JWT-SVID, 6). */
const SIGNING_USES: ReadonlySet<unknown> = new Set(["sig", "jwt-svid"])

interface SigningKey {
  readonly id: string | undefined
  /** The algorithm that the issuer ties the key to, if any. */
  readonly algorithm: string | undefined
  readonly type: string
  readonly curve: string | undefined
  readonly jwk: JWK
  readonly imported: Map<string, Promise<CryptoKey | undefined>>
}

/** An issuer's public keys (RFC 7517, 5) as they were published at one moment. Immutable. */
export class KeySet {
  private readonly keys: ReadonlyArray<SigningKey>
  /** Why some keys of the document are not used, in words for the operator. */
  readonly dropped: ReadonlyArray<string>

  constructor(keys: ReadonlyArray<SigningKey>, dropped: ReadonlyArray<string>) {
    this.keys = keys
    this.dropped = dropped
  }

  get size(): number {
    return this.keys.length
  }

  /** The keys that can have made a signature: of the type the algorithm needs, and of that name if one is given. */
  candidates(algorithm: string, keyId: string | undefined): ReadonlyArray<SigningKey> {
    const needs = ALGORITHMS.get(algorithm)
    if (needs === undefined) return []
    return this.keys.filter((key) =>
      (keyId === undefined || key.id === keyId)
      && key.type === needs.type
      && key.curve === needs.curve
      && (key.algorithm === undefined || key.algorithm === algorithm)
    )
  }
}

/** Ready for `algorithm`; undefined when it turns out not to be a key (a point off its curve). Imported once. */
export const importKey = (key: SigningKey, algorithm: string): Promise<CryptoKey | undefined> => {
  let imported = key.imported.get(algorithm)
  if (imported === undefined) {
    imported = importJWK(key.jwk, algorithm).then(
      (made) => made instanceof Uint8Array ? undefined : made,
      () => undefined
    )
    key.imported.set(algorithm, imported)
  }
  return imported
}

/** Reads a JWK set. Undefined when it is none. A key that cannot be trusted is left out, and said. */
export const readKeySet = (text: string): KeySet | undefined => {
  const listed = parseObject(text)?.["keys"]
  if (!Array.isArray(listed) || listed.length > KEYS_MAX) return undefined
  const keys: Array<SigningKey> = []
  const dropped: Array<string> = []
  for (const [index, jwk] of listed.entries()) {
    const fault = faultOf(jwk)
    if (fault === undefined) keys.push(signingKey(jwk as JsonObject))
    else dropped.push(`key ${index + 1} ${fault}`)
  }
  return new KeySet(keys, dropped)
}

const signingKey = (jwk: JsonObject): SigningKey => {
  const members = MEMBERS[jwk["kty"] as keyof typeof MEMBERS]
  return {
    id: jwk["kid"] as string | undefined,
    algorithm: jwk["alg"] as string | undefined,
    type: jwk["kty"] as string,
    curve: jwk["kty"] === "RSA" ? undefined : jwk["crv"] as string,
    jwk: Object.fromEntries(members.map((name) => [name, jwk[name]])),
    imported: new Map()
  }
}

/** What is wrong with a key for checking signatures, or undefined. */
const faultOf = (jwk: unknown): string | undefined => {
  if (typeof jwk !== "object" || jwk === null) return "is no JSON object"
  const key = jwk as JsonObject
  if (typeof key["kty"] !== "string" || !Object.hasOwn(MEMBERS, key["kty"])) return "is of a type that is not used here"
  if (SECRET_MEMBERS.some((name) => Object.hasOwn(key, name))) {
    return "is a private key: publish the public one, and replace this one now"
  }
  for (const name of ["kid", "alg", ...MEMBERS[key["kty"] as keyof typeof MEMBERS]]) {
    const optional = name === "kid" || name === "alg"
    if (typeof key[name] !== "string" && !(optional && key[name] === undefined)) return `has no usable \`${name}\``
  }
  if (key["use"] !== undefined && !SIGNING_USES.has(key["use"])) return "is not for signatures"
  const operations = key["key_ops"]
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    return "is not for checking signatures"
  }
  return key["kty"] === "RSA" ? rsaFaultOf(key["n"] as string, key["e"] as string) : undefined
}

/**
 * FIPS 186-5, 5.4: a modulus of 2048 bits or more, an odd exponent above 2^16. Above 8192 bits checking is too slow.
 */
const rsaFaultOf = (n: string, e: string): string | undefined => {
  const modulus = integerOf(n)
  if (modulus < 1n << 2047n) return "is an RSA key of less than 2048 bits"
  if (modulus >= 1n << 8192n) return "is an RSA key of more than 8192 bits"
  if (modulus % 2n === 0n) return "has an even modulus: it is no RSA key"
  const exponent = integerOf(e)
  return exponent > 65536n && exponent < 1n << 64n && exponent % 2n === 1n ? undefined : "has a weak RSA exponent"
}

const integerOf = (base64url: string): bigint => BigInt(`0x0${Buffer.from(base64url, "base64url").toString("hex")}`)
