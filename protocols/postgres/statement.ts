import { hash } from "node:crypto"
import { copyBytes } from "../../core/bytes/index.ts"
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
  readonly rewritten: boolean = false
  readonly text: string
  readonly phase: StatementPhase
  declare readonly parameters?: ReadonlyArray<Parameter>
  /** The types that the client declared for parameters, by OID; 0 where it left that to the upstream. */
  readonly types: ReadonlyArray<number>
  private known: string | undefined

  /** `digest` where it is known already, as a portal's is when it is executed. */
  constructor(
    text: string,
    phase: StatementPhase,
    parameters?: ReadonlyArray<Parameter>,
    digest?: string,
    types: ReadonlyArray<number> = NONE
  ) {
    this.text = text
    this.types = types
    this.phase = phase
    this.known = digest
    if (parameters !== undefined) this.parameters = parameters
  }

  get summary(): string {
    return summaryOf(this.text)
  }

  /**
   * SHA-256 of the text in UTF-8, a NUL, and of each parameter its format (0 text, 1 binary), its length as an int32
   * (-1 for NULL) and its value: the same in every phase.
   */
  get digest(): string {
    return this.known ??= digestOf(this.text, this.parameters ?? NONE)
  }
}

/** One call of the hash over one buffer: several small updates cost many times as much. */
const digestOf = (text: string, parameters: ReadonlyArray<Parameter>): string => {
  if (parameters.length === 0) return hash("sha256", `${text}\0`)
  let size = Buffer.byteLength(text) + 1
  for (const { value } of parameters) size += PARAMETER_HEAD_BYTES + (value?.length ?? 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.write(text)
  bytes[at++] = 0
  for (const { format, value } of parameters) {
    bytes[at] = format === "binary" ? 1 : 0
    at = bytes.writeInt32BE(value === null ? -1 : value.length, at + 1)
    if (value !== null) at = copyBytes(value, 0, value.length, bytes, at)
  }
  return hash("sha256", bytes)
}

/** The format, and the length as an int32. */
const PARAMETER_HEAD_BYTES = 5

const summaryOf = (text: string): string => {
  const line = text.slice(0, SUMMARY_CHARACTERS_MAX * 2).replaceAll(/\s+/g, " ").trim()
  return line.length > SUMMARY_CHARACTERS_MAX ? `${line.slice(0, SUMMARY_CHARACTERS_MAX)}…` : line
}
