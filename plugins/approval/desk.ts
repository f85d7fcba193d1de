import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type {
  Callers,
  Deny,
  Onlookers,
  PluginError,
  Principal,
  Revocations,
  TokenRefused,
  Tokens
} from "../../core/index.ts"
import type { Book } from "./book.ts"
import type { Grant, GrantTerms } from "./grant.ts"
import { type Person, personOf, samePerson } from "./person.ts"
import { AT_THE_DESK, proofOf, type VoteProof, voteProofOf } from "./proof.ts"
import { type Decider, type Event, isOver, type Request } from "./request.ts"
import { dataSetsOf } from "./shown.ts"

/** Why somebody at the desk is not served. */
export interface Refused {
  readonly _tag: "Refused"
  readonly code: "unauthenticated" | "forbidden" | "not_found" | "conflict" | "unavailable"
  readonly message: string
}

/** Somebody at the desk, by a token of their own. */
export interface Visitor {
  readonly principal: Principal
  readonly person: Person
  readonly proof: VoteProof
  /** When their token runs out, in milliseconds since the epoch. */
  readonly until: number
}

/** A request as one visitor may see it. */
export interface View {
  readonly request: Request
  /** Why what would run is not shown to them; undefined: it is. */
  readonly hidden: string | undefined
  /** Why they have no say in it; undefined: they have. Saying yes also needs that it is shown to them. */
  readonly barred: string | undefined
  /** How many open requests of the same people look like this one, itself included. */
  readonly alike: number
}

export interface Decision {
  readonly approve: boolean
  /** The binding that was shown. */
  readonly binding: string
  readonly reason?: string | undefined
  readonly grant?: GrantTerms | undefined
}

type Served<A> = Effect.Effect<A, Refused | PluginError>

export interface DeskRoom {
  readonly book: Book
  readonly tokens: Tokens["Service"]
  readonly revocations: Revocations["Service"]
  readonly callers: Callers["Service"]
  readonly onlookers: Onlookers["Service"]
  /** Told of each request that may have changed, so that whoever waits need not wait for the next look. */
  readonly changed: (id: string) => void
}

/**
 * Where people decide. Every visit begins with a verified token of the visitor's own that nobody took back; a token
 * that somebody holds on another's behalf is no person's, and neither is one of a party that the policy calls an agent.
 */
export class Desk {
  private readonly room: DeskRoom

  constructor(room: DeskRoom) {
    this.room = room
  }

