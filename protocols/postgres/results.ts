import type { Wire } from "../../core/bytes/index.ts"
import type { Description, Sql, SqlOutput } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import { columnsOf, copyColumns } from "./columns.ts"
import { CopyRow } from "./copy/copy-row.ts"
import type { CopyIn } from "./copying.ts"
import { decodeCommandComplete } from "./messages/command-complete.ts"
import { decodeCopyResponse } from "./messages/copy-response.ts"
import { Backend } from "./messages/message-types.ts"
import { decodeRowDescription } from "./messages/row-description.ts"
import { OpaqueRow } from "./opaque-row.ts"
import type { Owed } from "./owed.ts"
import { DataRow } from "./row.ts"
import { answerBare, breach, isBare, pass, settle, sizeOf, unexpected } from "./settling.ts"
import type { State } from "./state.ts"

/**
 * What a Query or an Execute yields: descriptions, rows, COPY both ways, completions.
 *
 * One event and one row serve all rows: a row that nobody looks at costs no more than being measured.
 */
export class Results {
  /** A message that must be looked at again, after the description that was told in front of it. */
  again: Wire | undefined
  private readonly state: State
  private readonly copyIn: CopyIn
  readonly dataRow = new DataRow()
  private readonly rowEvent: { _tag: "Output"; output: SqlOutput; exchange: NonNullable<Owed["exchange"]> | undefined }
  /** The row of the COPY that is running. */
  private copyRow: CopyRow | OpaqueRow = new OpaqueRow()
  /** The output that was told last, and where it lies. */
  private output: SqlOutput | undefined
  private wire: Wire | undefined
  private owed: Owed | undefined

  constructor(state: State, copyIn: CopyIn) {
    this.state = state
    this.copyIn = copyIn
    this.rowEvent = { _tag: "Output", output: this.dataRow, exchange: undefined }
  }

  forward(output: SqlOutput): void {
    const { state, owed } = this
    if (output !== this.output || state.phase !== "open") return
    const out = state.outbox.downstream
    this.output = undefined
    switch (output.kind) {
      case "row": {
        if (output === this.dataRow) return this.forwardRow(owed!)
        const before = out.length
        this.copyRow.encode(out)
        if (owed !== undefined) owed.bytes += out.length - before
        return
      }
      case "description":
      case "completion":
        if (this.wire !== undefined) out.pushWire(this.wire)
        return
      case "error":
      case "notice":
      case "notification":
      case "setting":
        return
    }
  }

  row(head: Owed, wire: Wire): Event<Sql> | undefined {
    if (head.rowsAs !== "data") {
      if (head.kind !== "execute" || head.rowsAs !== "none" || head.refusal !== undefined) return unexpected(this.state)
      return this.describeBefore(head, wire)
    }
    return this.moveTo(head, wire.chunk, wire.start, wire.end) ? this.tellRow(head) : this.state.last
  }

  /** Moves over a row of the result whose rows are coming. False when it is none: that is a breach. */
  moveTo(head: Owed, chunk: Uint8Array, start: number, end: number): boolean {
    if (!this.dataRow.moveTo(chunk, start, end, head.columns!, head.result)) {
      breach(this.state, "data_row", "A row does not match its description.")
      return false
    }
    head.rows++
    return true
  }

  /** The row that was moved over last, as an event. What is the same for every row of a result is written once. */
  tellRow(head: Owed): Event<Sql> {
    const { dataRow, rowEvent } = this
    this.output = dataRow
    if (this.owed !== head) this.owed = head
    if (rowEvent.output !== dataRow) rowEvent.output = dataRow
    if (rowEvent.exchange !== head.exchange) rowEvent.exchange = head.exchange
    return rowEvent as Event<Sql>
  }

  /** Lets the row that was moved over last leave, as it came or as it was patched. */
  forwardRow(head: Owed): void {
    head.bytes += this.dataRow.encode(this.state.outbox.downstream)
  }

  /** The rows of a portal: what they consist of was told long ago, so it is told again to whoever judges this one. */
  private describeBefore(head: Owed, wire: Wire): Event<Sql> | undefined {
    const portal = head.portal!
    const foretold = head.exchange?.operation.results[head.result + 1]?.columns
    const columns = portal.description?.columnsIn(undefined, foretold)
      ?? portal.prepared.description?.columnsIn(portal.formats, foretold)
    if (columns === undefined) return breach(this.state, "data_row", "A row came of what was described as having none.")
    head.columns = columns
    head.result++
    head.rowsAs = "data"
    this.again = wire
    return this.tell({ kind: "description", columns, result: head.result } satisfies Description, undefined, head)
  }

