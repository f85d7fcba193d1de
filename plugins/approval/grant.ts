import type { OperationKind } from "../../core/index.ts"
import { type Person, samePerson } from "./person.ts"
import type { Decider, Request, Vote } from "./request.ts"
import { dataSetsOf } from "./shown.ts"

/** What an approver allows beyond the operation at hand: more of its kind, for a while. */
export interface GrantTerms {
  /** How long, from the moment that it is given. */
  readonly seconds: number
  readonly uses: number
  readonly kinds: ReadonlyArray<OperationKind>
}

/**
 * A pattern that was allowed for a while: this chain of identities, these kinds, these data sets, behind this
 * pipeline, seen by nobody else and nowhere else than in the request that it came from.
 */
export interface Grant {
  readonly version: 1
  readonly id: string
  /** The request that it came from. */
  readonly request: string
  readonly by: ReadonlyArray<string>
  /** Who gave it, and what they rested on: taken back, the grant does not hold any more. */
  readonly given?: ReadonlyArray<Pick<Vote, "by" | "proof">>
  readonly approvers: ReadonlyArray<string>
  readonly chain: ReadonlyArray<Person>
  readonly pipeline: string
  readonly address: string
  readonly dataSets: ReadonlyArray<string>
  readonly sinks: ReadonlyArray<string>
  readonly kinds: ReadonlyArray<OperationKind>
  readonly at: number
  readonly until: number
  readonly usesLeft: number
  readonly revoked?: { readonly by: string; readonly at: number }
}

/** What is to be covered by a grant. */
export interface Need {
  readonly chain: ReadonlyArray<Person>
  readonly pipeline: string
  readonly address: string
  readonly dataSets: ReadonlyArray<string>
  readonly sinks: ReadonlyArray<string>
  readonly kind: OperationKind
}

/** The grant that an approved request carries: where the terms of its voters differ, the narrowest of each. */
export const grantOf = (request: Request, id: string, now: number): Grant | undefined => {
  const terms = request.votes.map(({ grant }) => grant)
  if (terms.length === 0 || !terms.every((one) => one !== undefined)) return undefined
  const { shown } = request
  const [first] = terms
  return {
    version: 1,
    id,
    request: request.id,
    by: request.votes.map(({ by }) => by.subject),
    given: request.votes.map(({ by, proof }) => ({ by, ...(proof === undefined ? {} : { proof }) })),
    approvers: request.rules.approvers,
    chain: request.chain,
    pipeline: shown.pipeline,
    address: shown.address,
    dataSets: dataSetsOf(shown).toSorted(),
    sinks: sinksOf(shown.sinks),
    kinds: first!.kinds.filter((kind) => terms.every(({ kinds }) => kinds.includes(kind))),
    at: now,
    until: now + Math.min(...terms.map(({ seconds }) => seconds)) * 1000,
    usesLeft: Math.min(...terms.map(({ uses }) => uses))
  }
}

export const sinksOf = (sinks: ReadonlyArray<{ readonly sink: string; readonly at: string }>): ReadonlyArray<string> =>
  [...new Set(sinks.map(({ at, sink }) => `${sink} at ${at}`))].toSorted()

/** Whether a grant covers it now. */
export const covers = (grant: Grant, need: Need, now: number): boolean =>
  grant.revoked === undefined && grant.at <= now && now < grant.until && grant.usesLeft > 0
  && grant.pipeline === need.pipeline && grant.address === need.address && grant.kinds.includes(need.kind)
  && need.dataSets.length > 0 && need.dataSets.every((name) => grant.dataSets.includes(name))
  && need.sinks.every((sink) => grant.sinks.includes(sink))
  && grant.chain.length === need.chain.length
  && grant.chain.every(({ issuer, subject }, i) =>
    issuer === need.chain[i]!.issuer && subject === need.chain[i]!.subject
  )

/** One use less; undefined when it does not cover the need any more. */
export const spend = (grant: Grant, need: Need, now: number): Grant | undefined =>
  covers(grant, need, now) ? { ...grant, usesLeft: grant.usesLeft - 1 } : undefined

/** Ends a grant, or says why this person may not. Its holder may give it back; an approver may take it. */
export const revoke = (grant: Grant, by: Decider, now: number): Grant | string => {
  const holds = grant.chain.some((one) => samePerson(one, by.person))
  if (!holds && !grant.approvers.some((group) => by.groups.includes(group))) {
    return `Only these groups may revoke it: ${grant.approvers.join(", ")}.`
  }
  return grant.revoked === undefined ? { ...grant, revoked: { by: by.person.subject, at: now } } : grant
}
