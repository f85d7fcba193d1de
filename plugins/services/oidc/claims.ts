import type { TokenRefused, VerifiedToken } from "../../../core/index.ts"
import { refused } from "./refused.ts"
import type { JsonObject } from "./strict-json.ts"

/** What the claims of one issuer's tokens must say. */
export interface Expected {
  readonly issuer: string
  readonly audiences: ReadonlyArray<string>
  /** How far the issuer's clock may be ahead of ours. */
  readonly skewSeconds: number
  /** Which clients (`azp`, else `client_id`) a token may have been issued to; any when undefined. */
  readonly clients: ReadonlyArray<string> | undefined
  /** The longest that a token may live, from `iat` to `exp`; any when undefined. */
  readonly lifetimeSecondsMax: number | undefined
}

/** The year 5138: a time past this is no time (`1e308`, or milliseconds for seconds). */
const SECONDS_MAX = 1e11
const SUBJECT_LENGTH_MAX = 256

/**
 * Checks claims whose signature was checked (RFC 7519, 4.1). `now` in milliseconds since the epoch.
 *
 * The skew is given to `nbf` and `iat` alone: a token that has expired by our clock could only open a session that is
 * over already. A token that tells of events is none for logging in, whatever its type: issuers sign logout tokens with
 * the same keys, for the same audience (OpenID Connect Back-Channel Logout 1.0, 2.4; RFC 8417, 2.2).
 */
export const checkClaims = (claims: JsonObject, expected: Expected, now: number): VerifiedToken | TokenRefused => {
  const workload = expected.issuer.startsWith("spiffe://")
  const subject = claims["sub"]
  if (workload ? !isWorkloadOf(subject, expected.issuer) : claims["iss"] !== expected.issuer) {
    return refused("issuer", "The token's issuer is not trusted here.")
  }
  if (typeof subject !== "string" || !plain(subject)) {
    return refused("claims", "The token names no subject (`sub`) that can be used.")
  }
  if (Object.hasOwn(claims, "events")) {
    return refused("claims", "The token tells of an event (`events`), such as a logout: it lets nobody in.")
  }
  return checkAudience(claims, expected) ?? checkTimes(claims, expected, now) ?? {
    issuer: expected.issuer,
    subject,
    claims,
    evidence: workload ? "workload" : "asserted",
    expiresAt: Math.floor((claims["exp"] as number) * 1000)
  }
}

/** A SPIFFE ID of the trust domain with a path that leads nowhere else (SPIFFE-ID, 2). */
const isWorkloadOf = (subject: unknown, domain: string): boolean =>
  typeof subject === "string" && subject.startsWith(`${domain}/`)
  && /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/.test(subject.slice(domain.length))

/**
 * Non-empty, short, and the same to every reader: no control, formatting or halved characters, no space around it. Two
 * subjects that look alike, or are written alike to a log, would else be two people.
 */
const plain = (text: string): boolean =>
  text !== "" && text.length <= SUBJECT_LENGTH_MAX && text.trim() === text
  && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)

const checkAudience = (claims: JsonObject, expected: Expected): TokenRefused | undefined => {
  const audience = claims["aud"]
  const named = Array.isArray(audience) ? audience : [audience]
  if (!named.every((name) => typeof name === "string"))
    return refused("audience", "The token names no audience (`aud`).")
  if (!named.some((name) => expected.audiences.includes(name))) {
    return refused(
      "audience",
      `The token is for someone else: its audience must be ${expected.audiences.join(" or ")}.`
    )
  }
  if (expected.clients === undefined) return undefined
  const client = claims["azp"] ?? claims["client_id"]
  return typeof client === "string" && expected.clients.includes(client)
    ? undefined
    : refused("claims", "The token was issued to a client that may not be used here (`azp`).")
}

const checkTimes = (claims: JsonObject, expected: Expected, now: number): TokenRefused | undefined => {
  const { exp, nbf, iat } = claims
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat))) {
    return refused("claims", "The token's times (`exp`, `nbf`, `iat`) are missing or no times; `exp` is required.")
  }
  const seconds = now / 1000
  if (seconds >= exp) return refused("expired", "The token has expired. Get a new one and connect again.")
  const latest = seconds + expected.skewSeconds
  if ((nbf ?? 0) > latest || (iat ?? 0) > latest) {
    return refused("not_yet_valid", "The token is not valid yet. If it is fresh, the clocks disagree.")
  }
  const { lifetimeSecondsMax } = expected
  if (lifetimeSecondsMax === undefined) return undefined
  if (iat === undefined || exp - iat > lifetimeSecondsMax) {
    return refused("claims", `The token lives longer than the ${lifetimeSecondsMax} seconds that are allowed here.`)
  }
  return undefined
}

const isTime = (time: unknown): time is number => typeof time === "number" && time >= 0 && time <= SECONDS_MAX
