import type { Identity } from "../../core/index.ts"
import { claimAt, type Claims, groupsOf, isName, readableClaims } from "./claims.ts"
import type { IdentityConfig } from "./config.ts"

const ACTORS_MAX = 8

/** A chain that cannot be judged, and why, in words that may be shown. */
export interface ChainRefused {
  readonly _tag: "ChainRefused"
  readonly message: string
}

/**
 * Everyone between the subject and us, the nearest first (RFC 8693, 4.1): the outermost `act` is who holds the token
 * now.
 *
 * At most eight, each named once, none of them the subject, also under `sub` where another claim names it: a chain that
 * turns back says nothing about who acts.
 * Without `act`, `agent_claim` names the one actor. `may_act` of the subject (RFC 8693, 4.4), when present, must name
 * whoever holds the token, member by member.
 */
export const readActors = (
  claims: Claims,
  subject: Identity,
  config: IdentityConfig
): ReadonlyArray<Identity> | ChainRefused => {
  const acts = actObjects(claims, config)
  if (acts === undefined) return refused("its `act` chain is malformed or longer than eight")
  const actors: Array<Identity> = []
  const seen = new Set([keyOf(subject), JSON.stringify([subject.issuer, claims["sub"]])])
  for (const act of acts) {
    const actor = actorOf(act, subject.issuer, config)
    if (actor === undefined) return refused("an actor in its `act` chain has no usable `sub`, `iss` or groups")
    if (seen.has(keyOf(actor))) return refused("its `act` chain names someone twice")
    seen.add(keyOf(actor))
    actors.push(actor)
  }
  const nearest = acts[0]
  if (
    Object.hasOwn(claims, "may_act") && nearest !== undefined && !mayAct(claims["may_act"], nearest, subject.issuer)
  ) {
    return refused("its `may_act` does not allow this actor")
  }
  return actors
}

const refused = (why: string): ChainRefused => ({ _tag: "ChainRefused", message: `The token is not accepted: ${why}.` })

/** The `act` objects from the outside in. Undefined when one is no object, or there are too many. */
const actObjects = (claims: Claims, config: IdentityConfig): ReadonlyArray<Claims> | undefined => {
  const acts: Array<Claims> = []
  let holder = claims
  while (Object.hasOwn(holder, "act")) {
    const act = holder["act"]
    if (typeof act !== "object" || act === null || Array.isArray(act) || acts.length === ACTORS_MAX) return undefined
    acts.push(act as Claims)
    holder = act as Claims
  }
  if (acts.length > 0 || config.agent_claim === undefined) return acts
  const agent = claimAt(claims, config.agent_claim)
  if (agent === undefined || agent === claimAt(claims, config.subject_claim) || agent === claims["sub"]) return acts
  return [{ sub: agent }]
}

const actorOf = (act: Claims, issuer: string, config: IdentityConfig): Identity | undefined => {
  const iss = Object.hasOwn(act, "iss") ? act["iss"] : issuer
  const sub = Object.hasOwn(act, "sub") ? act["sub"] : undefined
  const groups = groupsOf(claimAt(act, config.groups_claim))
  if (!isName(iss) || !isName(sub) || groups === undefined) return undefined
  return { issuer: iss, subject: sub, groups, claims: readableClaims(act, config) }
}

const mayAct = (allowed: unknown, actor: Claims, issuer: string): boolean => {
  if (typeof allowed !== "object" || allowed === null || Array.isArray(allowed)) return false
  const known: Claims = { iss: issuer, ...actor }
  const members = Object.entries({ iss: issuer, ...allowed })
  return Object.hasOwn(allowed, "sub")
    && members.every(([name, value]) => isName(value) && Object.hasOwn(known, name) && known[name] === value)
}

const keyOf = (identity: Identity): string => JSON.stringify([identity.issuer, identity.subject])
