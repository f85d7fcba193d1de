import type { Wire } from "../../core/bytes/index.ts"
import type { Notification, Sql, SqlOutput } from "../../core/family/sql/index.ts"
import type { Event } from "../../core/protocol/index.ts"
import type { CopyIn } from "./copying.ts"
import { Backend } from "./messages/message-types.ts"
import { decodeNotification, encodeNotification, type NotificationResponse } from "./messages/notification.ts"
import { decodeParameterStatus } from "./messages/parameter-status.ts"
import type { Owed } from "./owed.ts"
import { encodeRefusal } from "./refusal.ts"
import { WireReport } from "./report.ts"
import { pinned } from "./settings.ts"
import type { State } from "./state.ts"

/** Errors whose texts name a statement or a portal: there the upstream's name is replaced by the client's. */
const naming: ReadonlySet<string> = new Set(["26000", "34000", "42P03", "42P05", "08P01"])

/**
 * What the upstream may say at any time: notices, notifications, settings, and errors.
 *
 * An error in a query leaves the rest of that query unanswered up to its ReadyForQuery. An error in anything of the
 * extended protocol makes the upstream skip everything up to the next Sync: so is what is owed, and what was sent and
 * will be. An error where a refusal is being played is that refusal's.
 */
export class Told {
  /** The upstream said that it closes the connection, and the client was told. */
  fatal = false
  private readonly state: State
  private readonly copyIn: CopyIn
  private output: SqlOutput | undefined
  private wire: Wire | undefined
  private notification: NotificationResponse | undefined

  constructor(state: State, copyIn: CopyIn) {
    this.state = state
    this.copyIn = copyIn
  }

  take(type: number, wire: Wire): Event<Sql> | undefined {
    switch (type) {
      case Backend.ErrorResponse:
        return this.error(wire)
      case Backend.NoticeResponse:
        return this.notice(wire)
      case Backend.ParameterStatus:
        return this.setting(wire)
      default:
        return this.notified(wire)
    }
  }

  forward(output: SqlOutput): void {
    const { state } = this
    if (output !== this.output || state.phase !== "open") return
    this.output = undefined
    const out = state.outbox.downstream
    switch (output.kind) {
      case "error":
      case "notice":
        return output instanceof WireReport ? output.encode(out) : undefined
      case "notification": {
        const { notification } = this
        if (output.payload === notification!.payload) return out.pushWire(this.wire!)
        return encodeNotification(out, { ...notification!, payload: output.payload })
      }
      case "setting":
        return out.pushWire(this.wire!)
      case "row":
      case "description":
      case "completion":
        return
    }
  }

  private error(wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const report = WireReport.over("error", wire)
    if (report === undefined) return this.malformed()
    const { head } = state.queue
    const asked = head !== undefined && head.sent
    if (report.fatal) {
      this.fatal = true
      return this.tell(report, wire, asked ? head : undefined)
    }
    if (!asked || head.error !== undefined) {
      return state.violate("upstream", "unasked", "An error came of what nobody asked for.")
    }
    const blamed = head.hidden ? state.queue.second ?? head : head
    this.rename(report, blamed)
    blamed.error = blamed.refusal?.sqlstate ?? report.sqlstate
    blamed.bytes += wire.end - wire.start
    if (this.copyIn.owed === head) this.copyIn.broken()
    const event = blamed.refusal === undefined ? this.tell(report, wire, blamed) : undefined
    if (blamed.refusal !== undefined) encodeRefusal(state.outbox.downstream, "ERROR", blamed.refusal)
    if (head.extended) this.skip(head)
    else head.rowsAs = "none"
    return event
  }

  /** What the upstream skips up to the next Sync, it will never answer. */
  private skip(head: Owed): void {
    const { state } = this
    const skipped: Array<Owed> = []
    const found = state.queue.skipToSync((owed) => {
      if (owed === head) owed.failed?.()
      else owed.skipped?.()
      skipped.push(owed)
    })
    state.skipping = !found
    for (const owed of skipped.reverse()) {
      if (owed.exchange === undefined) continue
      if (!owed.sent) {
        state.orphan = owed
        continue
      }
      const result = owed.refusal !== undefined ? "denied" : owed.error !== undefined ? "failed" : "abandoned"
      state.events.push({ _tag: "Settled", exchange: owed.exchange, outcome: owed.outcome(result) })
    }
  }

  /** The client knows its own names, not the gateway's. */
  private rename(report: WireReport, blamed: Owed): void {
    if (!naming.has(report.sqlstate)) return
    for (const named of [blamed.prepared, blamed.portal]) {
      if (named === undefined || named.upstreamName === "") continue
      report.message = report.message.replaceAll(`"${named.upstreamName}"`, () => `"${named.name}"`)
    }
  }

  private notice(wire: Wire): Event<Sql> | undefined {
    const { head } = this.state.queue
    const report = WireReport.over("notice", wire)
    if (report === undefined) return this.malformed()
    const asked = head !== undefined && head.sent ? head : undefined
    return asked?.refusal !== undefined ? undefined : this.tell(report, wire, asked)
  }

  private setting(wire: Wire): Event<Sql> | undefined {
    const { state } = this
    const status = decodeParameterStatus(state.reader.over(wire))
    if (status === undefined) return this.malformed()
    const pin = pinned.get(status.name)
    if (pin !== undefined && pin !== status.value) {
      return state.violate("upstream", "pinned_setting", `The upstream's ${status.name} is no longer what it must be.`)
    }
    return this.tell({ kind: "setting", ...status }, wire, undefined)
  }

  private notified(wire: Wire): Event<Sql> | undefined {
    const notification = decodeNotification(this.state.reader.over(wire))
    if (notification === undefined) return this.malformed()
    this.notification = notification
    const { channel, payload } = notification
    return this.tell({ kind: "notification", channel, payload } satisfies Notification, wire, undefined)
  }

  private tell(output: SqlOutput, wire: Wire, owed: Owed | undefined): Event<Sql> {
    this.output = output
    this.wire = wire
    return owed?.exchange === undefined
      ? { _tag: "Output", output }
      : { _tag: "Output", output, exchange: owed.exchange }
  }

  private malformed(): Event<Sql> {
    return this.state.violate("upstream", "malformed", "A message of the upstream's is malformed.")
  }
}
