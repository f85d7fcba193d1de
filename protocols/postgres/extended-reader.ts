import type { Wire } from "../../core/bytes/index.ts"
import type { Parameter } from "../../core/family/sql/index.ts"
import { notUtf8 } from "./failing.ts"
import { type Bind, decodeBind } from "./messages/bind.ts"
import { decodeNamed, type Named } from "./messages/describe-close.ts"
import { decodeExecute, type Execute } from "./messages/execute.ts"
import { Frontend } from "./messages/message-types.ts"
import { decodeParse, type Parse } from "./messages/parse.ts"
import { AskedExchange, Owed, type OwedKind, type OwedMessage } from "./owed.ts"
import type { Refusal } from "./refusal.ts"
import { AskedStatement } from "./statement.ts"
import type { State } from "./state.ts"

const strict = new TextDecoder("utf-8", { fatal: true })

/**
 * Reads Parse, Bind, Describe, Execute and Close (PostgreSQL manual 54.2.3): makes of each the answer that it is owed,
 * and refuses what names something that is not there.
 */
export class ExtendedReader {
  private readonly state: State

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
    const reader = this.state.reader.over(wire)
    switch (type) {
      case Frontend.Parse: {
        const parse = decodeParse(reader)
        if (parse === undefined || this.undecided("s", parse.name)) return parse && "wait"
        return this.with({ parse }, reader.garbled ? this.refused("parse", notUtf8) : this.readParse(parse))
      }
      case Frontend.Bind: {
        const bind = decodeBind(reader)
        if (bind === undefined || this.undecided("s", bind.statement) || this.undecided("p", bind.portal)) {
          return bind && "wait"
        }
        return this.with({ bind }, reader.garbled ? this.refused("bind", notUtf8) : this.readBind(bind))
      }
      case Frontend.Execute: {
        const execute = decodeExecute(reader)
        if (execute === undefined || this.undecided("p", execute.portal)) return execute && "wait"
        return this.with({ execute }, reader.garbled ? this.refused("execute", notUtf8) : this.readExecute(execute))
      }
      default: {
        const named = decodeNamed(reader)
        if (named === undefined || this.undecided(named.of === "statement" ? "s" : "p", named.name)) {
          return named && "wait"
        }
        if (reader.garbled) return this.with({ named }, this.refused("close", notUtf8))
        return this.with({ named }, type === Frontend.Close ? this.owed("close") : this.readDescribe(named))
      }
    }
  }

  private with(message: OwedMessage, owed: Owed): Owed {
    owed.message = message
    return owed
  }

  private undecided(kind: "s" | "p", name: string): boolean {
    const { names, queue } = this.state
    const owed = names.undecided(kind, name)
    return owed !== undefined && queue.syncAfter(owed)
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
    const { digest, parameters, prepared } = portal
    const owed = this.asked("execute", new AskedStatement(prepared.text, "execute", parameters, digest))
    owed.portal = portal
    owed.prepared = prepared
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

/** The decoder's own costs are more than those of looking at so few bytes. */
const LOOKED_AT_MAX = 64

/** Whether a short value is nothing but ASCII without NUL. */
const isPlain = (value: Uint8Array): boolean => {
  if (value.length > LOOKED_AT_MAX) return false
  for (let at = 0; at < value.length; at++) {
    const byte = value[at]!
    if (byte === 0 || byte >= 0x80) return false
  }
  return true
}

const isText = ({ format, value }: Parameter): boolean => {
  if (format === "binary" || value === null || isPlain(value)) return true
  try {
    return !strict.decode(value).includes("\0")
  } catch {
    return false
  }
}
