import * as Effect from "effect/Effect"
import { compactVerify } from "jose"
import type { PluginError, TokenRefused, VerifiedToken } from "../../../core/index.ts"
import { checkClaims, type Expected } from "./claims.ts"
import { type Compact, readCompact } from "./compact.ts"
import type { KeyFeed } from "./key-feed.ts"
import { importKey, type KeySet } from "./key-set.ts"
import { refused } from "./refused.ts"
import { TokenCache } from "./token-cache.ts"

/** One issuer that is trusted, and with what. */
export interface Trust {
  readonly expected: Expected
  readonly algorithms: ReadonlySet<string>
  /** Media types, lower case. */
  readonly types: ReadonlySet<string>
  readonly feed: KeyFeed
}

export type Verify = (token: string, now: number) => Effect.Effect<VerifiedToken, TokenRefused | PluginError>

/** A token without a key's name is tried on so many keys. */
const CANDIDATES_MAX = 8

/**
 * Checks tokens: form, issuer, algorithm and type, signature, claims, times; the first that fails is the answer.
 *
 * The issuer is read from the unverified claims only to find whose keys to use, and an issuer's keys are used for its
 * own tokens alone. Completes at once for a token that was seen before.
 */
export const makeVerifier = (trusts: ReadonlyArray<Trust>): Verify => {
  const byIssuer = new Map(trusts.map((trust) => [trust.expected.issuer, trust]))
  const cache = new TokenCache()
  return (token, now) =>
    Effect.suspend(() => {
      const compact = readCompact(token)
      if (compact._tag === "TokenRefused") return Effect.fail(compact)
      const trust = byIssuer.get(compact.claims["iss"] as string) ?? byIssuer.get(trustDomainOf(compact.claims["sub"]))
      if (trust === undefined) return Effect.fail(refused("issuer", "The token's issuer is not trusted here."))
      const fault = headerFaultOf(compact, trust)
      if (fault !== undefined) return Effect.fail(fault)
      const finish = (): Effect.Effect<VerifiedToken, TokenRefused> => {
        const verified = checkClaims(compact.claims, trust.expected, now)
        return "_tag" in verified ? Effect.fail(verified) : Effect.succeed(verified)
      }
      return Effect.flatMap(trust.feed.current, (keys) => {
        if (cache.has(token, keys)) return finish()
        return Effect.flatMap(checkSignature(compact, trust, keys), (by) => {
          cache.add(token, by)
          return finish()
        })
      })
    })
}

/** A workload's token need not name its issuer: its trust domain stands in its name (SPIFFE, JWT-SVID, 3). */
const trustDomainOf = (subject: unknown): string =>
  typeof subject === "string" ? /^spiffe:\/\/[a-z0-9._-]+(?=\/)/.exec(subject)?.[0] ?? "" : ""

const headerFaultOf = (compact: Compact, trust: Trust): TokenRefused | undefined => {
  if (!trust.algorithms.has(compact.algorithm)) {
    return refused("signature", "The token is signed with an algorithm that is not allowed here.")
  }
  return trust.types.has(compact.type ?? "jwt")
    ? undefined
    : refused("malformed", "The token is of a type (`typ`) that is not accepted here.")
}

/** The keys by which the signature holds; asks the issuer again when the token may be newer than they are. */
const checkSignature = (
  compact: Compact,
  trust: Trust,
  keys: KeySet
): Effect.Effect<KeySet, TokenRefused | PluginError> =>
  Effect.gen(function*() {
    if (yield* isSigned(compact, keys)) return keys
    const known = keys.candidates(compact.algorithm, compact.keyId).length > 0
    if (!known || compact.keyId === undefined) {
      yield* trust.feed.again
      const fresh = yield* trust.feed.current
      if (fresh !== keys && (yield* isSigned(compact, fresh))) return fresh
    }
    return yield* Effect.fail(refused("signature", "The token is not signed with a key that its issuer publishes."))
  })

const isSigned = (compact: Compact, keys: KeySet): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    for (const candidate of keys.candidates(compact.algorithm, compact.keyId).slice(0, CANDIDATES_MAX)) {
      const key = await importKey(candidate, compact.algorithm)
      if (key === undefined) continue
      const signed = await compactVerify(compact.token, key, { algorithms: [compact.algorithm] }).then(
        () => true,
        () => false
      )
      if (signed) return true
    }
    return false
  })
