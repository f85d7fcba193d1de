import type { Exchange } from "../../core/index.ts"
import { phaseOf } from "./binding.ts"

/** Leave for one exchange of a session, not used yet. */
export interface Ticket {
  readonly kind: "request" | "grant"
  /** The request's or the grant's name. */
  readonly id: string
  readonly by: ReadonlyArray<string>
  /** What the leave was asked for. */
  readonly essence: string
  /** Whether the session's token could be verified when it was asked: then it must be when it is released, too. */
  readonly proven: boolean
}

/** Bound statements that are remembered. One that is forgotten is asked for again. */
const BOUND_MAX = 256

/**
 * One session's leave. A bound statement that was released may be executed: its portal yields its rows once, however
 * often it is resumed, and a second binding is asked for anew.
 */
export class Tickets {
  private readonly own = new Map<number, Ticket>()
  private readonly bounds = new Map<
    string,
    { readonly ticket: Ticket; readonly digest: string; readonly until: number }
  >()

  of(exchange: number): Ticket | undefined {
    return this.own.get(exchange)
  }

  give(exchange: number, ticket: Ticket): void {
    this.own.set(exchange, ticket)
  }

  drop(exchange: number): void {
    this.own.delete(exchange)
  }

  get open(): Iterable<Ticket> {
    return this.own.values()
  }

  /** The statement of `exchange` was released when it was bound, and may be executed until `until`. */
  bound(exchange: Exchange, ticket: Ticket, until: number): void {
    this.bounds.delete(ticket.essence)
    this.bounds.set(ticket.essence, { ticket, digest: exchange.operation.digest, until })
    const [oldest] = this.bounds.keys()
    if (this.bounds.size > BOUND_MAX && oldest !== undefined) this.bounds.delete(oldest)
  }

  isBound(exchange: Exchange, essence: string): boolean {
    const until = this.bounds.get(essence)?.until
    return phaseOf(exchange.operation) === "execute" && until !== undefined && exchange.session.now() < until
  }

  /** The ticket by which the statement that is executed was bound. */
  ofBound({ operation }: Exchange): Ticket | undefined {
    if (this.bounds.size === 0 || phaseOf(operation) !== "execute") return undefined
    for (const { digest, ticket } of this.bounds.values()) if (digest === operation.digest) return ticket
    return undefined
  }
}