  /** Who brings this token. Asked anew with each page and each request, so that a revocation ends a visit, too. */
  admit(token: string): Served<Visitor> {
    const { callers, revocations, tokens } = this.room
    return Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const verified = yield* Effect.mapError(tokens.verify(token, now), strangerOf)
      const principal = callers.of(verified)
      if ("_tag" in principal) return yield* Effect.fail(refused("unauthenticated", principal.message))
      if (Object.hasOwn(verified.claims, "cnf")) {
        return yield* Effect.fail(refused("unauthenticated", "The token is bound to a key that cannot be proven here."))
      }
      if (principal.actors.length > 0) {
        return yield* Effect.fail(
          refused("forbidden", "Somebody acts for the token's subject. People decide themselves.")
        )
      }
      // A token that does not say since when it holds is older than any revocation.
      const proof = proofOf(AT_THE_DESK, principal, { token, verified, at: 0 })
      const taken = yield* revocations.check(proof)
      if (taken !== undefined) return yield* Effect.fail(takenBack(taken))
      return { principal, person: personOf(principal), proof: voteProofOf(proof), until: verified.expiresAt }
    })
  }

  /** The requests that concern a visitor: theirs to decide, or asked by them. Open ones, unless `all`. */
  list(visitor: Visitor, all = false): Served<ReadonlyArray<View>> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      const requests = (yield* all ? this.room.book.requests : this.room.book.openRequests).map((request) =>
        aged(request, now)
      )
      const open = requests.filter((one) => !isOver(one))
      return requests
        .filter((request) => (all || !isOver(request)) && concerns(request, visitor))
        .toSorted((a, b) => a.at - b.at)
        .map((request) => this.view(request, visitor, open, now))
    })
  }

  /** One request. That it was shown is remembered. */
  show(visitor: Visitor, id: string): Served<View> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      const request = yield* this.find(visitor, id)
      const view = this.view(request, visitor, [request], now)
      if (view.hidden !== undefined || asks(request, visitor)) return view
      const shown = yield* this.step(id, { _tag: "Show", by: visitor.person }, now)
      return { ...view, request: shown }
    })
  }

  decide(visitor: Visitor, id: string, decision: Decision): Served<Request> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      const request = yield* this.find(visitor, id)
      const { barred, hidden } = this.view(request, visitor, [request], now)
      if (decision.approve && hidden !== undefined) return yield* Effect.fail(refused("forbidden", hidden))
      if (barred !== undefined) return yield* Effect.fail(refused("forbidden", barred))
      const { binding, grant, reason } = decision
      const by = deciderOf(visitor)
      const decided = yield* this.step(
        id,
        decision.approve ? { _tag: "Approve", by, binding, reason, grant } : { _tag: "Deny", by, reason },
        now
      )
      if (decided.status === "approved") yield* this.room.book.grant(decided, now)
      return decided
    })
  }

  /** Brings a refused operation to the approvers: for whoever asked it. */
  submit(visitor: Visitor, id: string, reason?: string): Served<Request> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      yield* this.find(visitor, id)
      return yield* this.step(id, { _tag: "Submit", by: visitor.person, reason }, now)
    })
  }

  /** Takes back a request, an approval that was not used, or a grant. */
  revoke(visitor: Visitor, id: string, reason = "revoked"): Served<Request | Grant> {
    return Effect.gen({ self: this }, function*() {
      const now = yield* Clock.currentTimeMillis
      if (id.startsWith("gr-")) {
        const revoked = yield* this.room.book.revoke(id, deciderOf(visitor), now)
        if (revoked === undefined) return yield* Effect.fail(unknown(id))
        if (typeof revoked === "string") return yield* Effect.fail(refused("forbidden", revoked))
        this.room.changed(id)
        return revoked
      }
      yield* this.find(visitor, id)
      return yield* this.step(id, { _tag: "Void", by: visitor.person.subject, reason }, now)
    })
  }

  grants(visitor: Visitor): Served<ReadonlyArray<Grant>> {
    return Effect.map(
      this.room.book.grants,
      (grants) =>
        grants.filter(({ approvers, chain }) =>
          inGroup(visitor, approvers) || chain.some((one) => samePerson(one, visitor.person))
        )
    )
  }

  private find(visitor: Visitor, id: string): Served<Request> {
    return Effect.flatMap(
      this.room.book.read(id),
      (request) =>
        request !== undefined && concerns(request, visitor) ? Effect.succeed(request) : Effect.fail(unknown(id))
    )
  }

  private step(id: string, event: Event, now: number): Served<Request> {
    const advancing = Effect.mapError(this.room.book.advance(id, event, now), () => uncertain(id))
    return Effect.flatMap(advancing, (advanced) => {
      if (advanced === undefined) return Effect.fail(unknown(id))
      this.room.changed(id)
      return advanced.refusal === undefined
        ? Effect.succeed(advanced.request)
        : Effect.fail(refused("conflict", advanced.refusal))
    })
  }

  private view(request: Request, visitor: Visitor, open: ReadonlyArray<Request>, now: number): View {
    const { shown } = request
    const mine = asks(request, visitor)
    const hidden = mine
      ? undefined
      : this.room.onlookers.refusal(visitor.principal, { pipeline: shown.pipeline, dataSets: dataSetsOf(shown), now })
    const barred = mine
      ? "Nobody decides on what they ask for, or what is asked through them."
      : inGroup(visitor, request.rules.approvers)
      ? undefined
      : `Only these groups may decide: ${request.rules.approvers.join(", ")}.`
    const alike = open.filter((other) => likeness(other) === likeness(request)).length
    return { request, hidden, barred, alike: Math.max(1, alike) }
  }
}

/** The same people asking the same thing, but for its values. */
const likeness = ({ chain, shown }: Request): string =>
  JSON.stringify([
    chain.map(({ issuer, subject }) => [issuer, subject]),
    shown.pipeline,
    shown.text.replace(/'(?:[^']|'')*'/g, "'…'").replace(/\d+/g, "0").replace(/\s+/g, " ").toLowerCase()
  ])

/** As it would be if somebody looked at it now. */
const aged = (request: Request, now: number): Request =>
  isOver(request) || now < request.until ? request : { ...request, status: "expired" }

const asks = ({ chain }: Request, { person }: Visitor): boolean => chain.some((one) => samePerson(one, person))
const inGroup = ({ principal }: Visitor, groups: ReadonlyArray<string>): boolean =>
  groups.some((group) => principal.groups.includes(group))
const concerns = (request: Request, visitor: Visitor): boolean =>
  asks(request, visitor) || inGroup(visitor, request.rules.approvers)
const deciderOf = ({ person, principal, proof }: Visitor): Decider => ({ person, proof, groups: principal.groups })

const refused = (code: Refused["code"], message: string): Refused => ({ _tag: "Refused", code, message })
/** Whoever cannot be told from somebody revoked does not come in, but is not told that they are. */
const takenBack = ({ code, message }: Deny): Refused =>
  refused(code === "identity_unavailable" ? "unavailable" : "unauthenticated", message)
const unknown = (id: string): Refused => refused("not_found", `There is no request ${id} that concerns you.`)
/** Something was to be kept, and whether it is, nobody answered. */
const uncertain = (id: string): Refused =>
  refused(
    "unavailable",
    `The approvals cannot be reached now, and whether this counts is not known. Look at ${id} again.`
  )
const strangerOf = (error: TokenRefused | PluginError): Refused | PluginError =>
  error._tag === "PluginError" ? error : refused("unauthenticated", error.message)
