import type { Wire } from "../../core/bytes/index.ts"
import type { Parameter, Statement } from "../../core/family/sql/index.ts"
import { FAILING, notUtf8 } from "./failing.ts"
import { type Bind, decodeBind, encodeBind } from "./messages/bind.ts"
import { decodeNamed, encodeClose, encodeDescribe, type Named } from "./messages/describe-close.ts"
import { decodeExecute, encodeExecute, type Execute } from "./messages/execute.ts"
import { Frontend } from "./messages/message-types.ts"
import { decodeParse, encodeParse, type Parse } from "./messages/parse.ts"
import { place, Portal, Prepared } from "./names.ts"
import { AskedExchange, Owed, type OwedKind } from "./owed.ts"
import type { Refusal } from "./refusal.ts"
import { AskedStatement } from "./statement.ts"
import type { State } from "./state.ts"

const strict = new TextDecoder("utf-8", { fatal: true })

/**
 * Parse, Bind, Describe, Execute and Close (PostgreSQL manual 54.2.3).
 *
 * `read` makes of a message the answer that it is owed, and refuses what names something that is not there; `send`
 * sends it under the upstream's names, re-serialised from what was understood. What a message does to the names is
 * taken back when the upstream fails or skips it.
 */
export class ExtendedQuery {
  private readonly state: State
  /** What the youngest owed answer was asked with, until it is sent. */
  private parse: Parse | undefined
  private bind: Bind | undefined
  private execute: Execute | undefined
  private named: Named | undefined

  constructor(state: State) {
    this.state = state
  }

  /**
   * Undefined when the message is malformed; "wait" when a name in it may turn out to stand for something else.
   *
   * A message of this pipeline that fails takes this one with it. Behind a Sync it does not: what is judged by its text
   * would then run another one. So a name that an unanswered message before the last Sync has changed is waited for.
   */
  read(type: number, wire: Wire): Owed | "wait" | undefined {
    const { exchanges } = this.state
    const owed = this.decode(type, wire)
    if (owed === undefined || this.certain(type)) return owed
    this.state.exchanges = exchanges
    return "wait"
  }

  private certain(type: number): boolean {
    const { bind, named } = this
    switch (type) {
      case Frontend.Parse:
        return this.decided("s", this.parse!.name)
      case Frontend.Bind:
        return this.decided("s", bind!.statement) && this.decided("p", bind!.portal)
      case Frontend.Execute:
        return this.decided("p", this.execute!.portal)
      default:
        return this.decided(named!.of === "statement" ? "s" : "p", named!.name)
    }
  }

  private decided(kind: "s" | "p", name: string): boolean {
    const { names, queue } = this.state
    const owed = names.undecided(kind, name)
    return owed === undefined || !queue.syncAfter(owed)
  }

  private decode(type: number, wire: Wire): Owed | undefined {
    const reader = this.state.reader.over(wire)
    switch (type) {
      case Frontend.Parse:
        this.parse = decodeParse(reader)
        return this.parse && (reader.garbled ? this.refused("parse", notUtf8) : this.readParse(this.parse))
      case Frontend.Bind:
        this.bind = decodeBind(reader)
        return this.bind && (reader.garbled ? this.refused("bind", notUtf8) : this.readBind(this.bind))
      case Frontend.Execute:
        this.execute = decodeExecute(reader)
        return this.execute && (reader.garbled ? this.refused("execute", notUtf8) : this.readExecute(this.execute))
      default:
        this.named = decodeNamed(reader)
        if (this.named !== undefined && reader.garbled) return this.refused("close", notUtf8)
        return this.named && (type === Frontend.Close ? this.owed("close") : this.readDescribe(this.named))
    }
  }

  /** Sends what `read` returned last. */
  send(owed: Owed, operation: Statement | undefined): void {
    switch (owed.kind) {
      case "parse":
        return this.sendParse(owed, this.parse!, operation)
      case "bind":
        return this.sendBind(owed, this.bind!, operation)
      case "execute":
        return this.sendExecute(owed, this.execute!, operation)
      case "close":
        return this.sendClose(owed, this.named!)
      default:
        return this.sendDescribe(owed)
    }
  }

  /** Has the upstream fail in place of `owed`; it then skips to Sync by itself. */
  fail(owed: Owed): undefined {
    const { names } = this.state
    const { statements, portals } = names
    if (owed.kind === "bind" && this.bind!.portal === "") {
      owed.failed = () => void portals.delete("")
      names.touch("p", "", owed)
    }
    const unnamed = owed.kind === "parse" && this.parse!.name === ""
    if (unnamed) {
      owed.failed = () => void statements.delete("")
      names.touch("s", "", owed)
    }
    // A Parse that fails drops the unnamed statement: this one must do so just when the refused one would have.
    encodeParse(this.state.outbox.upstream, { name: unnamed ? "" : FAILING, text: FAILING, types: [] })
    return undefined
  }

