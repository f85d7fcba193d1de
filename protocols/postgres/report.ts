import type { Outbox, Wire } from "../../core/bytes/index.ts"
import type { Report } from "../../core/family/sql/index.ts"
import { encodeReport, reportFields } from "./messages/error-response.ts"

const lenient = new TextDecoder("utf-8", { ignoreBOM: true })

/** An ErrorResponse or NoticeResponse as it lies on the wire. Untouched it leaves as it came. */
export class WireReport implements Report {
  readonly kind: "error" | "notice"
  readonly severity: string
  readonly sqlstate: string
  private readonly wire: Wire
  private text: string
  private more: ReadonlyMap<string, string>
  private changed: boolean

  private constructor(kind: "error" | "notice", wire: Wire, fields: ReadonlyMap<number, string>) {
    this.kind = kind
    this.wire = wire
    this.severity = fields.get(0x56) ?? fields.get(0x53) ?? (kind === "error" ? "ERROR" : "NOTICE")
    const sqlstate = fields.get(0x43) ?? ""
    const known = /^[0-9A-Z]{5}$/.test(sqlstate)
    this.sqlstate = known ? sqlstate : kind === "error" ? "XX000" : "00000"
    this.text = fields.get(0x4d) ?? ""
    const more = new Map<string, string>()
    for (const [code, value] of fields) {
      const name = reportFields.get(code)
      if (name !== undefined) more.set(name, value)
    }
    this.more = more
    // A client may rely on the fields that the protocol promises, so a server that left one out is completed.
    this.changed = !known || !fields.has(0x4d) || !fields.has(0x53)
  }

  /** Undefined when the fields do not fill the message exactly. */
  static over(kind: "error" | "notice", wire: Wire): WireReport | undefined {
    const { chunk, end } = wire
    const fields = new Map<number, string>()
    let at = wire.start + 5
    while (at < end && chunk[at] !== 0) {
      const nul = chunk.indexOf(0, at + 1)
      if (nul < 0 || nul >= end) return undefined
      fields.set(chunk[at]!, lenient.decode(chunk.subarray(at + 1, nul)))
      at = nul + 1
    }
    return at === end - 1 ? new WireReport(kind, wire, fields) : undefined
  }

  /** Whether the server closes the connection after it. */
  get fatal(): boolean {
    return this.severity === "FATAL" || this.severity === "PANIC"
  }

  get message(): string {
    return this.text
  }

  set message(text: string) {
    this.changed ||= text !== this.text
    this.text = text
  }

  get extras(): ReadonlyMap<string, string> {
    return this.more
  }

  set extras(extras: ReadonlyMap<string, string>) {
    this.changed ||= extras !== this.more
    this.more = extras
  }

  encode(out: Outbox): void {
    if (this.changed) encodeReport(out, this.kind, this)
    else out.pushWire(this.wire)
  }
}
