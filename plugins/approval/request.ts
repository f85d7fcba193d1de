import type { GrantTerms } from "./grant.ts"
import { type Person, samePerson } from "./person.ts"
import type { VoteProof } from "./proof.ts"
import type { Rules } from "./rules.ts"
import type { Shown } from "./shown.ts"

/**
 * One operation's way to a person's yes. Pure: no clock, no I/O. Whoever keeps requests applies `advance` to the stored
 * one and stores what comes of it, as one step that nothing comes between: then every rule below holds for any number
 * of approvers, gateways and crashes.
 *
 *             submit              approve × quorum            use
 *     draft ─────────► pending ─────────────────► approved ─────────► used
 *       │                 │                           │
 *       │                 ├── deny ──► denied ◄─ deny ┤      deny wins: also over a yes that was not used yet
 *       └────── time ─────┼── time ─► expired ◄─ time ┤      time is looked at first, whatever else is asked
 *                         └── void ──► void ◄── void ─┘      revoked, abandoned, or no longer what was asked
 *
 * - Only `pending` counts votes; one person counts once; nobody in the chain of who asks counts at all.
 * - Only `approved` can be used, once, by the binding that was approved; `used` is kept before anything is released.
 * - What has ended stays as it ended.
 */
export interface Request {
  readonly version: 1
  readonly id: string
  /** The gateway that asks, and which of its lives: a request of a life that is over has nobody waiting for it. */
  readonly gateway: string
  readonly life: string
  /** `wait`: the client waits, in its session. `retry`: it was refused, and may ask again once this is approved. */
  readonly clients: "wait" | "retry"
  /** Everything that is approved, in one digest: see `bindingOf`. */
  readonly binding: string
  readonly rules: Rules
  /** Who asks, and everyone that they ask through. */
  readonly chain: ReadonlyArray<Person>
  readonly shown: Shown
  readonly status: Status
  /** Milliseconds since the epoch, as all times here. */
  readonly at: number
  readonly until: number
  readonly votes: ReadonlyArray<Vote>
  readonly steps: ReadonlyArray<Step>
  /** How many of the steps are in the ledger. */
  readonly recorded: number
}

export type Status = "draft" | "pending" | "approved" | "denied" | "expired" | "void" | "used"

export interface Vote {
  readonly by: Person
  /** What they rested on: taken back, the vote does not count any more. */
  readonly proof?: VoteProof
  readonly at: number
  readonly reason?: string
  /** With a vote for a grant: what else is allowed, and for how long. */
  readonly grant?: GrantTerms
}

/** Something that happened to a request, for the ledger. */
export interface Step {
  readonly at: number
  readonly step: "requested" | "submitted" | "shown" | "voted" | "approved" | "denied" | "expired" | "void" | "used"
  readonly by?: string
  readonly reason?: string
}

/** Somebody who decides: a person, what they rest on, and the groups that they are in. */
export interface Decider {
  readonly person: Person
  readonly proof?: VoteProof
  readonly groups: ReadonlyArray<string>
}

export type Event =
  | { readonly _tag: "Submit"; readonly by: Person; readonly reason?: string | undefined }
  | { readonly _tag: "Show"; readonly by: Person }
  | {
    readonly _tag: "Approve"
    readonly by: Decider
    /** The binding that was shown to whoever says yes. */
    readonly binding: string
    readonly reason?: string | undefined
    readonly grant?: GrantTerms | undefined
  }
  | { readonly _tag: "Deny"; readonly by: Decider; readonly reason?: string | undefined }
  | { readonly _tag: "Void"; readonly by?: string | undefined; readonly reason: string }
  | { readonly _tag: "Use"; readonly binding: string }
  | { readonly _tag: "Expire" }
  | { readonly _tag: "Recorded"; readonly steps: number }

/** What came of an event: undefined `refusal` means that it counts. The request may have changed all the same. */
export interface Advanced {
  readonly request: Request
  readonly refusal?: string
}

/** Whether nothing more can happen to it. */
export const isOver = ({ status }: Request): boolean =>
  status === "denied" || status === "expired" || status === "void" || status === "used"

