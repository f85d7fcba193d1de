/** What a key must be for an algorithm. */
export interface KeyNeeds {
  readonly type: "RSA" | "EC" | "OKP"
  readonly curve: string | undefined
}

const rsa: KeyNeeds = { type: "RSA", curve: undefined }
const ed25519: KeyNeeds = { type: "OKP", curve: "Ed25519" }

/**
 * Every algorithm that a token may be signed with (RFC 7518, 3.1; RFC 8037; RFC 9864). All are asymmetric: `none` and
 * the HMACs are not here, so no file can allow them.
 */
export const ALGORITHMS: ReadonlyMap<string, KeyNeeds> = new Map([
  ["RS256", rsa],
  ["RS384", rsa],
  ["RS512", rsa],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["ES256", { type: "EC", curve: "P-256" }],
  ["ES384", { type: "EC", curve: "P-384" }],
  ["ES512", { type: "EC", curve: "P-521" }],
  ["EdDSA", ed25519],
  ["Ed25519", ed25519]
])