  private readParse(parse: Parse): Owed {
    if (parse.name !== "" && !this.state.names.statements.has(parse.name)) {
      const full = this.full(parse.text.length)
      if (full !== undefined) return this.refused("parse", full)
    }
    return this.asked("parse", new AskedStatement(parse.text, "prepare"))
  }

  private readBind(bind: Bind): Owed {
    const { names } = this.state
    const prepared = names.statements.get(bind.statement)
    if (prepared === undefined) return this.refused("bind", noStatement(bind.statement))
    if (!bind.parameters.every(isText)) return this.refused("bind", notUtf8)
    if (bind.portal !== "" && !names.portals.has(bind.portal)) {
      const full = this.full(sizeOf(bind.parameters))
      if (full !== undefined) return this.refused("bind", full)
    }
    const owed = this.asked("bind", new AskedStatement(prepared.text, "bind", bind.parameters))
    owed.prepared = prepared
    return owed
  }

  private readExecute(execute: Execute): Owed {
    const portal = this.state.names.portals.get(execute.portal)
    if (portal === undefined) return this.refused("execute", noPortal(execute.portal))
    const owed = this.asked("execute", new AskedStatement(portal.prepared.text, "execute", portal.parameters))
    owed.portal = portal
    owed.prepared = portal.prepared
    return owed
  }

  private readDescribe(named: Named): Owed {
    const { statements, portals } = this.state.names
    if (named.of === "statement") {
      const prepared = statements.get(named.name)
      if (prepared === undefined) return this.refused("describe_statement", noStatement(named.name))
      return Object.assign(this.owed("describe_statement"), { prepared })
    }
    const portal = portals.get(named.name)
    if (portal === undefined) return this.refused("describe_portal", noPortal(named.name))
    return Object.assign(this.owed("describe_portal"), { portal, prepared: portal.prepared })
  }

  private sendParse(owed: Owed, parse: Parse, operation: Statement | undefined): void {
    const { names, outbox } = this.state
    const prepared = new Prepared(parse.name, names.upstreamName("s", parse.name), parse.text)
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
    if (!portal.describing && !portal.prepared.describedForAll) this.describeFirst(owed, portal)
    encodeExecute(outbox.upstream, { portal: portal.upstreamName, rowsMax: execute.rowsMax })
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
    if (!target.describing) owed.skipped = owed.failed = () => void (target.describing = false)
    target.describing = true
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

  private full(more: number): Refusal | undefined {
    const { names, context } = this.state
    const { statementsMax, bufferedBytesMax } = context.limits
    if (names.count < statementsMax && names.kept + more <= bufferedBytesMax) return undefined
    return {
      sqlstate: "54000",
      message: "This session keeps too many statements and portals, or too much text in them. (statements_max)",
      hint: "Close statements that are no longer used.",
      code: "statements_max"
    }
  }

  private owed(kind: OwedKind): Owed {
    return new Owed(kind, this.state.queue.nextPlace())
  }

  private asked(kind: OwedKind, statement: AskedStatement): Owed {
    const { state } = this
    const exchange = new AskedExchange(++state.exchanges, state.context.session, statement)
    return new Owed(kind, state.queue.nextPlace(), exchange)
  }

  private refused(kind: OwedKind, refusal: Refusal): Owed {
    return Object.assign(this.owed(kind), { refusal })
  }
}

const noStatement = (name: string): Refusal => ({
  sqlstate: "26000",
  message: name === "" ? "unnamed prepared statement does not exist" : `prepared statement "${name}" does not exist`
})

const noPortal = (name: string): Refusal => ({ sqlstate: "34000", message: `portal "${name}" does not exist` })

const sizeOf = (parameters: ReadonlyArray<Parameter>): number => {
  let size = 0
  for (const { value } of parameters) size += value?.length ?? 0
  return size
}

/** A parameter that outlives the chunk it came in. */
const kept = ({ format, value }: Parameter): Parameter => ({ format, value: value?.slice() ?? null })

const isText = ({ format, value }: Parameter): boolean => {
  if (format === "binary" || value === null) return true
  try {
    return !strict.decode(value).includes("\0")
  } catch {
    return false
  }
}
