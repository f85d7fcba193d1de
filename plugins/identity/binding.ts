import { hash } from "node:crypto"
import type { Peer } from "../../core/index.ts"
import type { Claims } from "./claims.ts"

/** Whether a token says what it is bound to. */
export const isBound = (claims: Claims): boolean => Object.hasOwn(claims, "cnf")

/**
 * Whether a token may be used by whoever brought it. A token without `cnf` belongs to its bearer. One bound to a client
 * certificate (RFC 8705, 3.1) needs that certificate on this connection. Any other binding asks for a proof that a
 * connection like this cannot carry, so it does not hold.
 */
export const isHolder = (claims: Claims, peer: Peer): boolean => {
  if (!isBound(claims)) return true
  const bound = claims["cnf"]
  if (typeof bound !== "object" || bound === null || peer.certificate === undefined) return false
  const members = Object.entries(bound)
  return members.length === 1
    && members[0]![0] === "x5t#S256"
    && members[0]![1] === hash("sha256", peer.certificate, "base64url")
}
