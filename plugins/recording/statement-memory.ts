import type { Statement } from "../../core/family/sql/index.ts"

/** Texts and bindings that a session's records may refer to; past it the oldest are forgotten, and recorded again. */
const REMEMBERED_MAX = 64
/** Longer texts, in characters, are always recorded again. */
const TEXT_MAX = 8192

/**
 * Which exchange recorded a prepared text, or a binding of it, so that a `bind` and an `execute` need not say it again.
 * A binding is known by its digest, which covers text and parameters.
 */
export class StatementMemory {
  private readonly texts = new Map<string, number>()
  private readonly bindings = new Map<string, number>()

  /** The exchange in whose record this statement's text stands, or undefined when it must be recorded in full. */
  recall(statement: Statement): number | undefined {
    if (statement.phase === "bind") return this.texts.get(statement.text)
    return statement.phase === "execute" ? this.bindings.get(statement.digest) : undefined
  }

  remember(statement: Statement, exchange: number): void {
    if (statement.phase === "prepare") keep(this.texts, statement.text, exchange)
    else if (statement.phase === "bind") keep(this.bindings, statement.digest, exchange)
  }
}

const keep = (map: Map<string, number>, key: string, exchange: number): void => {
  if (key.length > TEXT_MAX) return
  map.set(key, exchange)
  if (map.size > REMEMBERED_MAX) map.delete(map.keys().next().value!)
}
