import type { TokenRefused } from "../../../core/index.ts"
import { refused } from "./refused.ts"
import { type JsonObject, parseObject } from "./strict-json.ts"

/** A token longer than this is refused unread. Bytes, and characters: a token is ASCII. */
export const TOKEN_BYTES_MAX = 16384

/** What a token says before anyone has checked that it may. */
export interface Compact {
  readonly _tag: "Compact"
  readonly token: string
  readonly algorithm: string
  /** Which key signed it, as its issuer calls it. A name to compare, never a path or an address. */
  readonly keyId: string | undefined
  /** Media type, lower case, without `application/`; undefined when the token names none. */
  readonly type: string | undefined
  readonly claims: JsonObject
}

/**
 * Reads a JWS in compact form (RFC 7515, 3.1): `BASE64URL(header) "." BASE64URL(claims) "." BASE64URL(signature)`.
 *
 * Stricter than it must be, because every freedom here is someone's attack: base64url is canonical, members are unique,
 * `crit`, `b64`, `zip`, `enc` and nesting are refused. Where keys are is the operator's word alone: `jku`, `jwk`, `x5u`
 * and `x5c` are not looked at.
 */
export const readCompact = (token: string): Compact | TokenRefused => {
  if (token.length > TOKEN_BYTES_MAX) return malformed("it is longer than 16 KiB")
  const parts = token.split(".")
  if (parts.length === 5) return malformed("it is encrypted; send a signed one")
  if (parts.length !== 3) return malformed("it is not a signed JSON Web Token")
  const header = objectOf(parts[0]!)
  if (header === undefined) return malformed("its header cannot be read")
  const fault = faultOf(header)
  if (fault !== undefined) return malformed(fault)
  const claims = objectOf(parts[1]!)
  if (claims === undefined) return malformed("its claims are not one JSON object with unique members")
  if (parts[2] !== "" && bytesOf(parts[2]!) === undefined) return malformed("its signature cannot be read")
  return {
    _tag: "Compact",
    token,
    algorithm: header["alg"] as string,
    keyId: header["kid"] as string | undefined,
    type: (header["typ"] as string | undefined)?.toLowerCase().replace(/^application\//, ""),
    claims
  }
}

const malformed = (why: string): TokenRefused => refused("malformed", `The token is not accepted: ${why}.`)

const faultOf = (header: JsonObject): string | undefined => {
  if (typeof header["alg"] !== "string") return "its header names no algorithm"
  for (const name of ["crit", "b64", "zip", "enc", "cty"]) {
    if (Object.hasOwn(header, name)) return `its header uses \`${name}\`, which is not supported`
  }
  for (const name of ["kid", "typ"]) {
    if (Object.hasOwn(header, name) && typeof header[name] !== "string") return `\`${name}\` in its header is no text`
  }
  return undefined
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const objectOf = (part: string): JsonObject | undefined => {
  const bytes = bytesOf(part)
  if (bytes === undefined) return undefined
  try {
    return parseObject(utf8.decode(bytes))
  } catch {
    return undefined
  }
}

/** Canonical base64url only: one token has one spelling. */
const bytesOf = (part: string): Uint8Array | undefined => {
  const bytes = Buffer.from(part, "base64url")
  return bytes.toString("base64url") === part ? bytes : undefined
}
