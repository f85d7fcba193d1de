/** Claims of a verified token, or members of an `act` object. */
export type Claims = Readonly<Record<string, unknown>>

const NAME_LENGTH_MAX = 256
const GROUPS_MAX = 1000

/** What the token itself is about, or what `Identity` has fields for: no one's attributes. */
const OWN = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "act", "may_act", "cnf"])
const SECRET_WORDS =
  "secrets?|passwords?|passwd|tokens?|api_?keys?|private_?key|credentials?|cookies?|assertion|nonce|code"
const SECRET = new RegExp(`(^|[_\\-./])(${SECRET_WORDS}|sid|[acs]t?_hash)($|[_\\-./])`, "i")

/** The claim called `name`, else at the path `a.b.c`. Own members only. */
export const claimAt = (claims: Claims, name: string): unknown => {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const step of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Claims)[step]
  }
  return value
}

/**
 * A name that can stand in a policy and a log, the same to every reader: short, no control, formatting or halved
 * characters, no space around it.
 */
export const isName = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= NAME_LENGTH_MAX && value.trim() === value
  && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)

/** The groups that `value` lists; none when there is no such claim; undefined when it is no list of names. */
export const groupsOf = (value: unknown): ReadonlyArray<string> | undefined => {
  if (value === undefined) return []
  const listed = Array.isArray(value) ? value : [value]
  return listed.length <= GROUPS_MAX && listed.every(isName) ? listed : undefined
}

/** The claims that policy may read: those that the operator listed, else every scalar one that is no secret. */
export const readableClaims = (
  claims: Claims,
  options: { readonly claims?: ReadonlyArray<string>; readonly groups_claim: string }
): Claims => {
  if (options.claims !== undefined) {
    return Object.fromEntries(
      options.claims.map((name) => [name, claimAt(claims, name)] as const).filter(([, value]) => value !== undefined)
    )
  }
  return Object.fromEntries(
    Object.entries(claims).filter(([name, value]) =>
      isScalar(value) && !OWN.has(name) && name !== options.groups_claim && name !== "__proto__" && !soundsSecret(name)
    )
  )
}

const isScalar = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"

/** `client_secret` does, and `clientSecret`; `secretary` does not. */
const soundsSecret = (name: string): boolean => SECRET.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2"))
