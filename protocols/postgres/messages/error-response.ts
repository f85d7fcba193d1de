import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import { Backend } from "./message-types.ts"

/** The fields of ErrorResponse and NoticeResponse (manual 54.8) that a plugin may see and replace, by code. */
export const reportFields: ReadonlyMap<number, string> = new Map([
  [0x44, "detail"],
  [0x48, "hint"],
  [0x50, "position"],
  [0x70, "internal_position"],
  [0x71, "internal_query"],
  [0x57, "context"],
  [0x73, "schema"],
  [0x74, "table"],
  [0x63, "column"],
  [0x64, "type"],
  [0x6e, "constraint"],
  [0x46, "file"],
  [0x4c, "line"],
  [0x52, "routine"]
])

const codes: ReadonlyMap<string, number> = new Map([...reportFields].map(([code, name]) => [name, code]))

/** An error or a notice in words. */
export interface ReportText {
  readonly severity: string
  readonly sqlstate: string
  readonly message: string
  /** By the names above; an unknown name is left out. */
  readonly extras?: ReadonlyMap<string, string>
}

/** ErrorResponse, NoticeResponse: `'E' or 'N', int32 length, (byte field, text NUL)…, byte 0`. */
export const encodeReport = (out: Outbox, kind: "error" | "notice", report: ReportText): void => {
  message.open(kind === "error" ? Backend.ErrorResponse : Backend.NoticeResponse)
  message.byte(0x53).text(report.severity).byte(0x56).text(report.severity)
  message.byte(0x43).text(report.sqlstate).byte(0x4d).text(report.message)
  for (const [name, value] of report.extras ?? []) {
    const code = codes.get(name)
    if (code !== undefined) message.byte(code).text(value)
  }
  message.byte(0).close(out)
}
