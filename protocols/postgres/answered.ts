import type { Wire } from "../../core/bytes/index.ts"
import type { Description, Sql, SqlOutput } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import { columnsOf, copyColumns } from "./columns.ts"
import { CopyRow } from "./copy/copy-row.ts"
import type { CopyIn } from "./copying.ts"
import { decodeCommandComplete } from "./messages/command-complete.ts"
import { decodeCopyResponse } from "./messages/copy-response.ts"
import { Backend } from "./messages/message-types.ts"
import { decodeReadyForQuery } from "./messages/ready-for-query.ts"
import { decodeRowDescription, type Field } from "./messages/row-description.ts"
import { OpaqueRow } from "./opaque-row.ts"
import type { Owed } from "./owed.ts"
import { DataRow } from "./row.ts"
import type { State } from "./state.ts"
import type { Told } from "./told.ts"

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
  private readonly dataRow = new DataRow()
  /** One event for all rows: a loan, good until the next is asked for. */
  private readonly rowEvent: { _tag: "Output"; output: SqlOutput; exchange: NonNullable<Owed["exchange"]> | undefined }
  /** The row of the COPY that is running. */
  private copyRow: CopyRow | OpaqueRow = new OpaqueRow()
  /** A message that must be looked at again, after the description that was told in front of it. */
  private again: Wire | undefined
  /** The output that was told last, and where it lies. */
  private output: SqlOutput | undefined
  private wire: Wire | undefined
  private owed: Owed | undefined

  constructor(state: State, copyIn: CopyIn, told: Told) {
    this.state = state
    this.copyIn = copyIn
    this.told = told
    this.rowEvent = { _tag: "Output", output: this.dataRow, exchange: undefined }
  }

  next(): Event<Sql> | undefined {
    const { state } = this
    for (;;) {
      if (state.events.length > 0) return state.events.shift()
      if (state.phase !== "open") return state.last
      const wire = this.again ?? state.frame("upstream", state.context.limits.messageBytesMax)
      this.again = undefined
      if (wire === undefined) return state.last
      const event = this.take(wire)
      if (event !== undefined) return event
    }
  }

  forward(output: SqlOutput): void {
    const { state, owed } = this
    if (output !== this.output || state.phase !== "open") return
    const out = state.outbox.downstream
    this.output = undefined
    switch (output.kind) {
      case "row": {
        const before = out.length
        if (output === this.dataRow) this.dataRow.encode(out)
        else this.copyRow.encode(out)
        if (owed !== undefined) owed.bytes += out.length - before
        return
      }
      case "description":
      case "completion":
        if (this.wire !== undefined) out.pushWire(this.wire)
        return
    }
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
    if (head === undefined || !head.sent) return this.breach("unasked", "An answer came that nobody asked for.")
    if (type === Backend.DataRow) return this.row(head, wire)
    if (type === Backend.ReadyForQuery) return this.ready(head, wire)
    if (head.refusal !== undefined || head.error !== undefined) return this.unexpected()
    switch (head.kind) {
      case "query":
      case "execute":
        return this.result(head, type, wire)
      case "parse":
        return this.done(head, type === Backend.ParseComplete, wire)
      case "bind":
        return this.done(head, type === Backend.BindComplete, wire)
      case "close":
        return this.done(head, type === Backend.CloseComplete, wire)
      case "describe_statement":
      case "describe_portal":
        return this.described(head, type, wire)
      case "sync":
        return this.unexpected()
    }
  }

  private row(head: Owed, wire: Wire): Event<Sql> | undefined {
    if (head.rowsAs !== "data") {
      if (head.kind !== "execute" || head.rowsAs !== "none" || head.refusal !== undefined) return this.unexpected()
      return this.describeBefore(head, wire)
    }
    const { dataRow, rowEvent } = this
    if (!dataRow.move(wire, head.columns!, head.result)) {
      return this.breach("data_row", "A row does not match its description.")
    }
    head.rows++
    this.output = dataRow
    this.owed = head
    rowEvent.output = dataRow
    rowEvent.exchange = head.exchange
    return rowEvent as Event<Sql>
  }

  /** The rows of a portal: what they consist of was told long ago, so it is told again to whoever judges this one. */
  private describeBefore(head: Owed, wire: Wire): Event<Sql> | undefined {
    const portal = head.portal!
    const columns = portal.columns ?? portal.prepared.columnsIn(portal.formats)
    if (columns === undefined) return this.breach("data_row", "A row came of what was described as having none.")
    head.columns = columns
    head.result++
    head.rowsAs = "data"
    this.again = wire
    return this.tell({ kind: "description", columns, result: head.result } satisfies Description, undefined, head)
  }

  private result(head: Owed, type: number, wire: Wire): Event<Sql> | undefined {
    const none = head.rowsAs === "none" && this.copyIn.owed !== head
    switch (type) {
      case Backend.RowDescription:
        return head.kind === "query" && none ? this.describe(head, wire) : this.unexpected()
      case Backend.CopyOutResponse:
        return none ? this.copyOut(head, wire) : this.unexpected()
      case Backend.CopyInResponse:
        return none ? this.beginCopyIn(head, wire) : this.unexpected()
      case Backend.CopyData:
        return head.rowsAs === "copy" ? this.copyData(head, wire) : this.unexpected()
      case Backend.CopyDone:
        if (head.rowsAs !== "copy" || !isBare(wire)) return this.unexpected()
        head.rowsAs = "copied"
        return this.pass(head, wire)
      case Backend.CommandComplete:
        if (head.rowsAs === "copy" || this.copyIn.owed === head) return this.unexpected()
        return this.complete(head, wire)
      case Backend.EmptyQueryResponse:
        if (!none || !isBare(wire)) return this.unexpected()
        return head.kind === "query" ? this.pass(head, wire) : this.done(head, true, wire)
      case Backend.PortalSuspended:
        if (head.kind !== "execute" || head.rowsAs === "copy" || head.rowsAs === "copied") return this.unexpected()
        return this.done(head, this.copyIn.owed !== head, wire)
      default:
        return this.unexpected()
    }
  }

  private describe(head: Owed, wire: Wire): Event<Sql> | undefined {
    const fields = this.fields(wire)
    if (fields === undefined) return this.breach("malformed", "A row description is malformed.")
    head.columns = columnsOf(fields)
    head.result++
    head.rowsAs = "data"
    head.bytes += sizeOf(wire)
    return this.tell({ kind: "description", columns: head.columns, result: head.result }, wire, head)
  }

  private copyOut(head: Owed, wire: Wire): Event<Sql> | undefined {
    const response = decodeCopyResponse(this.state.reader.over(wire))
    if (response === undefined) return this.breach("malformed", "A CopyOutResponse is malformed.")
    head.result++
    head.rowsAs = "copy"
    head.bytes += sizeOf(wire)
    const shape = head.exchange!.operation.results[head.result]
    const format = response.binary ? "binary" : "text"
    if (shape?.copy === undefined) {
      head.columns = copyColumns(["data"], 1, format)
      this.copyRow = new OpaqueRow()
    } else {
      if ((shape.copy.format === "binary") !== response.binary) {
        return this.breach("copy_format", "COPY data comes in another format than was asked for.")
      }
      head.columns = copyColumns(shape.columns.map(({ name }) => name), response.columns, format)
      this.copyRow = new CopyRow(shape.copy)
    }
    return this.tell({ kind: "description", columns: head.columns, result: head.result }, wire, head)
  }

  private copyData(head: Owed, wire: Wire): Event<Sql> | undefined {
    const { copyRow, rowEvent } = this
    if (!copyRow.move(wire, head.columns!, head.result)) {
      return this.breach("copy_data", "COPY data does not match the format that was asked for.")
    }
    if (copyRow instanceof CopyRow && copyRow.part !== "row") return this.pass(head, wire)
    head.rows++
    this.output = copyRow
    this.owed = head
    rowEvent.output = copyRow
    rowEvent.exchange = head.exchange
    return rowEvent as Event<Sql>
  }

  private beginCopyIn(head: Owed, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    if (decodeCopyResponse(state.reader.over(wire)) === undefined) {
      return this.breach("malformed", "A CopyInResponse is malformed.")
    }
    if (state.queue.brokenByCopy) {
      return state.violate("downstream", "unexpected_message", "A message other than COPY data was sent into a COPY.")
    }
    state.queue.dropSyncs()
    this.copyIn.begin(head)
    return this.pass(head, wire)
  }

  private complete(head: Owed, wire: Wire): Event<Sql> | undefined {
    const command = decodeCommandComplete(this.state.reader.over(wire))
    if (command === undefined) return this.breach("malformed", "A CommandComplete is malformed.")
    if (head.rowsAs === "none") head.rows += command.rows
    head.rowsAs = "none"
    head.bytes += sizeOf(wire)
    if (head.kind === "execute") this.settle(head)
    return this.tell({ kind: "completion", tag: command.tag, rows: command.rows }, wire, head)
  }

  private described(head: Owed, type: number, wire: Wire): Event<Sql> | undefined {
    if (type === Backend.ParameterDescription) {
      const sound = head.kind === "describe_statement" && !head.halfDescribed && isParameterDescription(wire)
      if (!sound) return this.unexpected()
      head.halfDescribed = true
      return this.pass(head, wire)
    }
    if (head.kind === "describe_statement" && !head.halfDescribed) return this.unexpected()
    let fields: ReadonlyArray<Field> | undefined
    if (type === Backend.RowDescription) {
      fields = this.fields(wire)
      if (fields === undefined) return this.breach("malformed", "A row description is malformed.")
    } else if (type !== Backend.NoData || !isBare(wire)) return this.unexpected()
    if (head.kind === "describe_statement") head.prepared!.described(fields)
    else head.portal!.columns = fields && columnsOf(fields)
    return this.done(head, true, wire)
  }

  /** An answer that is one message. */
  private done(head: Owed, expected: boolean, wire: Wire): Event<Sql> | undefined {
    const described = head.kind === "describe_statement" || head.kind === "describe_portal"
    if (!expected || (!described && !isBare(wire))) return this.unexpected()
    this.pass(head, wire)
    this.settle(head)
    return undefined
  }

  private ready(head: Owed, wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const status = decodeReadyForQuery(state.reader.over(wire))
    if (status === undefined) return this.breach("malformed", "A ReadyForQuery is malformed.")
    const open = head.rowsAs !== "none" || this.copyIn.owed === head
      || (head.refusal !== undefined && head.error === undefined)
    if (head.extended || open) return this.unexpected()
    this.pass(head, wire)
    state.transaction = status
    if (status === "idle") state.names.transactionEnded(head.place)
    this.settle(head)
    state.pipelineOpen = state.queue.extended
    state.events.push({ _tag: "Ready", transaction: status })
    return undefined
  }

  /** The first answer owed has been given. */
  private settle(head: Owed): void {
    const { state } = this
    state.queue.shift()
    if (head.exchange === undefined) return
    const result = head.error === undefined ? "completed" : head.refusal === undefined ? "failed" : "denied"
    state.events.push({ _tag: "Settled", exchange: head.exchange, outcome: head.outcome(result) })
  }

  private fields(wire: Wire): ReadonlyArray<Field> | undefined {
    return decodeRowDescription(this.state.reader.over(wire))
  }

  private pass(head: Owed, wire: Wire): undefined {
    if (head.hidden) return undefined
    head.bytes += sizeOf(wire)
    this.state.outbox.downstream.pushWire(wire)
    return undefined
  }

  private tell(output: SqlOutput, wire: Wire | undefined, owed: Owed): Event<Sql> {
    this.output = output
    this.wire = wire
    this.owed = owed
    return owed.exchange === undefined
      ? { _tag: "Output", output }
      : { _tag: "Output", output, exchange: owed.exchange }
  }

  private unexpected(): Event<Sql> {
    return this.breach("unexpected_message", "The upstream's answer is of a type that does not belong there.")
  }

  private breach(code: string, message: string): Event<Sql> {
    return this.state.violate("upstream", code, message)
  }
}

const sizeOf = (wire: Wire): number => wire.end - wire.start

const isBare = (wire: Wire): boolean => wire.end - wire.start === 5

/** ParameterDescription: `'t' int32 length, int16 count, count × int32 type OID`. */
const isParameterDescription = (wire: Wire): boolean => {
  const { chunk, start, end } = wire
  return end - start >= 7 && end - start === 7 + 4 * ((chunk[start + 5]! << 8) | chunk[start + 6]!)
}
