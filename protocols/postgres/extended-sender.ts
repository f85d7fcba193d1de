import type { Parameter, Statement } from "../../core/family/sql/index.ts"
import { FAILING } from "./failing.ts"
import { type Bind, encodeBind } from "./messages/bind.ts"
import { encodeClose, encodeDescribe, type Named } from "./messages/describe-close.ts"
import { encodeExecute, type Execute } from "./messages/execute.ts"
import { encodeParse, type Parse } from "./messages/parse.ts"
import { place, Portal, Prepared } from "./names.ts"
import { Owed } from "./owed.ts"
import type { State } from "./state.ts"

/**
 * Sends Parse, Bind, Describe, Execute and Close under the upstream's names, re-serialised from what was understood.
 *
 * What a message does to the names is done when it is sent, and taken back when the upstream fails or skips it.
 */
export class ExtendedSender {
  private readonly state: State

  constructor(state: State) {
    this.state = state
  }

  send(owed: Owed, operation: Statement | undefined): void {
    switch (owed.kind) {
      case "parse":
        return this.sendParse(owed, owed.message.parse!, operation)
      case "bind":
        return this.sendBind(owed, owed.message.bind!, operation)
      case "execute":
        return this.sendExecute(owed, owed.message.execute!, operation)
      case "close":
        return this.sendClose(owed, owed.message.named!)
      case "describe_statement":
      case "describe_portal":
        return this.sendDescribe(owed)
      case "query":
      case "sync":
        return
    }
  }

  /** Has the upstream fail in place of `owed`; it then skips to Sync by itself. */
  fail(owed: Owed): undefined {
    const { names } = this.state
    const { statements, portals } = names
    if (owed.kind === "bind" && owed.message.bind?.portal === "") {
      owed.failed = () => void portals.delete("")
      names.touch("p", "", owed)
    }
    const unnamed = owed.kind === "parse" && owed.message.parse?.name === ""
    if (unnamed) {
      owed.failed = () => void statements.delete("")
      names.touch("s", "", owed)
    }
    // A Parse that fails drops the unnamed statement: this one must do so just when the refused one would have.
    encodeParse(this.state.outbox.upstream, { name: unnamed ? "" : FAILING, text: FAILING, types: [] })
    return undefined
  }

  private sendParse(owed: Owed, parse: Parse, operation: Statement | undefined): void {
    const { names, outbox } = this.state
    const prepared = new Prepared(parse.name, names.upstreamName("s", parse.name), parse.text, parse.types)
    prepared.sent = operation?.text ?? parse.text
    owed.prepared = prepared
    names.touch("s", parse.name, owed)
    owed.skipped = place(names.statements, parse.name, prepared)
    // A Parse that fails has dropped the unnamed statement all the same.
    owed.failed = parse.name === "" ? () => void names.statements.delete("") : owed.skipped
    encodeParse(outbox.upstream, { name: prepared.upstreamName, text: prepared.sent, types: parse.types })
  }

  private sendBind(owed: Owed, bind: Bind, operation: Statement | undefined): void {
    const { names, outbox } = this.state
    const prepared = owed.prepared!
    if (operation !== undefined && operation.text !== prepared.sent) return this.stale(owed)
    const portal = new Portal({
      name: bind.portal,
      upstreamName: names.upstreamName("p", bind.portal),
      prepared,
      parameters: bind.portal === "" ? bind.parameters : bind.parameters.map(kept),
      formats: bind.formats,
      digest: owed.exchange?.asked.digest,
      place: owed.place
    })
    owed.portal = portal
    names.touch("p", bind.portal, owed)
    owed.skipped = place(names.portals, bind.portal, portal)
    owed.failed = bind.portal === "" ? () => void names.portals.delete("") : owed.skipped
    encodeBind(outbox.upstream, { ...bind, portal: portal.upstreamName, statement: prepared.upstreamName })
  }

  private sendExecute(owed: Owed, execute: Execute, operation: Statement | undefined): void {
    const { outbox } = this.state
    const portal = owed.portal!
    if (operation !== undefined && operation.text !== portal.prepared.sent) return this.stale(owed)
    const { prepared } = portal
    const described = this.isDescribed(portal) || (prepared.describesAll && this.isDescribed(prepared))
    if (!described) this.describeFirst(owed, portal)
    encodeExecute(outbox.upstream, { portal: portal.upstreamName, rowsMax: execute.rowsMax })
  }

  /** Whether its description is there, or will be before what is sent now is answered. */
  private isDescribed({ describing }: Prepared | Portal): boolean {
    return describing !== undefined && (describing.over || !this.state.queue.syncAfter(describing))
  }

  /** Rows cannot be understood without their description: where the client did not ask for it, the gateway does. */
  private describeFirst(owed: Owed, portal: Portal): void {
    const hidden = new Owed("describe_portal", owed.place)
    hidden.hidden = true
    hidden.sent = true
    hidden.portal = portal
    hidden.prepared = portal.prepared
    this.state.queue.insertBefore(owed, hidden)
    this.sendDescribe(hidden)
  }

  private sendDescribe(owed: Owed): void {
    const { portal, prepared } = owed
    const target = owed.kind === "describe_portal" ? portal! : prepared!
    target.describing = owed
    owed.skipped = owed.failed = () => {
      if (target.describing === owed) target.describing = undefined
    }
    encodeDescribe(this.state.outbox.upstream, {
      of: owed.kind === "describe_portal" ? "portal" : "statement",
      name: target.upstreamName
    })
  }

  private sendClose(owed: Owed, named: Named): void {
    const { names, outbox } = this.state
    const kind = named.of === "statement" ? "s" : "p"
    const upstreamName = names.upstreamName(kind, named.name)
    names.touch(kind, named.name, owed)
    owed.skipped = kind === "s"
      ? place(names.statements, named.name, undefined)
      : place(names.portals, named.name, undefined)
    owed.failed = owed.skipped
    encodeClose(outbox.upstream, { of: named.of, name: upstreamName })
  }

  /** The verdict is for another text than the upstream has prepared. Drivers prepare again on this error. */
  private stale(owed: Owed): void {
    owed.refusal = { sqlstate: "0A000", message: "cached plan must not change result type" }
    this.fail(owed)
  }
}

/** A parameter that outlives the chunk it came in: a `slice` would copy nothing of a Buffer. */
const kept = ({ format, value }: Parameter): Parameter => ({
  format,
  value: value === null ? null : new Uint8Array(value)
})
