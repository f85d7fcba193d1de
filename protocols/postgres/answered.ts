import type { Wire } from "../../core/bytes/index.ts"
import type { Exchange } from "../../core/exchange/index.ts"
import type { Sql, SqlOutput } from "../../core/family/sql/index.ts"
import type { Alike, Event } from "../../core/protocol/index.ts"
import { Described } from "./described.ts"
import type { CopyIn } from "./copying.ts"
import { Backend } from "./messages/message-types.ts"
import { decodeReadyForQuery } from "./messages/ready-for-query.ts"
import { decodeRowDescription, type Field } from "./messages/row-description.ts"
import type { Owed } from "./owed.ts"
import type { Results } from "./results.ts"
import { answerBare, breach, isBare, pass, settle, unexpected } from "./settling.ts"
import { rowRun } from "./row-run.ts"
import type { State } from "./state.ts"
import type { Told } from "./told.ts"

/** Shows a row to whoever patches and watches; false: it must not leave, and the session is over. */
export type ShowRow = (row: SqlOutput, exchange: Exchange<Sql> | undefined) => boolean

/**
 * Reads what the upstream answers. Everything is for the first of the answers owed:
 *
 * | owed | what may come, in this order |
 * |---|---|
 * | query | (RowDescription DataRow… \| CopyOut… \| CopyIn)? CommandComplete, again and again; ReadyForQuery |
 * | parse, bind, close | ParseComplete, BindComplete, CloseComplete |
 * | describe | ParameterDescription (of a statement), then RowDescription or NoData |
 * | execute | DataRow… \| CopyOut… \| CopyIn, then CommandComplete, PortalSuspended or EmptyQueryResponse |
 * | sync | ReadyForQuery |
 *
 * An ErrorResponse may come anywhere: a query's is followed by ReadyForQuery, any other makes the upstream skip to
 * Sync. What may come at any time at all (notices, notifications, settings) is in `told.ts`.
 */
export class Answered {
  private readonly state: State
  private readonly copyIn: CopyIn
  private readonly told: Told
  private readonly results: Results

  constructor(state: State, copyIn: CopyIn, told: Told, results: Results) {
    this.state = state
    this.copyIn = copyIn
    this.told = told
    this.results = results
  }

  next(): Event<Sql> | undefined {
    const { state, results } = this
    for (;;) {
      if (state.events.length > 0) return state.events.shift()
      if (state.phase !== "open") return state.last
      const row = this.nextRow()
      if (row !== undefined) return row
      const wire = results.again ?? state.frame("upstream", state.context.limits.messageBytesMax)
      results.again = undefined
      if (wire === undefined) return state.last
      const event = this.take(wire)
      if (event !== undefined) return event
    }
  }

  /** Shows and forwards the rows that lie ready, in one loop: what is asked for each row is asked here alone. */
  follow(show: ShowRow, alike?: () => Alike<Sql> | undefined): void {
    const { results, state } = this
    const { head } = state.queue
    if (head === undefined || state.events.length > 0 || state.last !== undefined) return
    if (!this.isRowNext(head)) return
    const all = alike?.()
    while ((all === undefined || this.takeRuns(head, all)) && this.takeRow(head)) {
      if (!show(results.dataRow, head.exchange) || state.phase !== "open") return
      results.forwardRow(head)
    }
  }

  /** Forwards the rows that lie ready many at a time, up to one that must be seen alone. False: the session ends. */
  private takeRuns(head: Owed, alike: Alike<Sql>): boolean {
    const { state } = this
    const { inbox: { upstream: box }, outbox: { downstream: out } } = state
    const rules = { constants: alike.constants, messageBytesMax: state.context.limits.messageBytesMax }
    const run = rowRun.of(head.columns!, head.result)
    for (;;) {
      const size = run.take(box.frontChunk, box.front, rules, out)
      if (size === 0) return true
      if (alike.show?.(run) === false || state.phase !== "open") return false
      state.seen.upstream += size
      box.skim(size)
      head.rows += run.count
      head.bytes += run.leave(out)
    }
  }

  /** One more of the rows that are coming. Undefined: what comes next is looked at in full. */
  private nextRow(): Event<Sql> | undefined {
    const { head } = this.state.queue
    if (head === undefined) return undefined
    return this.takeRow(head) ? this.results.tellRow(head) : this.state.last
  }

