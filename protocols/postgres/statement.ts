import { createHash } from "node:crypto"
import type { ColumnUse, Parameter, ResultShape, Statement, StatementPhase } from "../../core/family/sql/index.ts"
import type { OperationKind, Resource } from "../../core/family/index.ts"

const nothing: ReadonlyArray<never> = Object.freeze([])

/** The longest summary, in characters. */
const summaryCharactersMax = 200

/**
 * A statement as it came off the wire, before anyone has analysed it: `unknown`, and unresolved. Its digest is the
 * SHA-256 of the text's bytes, a NUL, and each parameter as its format, its length in four bytes (-1 for NULL) and its
 * value.
 */
export class RawStatement implements Statement {
  readonly text: string
  readonly phase: StatementPhase
  declare readonly parameters?: ReadonlyArray<Parameter>
  #digest: string | undefined

  constructor(text: string, phase: StatementPhase, parameters?: ReadonlyArray<Parameter>) {
    this.text = text
    this.phase = phase
    if (parameters !== undefined) this.parameters = parameters
  }

  get kind(): OperationKind {
    return "unknown"
  }
  get reads(): ReadonlyArray<Resource> {
    return nothing
  }
  get writes(): ReadonlyArray<Resource> {
    return nothing
  }
  get resolved(): boolean {
    return false
  }
  get unresolved(): string {
    return "the statement has not been analysed"
  }
  get tags(): ReadonlyArray<string> {
    return nothing
  }
  get results(): ReadonlyArray<ResultShape> {
    return nothing
  }
  get uses(): ReadonlyArray<ColumnUse> {
    return nothing
  }
  get rewritten(): boolean {
    return false
  }
  get digest(): string {
    return this.#digest ??= digestOf(this.text, this.parameters)
  }
  get summary(): string {
    return summaryOf(this.text)
  }
}

const digestOf = (text: string, parameters: ReadonlyArray<Parameter> = nothing): string => {
  const hash = createHash("sha256").update(text).update("\0")
  const head = new DataView(new ArrayBuffer(5))
  for (const { format, value } of parameters) {
    head.setUint8(0, format === "binary" ? 1 : 0)
    head.setInt32(1, value === null ? -1 : value.length)
    hash.update(new Uint8Array(head.buffer.slice(0)))
    if (value !== null) hash.update(value)
  }
  return hash.digest("hex")
}

const summaryOf = (text: string): string => {
  const line = text.slice(0, summaryCharactersMax * 2).replaceAll(/\s+/g, " ").trim()
  return line.length > summaryCharactersMax ? `${line.slice(0, summaryCharactersMax)}…` : line
}
