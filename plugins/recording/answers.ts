import type { Row, RowRun, SqlOutput } from "../../core/family/sql/index.ts"
import type { Json, Output, SessionLog } from "../../core/index.ts"
import { RowText } from "./row-text.ts"
import { valueOf } from "./value.ts"

/** About how much of an answer one record holds, in bytes of JSON. */
const RECORD_BYTES = 65_536

/** What was answered has happened: writing it down holds nothing up. */
const LATER = { later: true } as const

/** Writes one exchange's answer as the client sees it, many rows to a record. */
export class Answers {
  private readonly log: SessionLog
  private readonly exchange: number
  private columns: Row["columns"] | undefined
  private result = 0
  private readonly rows = new RowText()

  constructor(log: SessionLog, exchange: number) {
    this.log = log
    this.exchange = exchange
  }

  note(output: Output): void {
    const said = output as SqlOutput
    switch (said.kind) {
      case "row":
        return this.row(said)
      case "description":
        return
      case "completion":
        this.flush()
        return this.append({ completion: said.tag, rows: said.rows })
      case "error":
      case "notice": {
        this.flush()
        const { extras, kind, message, severity, sqlstate } = said
        const more = Object.fromEntries(extras)
        return this.append({ [kind]: { sqlstate, severity, message, ...more } })
      }
      case "notification":
      case "setting":
      default:
        this.flush()
        return this.append(plain(output))
    }
  }

  /** Writes the rows that were kept so far. */
  flush(): void {
    if (this.rows.length > 0) this.rows.give("}", (text) => this.log.append("answer", text, LATER))
  }

  private append(body: { [key: string]: Json }): void {
    this.log.append("answer", { exchange: this.exchange, ...body }, LATER)
  }

  private row(row: Row): void {
    if (row.columns !== this.columns) this.describe(row)
    this.rows.begin(this.head)
    this.rows.row(row)
    if (this.rows.length >= RECORD_BYTES) this.flush()
  }

  /** Notes many rows of one result. */
  run(run: RowRun): void {
    const { bytes, columns, count } = run
    if (columns !== this.columns) this.describe(run)
    const { head, rows } = this
    const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < count; i++) {
      rows.begin(head)
      rows.rowOf(run, from, i)
      if (rows.length >= RECORD_BYTES) this.flush()
    }
  }

  /** How a record of rows begins. */
  private get head(): string {
    return `{"exchange":${this.exchange},"result":${this.result},"rows":`
  }

  private describe({ columns, result }: Pick<Row, "columns" | "result">): void {
    this.flush()
    this.columns = columns
    this.result = result
    const described = columns.map(({ format, name, type }) => ({ name, type, format }))
    this.append({ result, columns: described })
  }
}

/** An output of another family: what of it JSON can say, bytes as base64. */
const plain = (output: Output): { [key: string]: Json } => {
  const body: { [key: string]: Json } = {}
  for (const [name, value] of Object.entries(output)) {
    if (value instanceof Uint8Array) body[name] = valueOf(value, "text")
    else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") body[name] = value
  }
  return body
}