  take(head: Owed, type: number, wire: Wire): Event<Sql> | undefined {
    const none = head.rowsAs === "none" && this.copyIn.owed !== head
    switch (type) {
      case Backend.RowDescription:
        return head.kind === "query" && none ? this.describe(head, wire) : unexpected(this.state)
      case Backend.CopyOutResponse:
        return none ? this.copyOut(head, wire) : unexpected(this.state)
      case Backend.CopyInResponse:
        return none ? this.beginCopyIn(head, wire) : unexpected(this.state)
      case Backend.CopyData:
        return head.rowsAs === "copy" ? this.copyData(head, wire) : unexpected(this.state)
      case Backend.CopyDone:
        if (head.rowsAs !== "copy" || !isBare(wire)) return unexpected(this.state)
        head.rowsAs = "copied"
        return pass(this.state, head, wire)
      case Backend.CommandComplete:
        if (head.rowsAs === "copy" || this.copyIn.owed === head) return unexpected(this.state)
        return this.complete(head, wire)
      case Backend.EmptyQueryResponse:
        if (!none || !isBare(wire)) return unexpected(this.state)
        return head.kind === "query" ? pass(this.state, head, wire) : answerBare(this.state, head, wire)
      case Backend.PortalSuspended:
        if (head.kind !== "execute" || head.rowsAs === "copy" || head.rowsAs === "copied") return unexpected(this.state)
        return this.copyIn.owed === head ? unexpected(this.state) : answerBare(this.state, head, wire)
      default:
        return unexpected(this.state)
    }
  }

  private describe(head: Owed, wire: Wire): Event<Sql> | undefined {
    const fields = decodeRowDescription(this.state.reader.over(wire))
    if (fields === undefined) return breach(this.state, "malformed", "A row description is malformed.")
    head.result++
    head.columns = columnsOf(fields, undefined, head.exchange?.operation.results[head.result]?.columns)
    head.rowsAs = "data"
    head.bytes += sizeOf(wire)
    return this.tell({ kind: "description", columns: head.columns, result: head.result }, wire, head)
  }

  private copyOut(head: Owed, wire: Wire): Event<Sql> | undefined {
    const response = decodeCopyResponse(this.state.reader.over(wire))
    if (response === undefined) return breach(this.state, "malformed", "A CopyOutResponse is malformed.")
    head.result++
    head.rowsAs = "copy"
    head.bytes += sizeOf(wire)
    const shape = head.exchange!.operation.results[head.result]
    const format = response.binary ? "binary" : "text"
    if (shape?.copy === undefined) {
      head.columns = copyColumns([{ name: "data" }], 1, format)
      this.copyRow = new OpaqueRow()
    } else {
      if ((shape.copy.format === "binary") !== response.binary) {
        return breach(this.state, "copy_format", "COPY data comes in another format than was asked for.")
      }
      head.columns = copyColumns(shape.columns, response.columns, format)
      this.copyRow = new CopyRow(shape.copy)
    }
    return this.tell({ kind: "description", columns: head.columns, result: head.result }, wire, head)
  }

  private copyData(head: Owed, wire: Wire): Event<Sql> | undefined {
    const { copyRow, rowEvent } = this
    if (!copyRow.move(wire, head.columns!, head.result)) {
      return breach(this.state, "copy_data", "COPY data does not match the format that was asked for.")
    }
    if (copyRow instanceof CopyRow && copyRow.part !== "row") return pass(this.state, head, wire)
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
      return breach(this.state, "malformed", "A CopyInResponse is malformed.")
    }
    if (state.queue.brokenByCopy) {
      return state.violate("downstream", "unexpected_message", "A message other than COPY data was sent into a COPY.")
    }
    state.queue.dropSyncs()
    this.copyIn.begin(head)
    return pass(this.state, head, wire)
  }

  private complete(head: Owed, wire: Wire): Event<Sql> | undefined {
    const command = decodeCommandComplete(this.state.reader.over(wire))
    if (command === undefined) return breach(this.state, "malformed", "A CommandComplete is malformed.")
    if (head.rowsAs === "none") head.rows += command.rows
    head.rowsAs = "none"
    head.bytes += sizeOf(wire)
    if (head.kind === "execute") settle(this.state, head)
    return this.tell({ kind: "completion", tag: command.tag, rows: command.rows }, wire, head)
  }

  private tell(output: SqlOutput, wire: Wire | undefined, owed: Owed): Event<Sql> {
    this.output = output
    this.wire = wire
    this.owed = owed
    return owed.exchange === undefined
      ? { _tag: "Output", output }
      : { _tag: "Output", output, exchange: owed.exchange }
  }
}
