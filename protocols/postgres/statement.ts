import { createHash, hash as hashAtOnce } from "node:crypto"
import type { Parameter, Statement, StatementPhase } from "../../core/family/sql/index.ts"

/** The longest summary, in characters. */
const SUMMARY_CHARACTERS_MAX = 200

const NONE: ReadonlyArray<never> = Object.freeze([])

/** A statement as the client asked it, before anyone has analysed it: it could touch anything. */
export class AskedStatement implements Statement {
  readonly kind = "unknown"
  readonly reads = NONE
  readonly writes = NONE
  readonly resolved = false
  readonly unresolved = "the statement was not analysed"
  readonly tags = NONE
  readonly results = NONE
  readonly uses = NONE
  readonly rewritten = false
  readonly text: string
  readonly phase: StatementPhase
  declare readonly parameters?: ReadonlyArray<Parameter>
  private known: string | undefined

  constructor(text: string, phase: StatementPhase, parameters?: ReadonlyArray<Parameter>) {
    this.text = text
    this.phase = phase
    if (parameters !== undefined) this.parameters = parameters
  }

  get summary(): string {
    return summaryOf(this.text)
  }

  /** SHA-256 over the text and the parameters, lengths included, whatever the phase. */
  get digest(): string {
    return this.known ??= digestOf(this.text, this.parameters ?? NONE)
  }
}

const digestOf = (text: string, parameters: ReadonlyArray<Parameter>): string => {
  if (parameters.length === 0) return hashAtOnce("sha256", `${Buffer.byteLength(text)}:${text}`)
  const hash = createHash("sha256")
  hash.update(`${Buffer.byteLength(text)}:`).update(text)
  for (const { format, value } of parameters) {
    hash.update(value === null ? `${format}-` : `${format}${value.length}:`)
    if (value !== null) hash.update(value)
  }
  return hash.digest("hex")
}

const summaryOf = (text: string): string => {
  const line = text.slice(0, SUMMARY_CHARACTERS_MAX * 2).replaceAll(/\s+/g, " ").trim()
  return line.length > SUMMARY_CHARACTERS_MAX ? `${line.slice(0, SUMMARY_CHARACTERS_MAX)}…` : line
}