export const advance = (before: Request, event: Event, now: number): Advanced => {
  if (event._tag === "Recorded") return { request: { ...before, recorded: Math.max(before.recorded, event.steps) } }
  const request = isOver(before) || now < before.until ? before : end(before, "expired", now)
  switch (event._tag) {
    case "Submit":
      return submit(request, event, now)
    case "Show":
      return { request: shown(request, event.by, now) }
    case "Approve":
      return approve(request, event, now)
    case "Deny":
      return deny(request, event, now)
    case "Void":
      return isOver(request)
        ? refuse(request, over(request))
        : { request: end(request, "void", now, event.by, event.reason) }
    case "Use":
      return use(request, event.binding, now)
    case "Expire":
      break
  }
  return { request }
}

const submit = (request: Request, { by, reason }: Extract<Event, { _tag: "Submit" }>, now: number): Advanced => {
  if (request.status === "pending") return { request }
  if (request.status !== "draft") return refuse(request, over(request))
  if (!request.chain.some((one) => samePerson(one, by))) return refuse(request, "Only whoever asked can request this.")
  return { request: { ...add(request, "submitted", now, by.subject, reason), status: "pending" } }
}

const shown = (request: Request, by: Person, now: number): Request =>
  isOver(request) || request.steps.some(({ by: seen, step }) => step === "shown" && seen === by.subject)
    ? request
    : add(request, "shown", now, by.subject)

const approve = (request: Request, event: Extract<Event, { _tag: "Approve" }>, now: number): Advanced => {
  const { by: { person, proof }, grant, reason } = event
  if (request.status !== "pending") return refuse(request, over(request))
  const barred = bar(request, event.by)
  if (barred !== undefined) return refuse(request, barred)
  if (event.binding !== request.binding) return refuse(request, "What was shown is not what is asked. Look again.")
  if (request.rules.reason_required && (reason ?? "").trim() === "") return refuse(request, "A reason must be given.")
  if (request.votes.some((vote) => samePerson(vote.by, person)))
    return refuse(request, "You have approved this already.")
  const vote: Vote = {
    by: person,
    ...(proof === undefined ? {} : { proof }),
    at: now,
    ...(reason === undefined ? {} : { reason }),
    ...(grant === undefined ? {} : { grant })
  }
  const voted = { ...add(request, "voted", now, person.subject, reason), votes: [...request.votes, vote] }
  if (voted.votes.length < request.rules.quorum) return { request: voted }
  return { request: { ...add(voted, "approved", now, person.subject), status: "approved" } }
}

const deny = (request: Request, { by, reason }: Extract<Event, { _tag: "Deny" }>, now: number): Advanced => {
  if (request.status !== "pending" && request.status !== "approved") return refuse(request, over(request))
  const barred = bar(request, by)
  if (barred !== undefined) return refuse(request, barred)
  if (request.rules.reason_required && (reason ?? "").trim() === "") return refuse(request, "A reason must be given.")
  return { request: end(request, "denied", now, by.person.subject, reason) }
}

const use = (request: Request, binding: string, now: number): Advanced => {
  if (request.status !== "approved") return refuse(request, over(request))
  if (binding === request.binding) return { request: end(request, "used", now) }
  const reason = "what would run is not what was approved"
  return { request: end(request, "void", now, undefined, reason), refusal: "What would run is not what was approved." }
}

/** Why somebody may not decide on a request. */
const bar = ({ chain, rules }: Request, { groups, person }: Decider): string | undefined => {
  if (chain.some((one) => samePerson(one, person)))
    return "Nobody decides on what they ask for, or what is asked through them."
  return rules.approvers.some((group) => groups.includes(group))
    ? undefined
    : `Only these groups may decide: ${rules.approvers.join(", ")}.`
}

const over = ({ id, status }: Request): string =>
  status === "draft"
    ? `${id} was not submitted yet: whoever asked runs \`sluice approvals request ${id}\`.`
    : status === "pending"
    ? `${id} is not approved yet.`
    : `${id} is ${status} already.`

const refuse = (request: Request, refusal: string): Advanced => ({ request, refusal })

const add = (request: Request, step: Step["step"], at: number, by?: string, reason?: string): Request => ({
  ...request,
  steps: [
    ...request.steps,
    { at, step, ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) }
  ]
})

const end = (
  request: Request,
  status: "denied" | "expired" | "void" | "used",
  now: number,
  by?: string,
  reason?: string
): Request => ({ ...add(request, status, now, by, reason), status })
