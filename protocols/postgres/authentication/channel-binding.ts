import { createHash } from "node:crypto"

/** The digest that a certificate's signature uses, by the DER of the algorithm's OID (RFC 5280, 8017, 5758). */
const digests: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "sha256", // md5WithRSAEncryption: MD5 and SHA-1 count as SHA-256
  "2a864886f70d010105": "sha256", // sha1WithRSAEncryption
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a864886f70d01010e": "sha224",
  "2a8648ce3d0401": "sha256", // ecdsa-with-SHA1
  "2a8648ce3d040301": "sha224",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512"
}

/** RSASSA-PSS names its digest among its parameters; without any, it is SHA-1, which counts as SHA-256. */
const PSS = "2a864886f70d01010a"
const pssDigests: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha256",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
  "608648016503040204": "sha224"
}

/**
 * The channel binding data `tls-server-end-point` (RFC 5929 section 4.1): a hash of the server's certificate, by the
 * digest of the certificate's own signature, SHA-256 in place of MD5 and SHA-1. Undefined when the signature names no
 * digest, as Ed25519 does, or the certificate cannot be read.
 */
export const tlsServerEndPoint = (certificate: Uint8Array): Uint8Array | undefined => {
  const digest = signatureDigest(certificate)
  return digest === undefined ? undefined : createHash(digest).update(certificate).digest()
}

/** `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, parameters }, signature }`. */
const signatureDigest = (der: Uint8Array): string | undefined => {
  const whole = element(der, 0, der.length)
  const signed = whole && element(der, whole.start, whole.end)
  const algorithm = whole && signed && element(der, signed.end, whole.end)
  const identifier = algorithm && element(der, algorithm.start, algorithm.end)
  if (algorithm === undefined || identifier === undefined) return undefined
  if (algorithm.tag !== SEQUENCE || identifier.tag !== OID) return undefined
  const name = hex(der, identifier)
  if (name !== PSS) return digests[name]
  const parameters = element(der, identifier.end, algorithm.end)
  if (parameters === undefined || parameters.start === parameters.end) return "sha256"
  const first = element(der, parameters.start, parameters.end)
  if (first === undefined) return undefined
  if (first.tag !== HASH_ALGORITHM) return "sha256"
  const hash = element(der, first.start, first.end)
  const hashName = hash && element(der, hash.start, hash.end)
  return hashName === undefined || hashName.tag !== OID ? undefined : pssDigests[hex(der, hashName)]
}

const SEQUENCE = 0x30
const OID = 0x06
/** `[0]`, explicit, of RSASSA-PSS-params. */
const HASH_ALGORITHM = 0xa0

interface Element {
  readonly tag: number
  /** Offsets of the contents. */
  readonly start: number
  readonly end: number
}

/** The DER element at `at`, or undefined when it does not fit before `limit`. */
const element = (der: Uint8Array, at: number, limit: number): Element | undefined => {
  if (at + 2 > limit) return undefined
  const tag = der[at]!
  let length = der[at + 1]!
  let start = at + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 3 || start + count > limit) return undefined
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + der[start + i]!
    start += count
  }
  return start + length > limit ? undefined : { tag, start, end: start + length }
}

const hex = (der: Uint8Array, { end, start }: Element): string => Buffer.from(der.subarray(start, end)).toString("hex")
