import * as Effect from "effect/Effect"
import {
  again,
  allow,
  Approval,
  type Decided,
  type Exchange,
  type Hold,
  hold,
  type Login,
  type Policy,
  Principal,
  type Reads,
  Receipt,
  type Session,
  type Verdict,
  type Writes
} from "../../core/index.ts"
import type { Approvals, Filed, Filing } from "./approvals.ts"
import { bindingOf, essenceOf, namesOthers, type Occasion, phaseOf, shownOf } from "./binding.ts"
import type { ApprovalConfig } from "./config.ts"
import { sinksOf } from "./grant.ts"
import { personOf } from "./person.ts"
import { type Authorities, isProven, type Opening, openingOf, reauthenticate } from "./reauthenticate.ts"
import type { Request } from "./request.ts"
import { dataSetsOf, type Shown } from "./shown.ts"
import { type Ticket, Tickets } from "./tickets.ts"
import { changed, noticeOf, refusalOf, unreachable, unshowable, waitsFor } from "./words.ts"

export interface HolderRoom extends Authorities {
  readonly approvals: Approvals["Service"]
  readonly policy: Policy["Service"]
}

type Seen = Exchange & Reads<any>

/** How long the state may take to answer, in milliseconds. */
const STATE_MILLISECONDS = 10_000
/** How much longer than a request lives its hold does, so that the request's own end is what the client is told. */
const GRACE_MILLISECONDS = 5000

/**
 * One session's operations that need approval. Each is asked for, waited for, judged anew, and only then released, if
 * it still is in every respect what was approved: the use is kept in the state before anything leaves.
 */
export class Holder {
  private readonly session: Session
  private readonly config: ApprovalConfig
  private readonly room: HolderRoom
  private readonly tickets = new Tickets()
  private readonly waitingFor = new Set<string>()
  private opening: Opening

  constructor(session: Session, config: ApprovalConfig, room: HolderRoom) {
    this.session = session
    this.config = config
    this.room = room
    this.opening = { token: undefined, at: session.now() }
  }

  login(login: Login): void {
    this.opening = openingOf(login, this.session)
  }

  inspect(exchange: Seen & Writes<readonly [typeof Approval]>): void {
    const ticket = this.tickets.of(exchange.id) ?? this.tickets.ofBound(exchange)
    if (ticket !== undefined) exchange.set(Approval, { id: ticket.id, by: ticket.by })
  }

  decide(exchange: Seen): Verdict | Hold<Decided> {
    const ticket = this.tickets.of(exchange.id)
    const receipt = exchange.get(Receipt)
    if (receipt.outcome !== "approve") {
      this.giveUp(exchange, ticket, "it needs no approval any more")
      return allow
    }
    // Preparing runs nothing; what is bound to it is judged with its parameters.
    if (phaseOf(exchange.operation) === "prepare") return allow
    const occasion: Occasion = {
      exchange,
      principal: exchange.get(Principal),
      receipt,
      policy: this.room.policy.current()
    }
    const shown = shownOf(occasion)
    if (shown === undefined || namesOthers(exchange.operation)) return unshowable
    const essence = essenceOf(occasion)
    if (ticket !== undefined) return this.release(occasion, essence, ticket)
    return this.tickets.isBound(exchange, essence) ? allow : this.ask(occasion, essence, shown)
  }

  /** Brings it to the approvers. */
  private ask(occasion: Occasion, essence: string, shown: Shown): Hold<Decided> {
    const { approvals, tokens } = this.room
    const { exchange, principal, receipt } = occasion
    const chain = [principal, ...principal.actors].map(personOf)
    const { address, pipeline } = shown
    const filing: Filing = {
      essence,
      binding: this.bindingOf(essence, exchange),
      config: this.config,
      chain,
      shown,
      need: {
        chain,
        pipeline,
        address,
        dataSets: dataSetsOf(receipt),
        sinks: sinksOf(receipt.sinks),
        kind: receipt.operation
      },
      now: this.session.now()
    }
    const until = Effect.flatMap(
      isProven(tokens, this.opening, this.session),
      (proven) => Effect.map(approvals.file(filing), (filed) => this.wait(filed, exchange, { essence, proven }))
    ).pipe(Effect.catch(() => Effect.succeed(unreachable)))
    return hold({ reason: waitsFor(this.config), within: STATE_MILLISECONDS, until })
  }

  private bindingOf(essence: string, exchange: Exchange): string {
    return this.config.clients === "wait" ? bindingOf(essence, exchange) : essence
  }

  private wait(filed: Filed, exchange: Exchange, about: Pick<Ticket, "essence" | "proven">): Decided {
    const give = (kind: Ticket["kind"], id: string, by: ReadonlyArray<string>): Decided => {
      this.tickets.give(exchange.id, { kind, id, by, ...about })
      return again
    }
    const approved = (request: Request): Decided =>
      give("request", request.id, request.votes.map(({ by }) => by.subject))
    switch (filed._tag) {
      case "Granted":
        return give("grant", filed.grant.id, filed.grant.by)
      case "Approved":
        return approved(filed.request)
      case "Refused":
        return filed.denial
      case "Waiting":
        break
    }
    const { id } = filed.request
    this.waitingFor.add(id)
    return hold({
      reason: `${waitsFor(this.config)}, request ${id}`,
      within: this.config.within_seconds * 1000 + GRACE_MILLISECONDS,
      notice: noticeOf(filed.request),
      until: this.room.approvals.settled(id).pipe(
        Effect.tap(() => Effect.sync(() => this.waitingFor.delete(id))),
        Effect.map((request) => request.status === "approved" ? approved(request) : refusalOf(request)),
        Effect.onError(() => Effect.sync(() => this.stopWaiting(id))),
        Effect.catch(() => Effect.succeed(unreachable))
      )
    })
  }

  /** Lets it run, if it is what was approved and whoever asked may still ask. */
  private release({ exchange, principal }: Occasion, essence: string, ticket: Ticket): Hold<Decided> {
    const { approvals } = this.room
    const until = Effect.gen({ self: this }, function*() {
      const refusal = yield* reauthenticate(this.room, this.opening, this.session, principal, ticket.proven)
      if (refusal !== undefined) {
        this.giveUp(exchange, ticket, refusal.message)
        return refusal
      }
      this.tickets.drop(exchange.id)
      const denial = ticket.kind === "grant"
        ? ticket.essence === essence ? undefined : changed
        : yield* approvals.use(ticket.id, this.bindingOf(essence, exchange))
      if (denial !== undefined) return denial
      if (phaseOf(exchange.operation) === "bind") {
        const until = this.session.now() + this.config.within_seconds * 1000
        this.tickets.bound(exchange, { ...ticket, essence }, until)
      }
      return allow
    }).pipe(
      Effect.onError(() => Effect.sync(() => this.giveUp(exchange, ticket, "its approval could not be used"))),
      Effect.catch(() => Effect.succeed(unreachable))
    )
    return hold({ reason: "the approval is being used", within: STATE_MILLISECONDS, until })
  }

  private stopWaiting(id: string): void {
    this.waitingFor.delete(id)
    this.room.approvals.abandon(id, "nobody waits for it any more")
  }

  private giveUp(exchange: Exchange, ticket: Ticket | undefined, reason: string): void {
    this.tickets.drop(exchange.id)
    if (ticket?.kind === "request") this.room.approvals.abandon(ticket.id, reason)
  }

  close(): void {
    for (const id of this.waitingFor) this.stopWaiting(id)
    for (const { id, kind } of this.tickets.open) {
      if (kind === "request") this.room.approvals.abandon(id, "the session ended")
    }
  }
}
