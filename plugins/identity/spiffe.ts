import { X509Certificate } from "node:crypto"
import { isAuthority } from "./authority.ts"

/** A workload, as its X.509-SVID names it. */
export interface Svid {
  /** The whole SPIFFE ID. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const ID_BYTES_MAX = 2048

/**
 * The workload that a client's certificate names (SPIFFE, X.509-SVID, 2 and 4.1; SPIFFE-ID, 2), or why it names none:
 * exactly one URI among its names, a SPIFFE ID of `trustDomain` with a path, and no authority to sign. `now` in
 * milliseconds since the epoch.
 *
 * That the certificate is signed and for clients was checked in the handshake, against the authorities of the listener:
 * they must be this one trust domain's. Its times are checked here too: a handshake may resume an older one.
 */
export const svidOf = (der: Uint8Array, trustDomain: string, now: number): Svid | string => {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(der)
  } catch {
    return "the certificate cannot be read"
  }
  if (certificate.ca || isAuthority(certificate.raw)) return "the certificate is an authority's, not a workload's"
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  if (!(from <= now && now < until)) return "the certificate has expired, or is not valid yet"
  const uris = urisOf(certificate.subjectAltName ?? "")
  if (uris === undefined || uris.length !== 1) return "the certificate does not have exactly one URI among its names"
  const id = uris[0]!
  const fault = spiffeFault(id, trustDomain)
  return fault ?? { id, expiresAt: until }
}

/** The URIs of a subjectAltName. Undefined when a name is quoted: Node does that to what could be read in two ways. */
const urisOf = (names: string): ReadonlyArray<string> | undefined => {
  if (names.includes("\"")) return undefined
  return names.split(", ").filter((name) => name.startsWith("URI:")).map((name) => name.slice(4))
}

/** What keeps `id` from being a workload of `trustDomain`; undefined when nothing does. */
export const spiffeFault = (id: string, trustDomain: string): string | undefined => {
  if (Buffer.byteLength(id) > ID_BYTES_MAX) return "its SPIFFE ID is longer than 2048 bytes"
  const match = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)+)$/.exec(id)
  if (match === null) return "it is no SPIFFE ID with a path"
  if (match[2]!.split("/").some((segment) => segment === "." || segment === "..")) {
    return "its SPIFFE ID has a path that leads elsewhere"
  }
  return match[1] === trustDomain ? undefined : "it is of another trust domain than this pipeline's"
}