  /** Moves over the row that comes next, taken without a wire. False: what comes next is looked at in full. */
  private takeRow(head: Owed): boolean {
    const { results, state } = this
    if (!this.isRowNext(head)) return false
    const box = state.inbox.upstream
    const size = box.uint32(1) + 1
    if (size < 5 || size > state.context.limits.messageBytesMax || size > box.length) return false
    state.seen.upstream += size
    const start = box.skim(size)
    return results.moveTo(head, box.taken, start, start + size)
  }

  /** Whether rows are coming, and one, or the beginning of one, lies ready. */
  private isRowNext(head: Owed): boolean {
    if (head.rowsAs !== "data" || !head.sent || this.results.again !== undefined) return false
    const box = this.state.inbox.upstream
    return box.length >= 5 && box.byte(0) === Backend.DataRow
  }

  private take(wire: Wire): Event<Sql> | undefined {
    const type = wire.chunk[wire.start]!
    const { head } = this.state.queue
    switch (type) {
      case Backend.ErrorResponse:
      case Backend.NoticeResponse:
      case Backend.ParameterStatus:
      case Backend.NotificationResponse:
        return this.told.take(type, wire)
    }
    if (head === undefined || !head.sent) return breach(this.state, "unasked", "An answer came that nobody asked for.")
    if (type === Backend.DataRow) return this.results.row(head, wire)
    if (type === Backend.ReadyForQuery) return this.ready(head, wire)
    if (head.refusal !== undefined || head.error !== undefined) return unexpected(this.state)
    switch (head.kind) {
      case "query":
      case "execute":
        return this.results.take(head, type, wire)
      case "parse":
        return type === Backend.ParseComplete ? answerBare(this.state, head, wire) : unexpected(this.state)
      case "bind":
        return type === Backend.BindComplete ? answerBare(this.state, head, wire) : unexpected(this.state)
      case "close":
        return type === Backend.CloseComplete ? answerBare(this.state, head, wire) : unexpected(this.state)
      case "describe_statement":
      case "describe_portal":
        return this.described(head, type, wire)
      case "sync":
        break
    }
    return unexpected(this.state)
  }

  private described(head: Owed, type: number, wire: Wire): Event<Sql> | undefined {
    if (type === Backend.ParameterDescription) {
      const sound = head.kind === "describe_statement" && !head.halfDescribed && isParameterDescription(wire)
      if (!sound) return unexpected(this.state)
      head.halfDescribed = true
      return pass(this.state, head, wire)
    }
    if (head.kind === "describe_statement" && !head.halfDescribed) return unexpected(this.state)
    let fields: ReadonlyArray<Field> | undefined
    if (type === Backend.RowDescription) {
      fields = decodeRowDescription(this.state.reader.over(wire))
      if (fields === undefined) return breach(this.state, "malformed", "A row description is malformed.")
    } else if (type !== Backend.NoData || !isBare(wire)) return unexpected(this.state)
    const description = fields && new Described(fields)
    if (head.kind === "describe_statement") head.prepared!.description = description
    else head.portal!.description = description
    pass(this.state, head, wire)
    settle(this.state, head)
    return undefined
  }

  private ready(head: Owed, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const status = decodeReadyForQuery(state.reader.over(wire))
    if (status === undefined) return breach(this.state, "malformed", "A ReadyForQuery is malformed.")
    const open = head.rowsAs !== "none" || this.copyIn.owed === head
      || (head.refusal !== undefined && head.error === undefined)
    if (head.extended || open) return unexpected(this.state)
    pass(this.state, head, wire)
    state.transaction = status
    if (status === "idle") state.names.transactionEnded(head.place)
    settle(this.state, head)
    state.pipelineOpen = state.queue.extended
    state.events.push({ _tag: "Ready", transaction: status })
    return undefined
  }
}

/** ParameterDescription: `'t' int32 length, int16 count, count × int32 type OID`. */
const isParameterDescription = (wire: Wire): boolean => {
  const { chunk, start, end } = wire
  return end - start >= 7 && end - start === 7 + 4 * ((chunk[start + 5]! << 8) | chunk[start + 6]!)
}
