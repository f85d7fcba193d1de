import type { Outbox } from "../../../core/bytes/index.ts"
import type { Parameter } from "../../../core/family/sql/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Frontend } from "./message-types.ts"

/**
 * Bind: `'B' int32 length, text portal NUL, text statement NUL, int16 n, n × int16 format (n: 0, 1 or one each),
 * int16 count, count × (int32 length or -1, bytes), int16 m, m × int16 result format`.
 */
export interface Bind {
  readonly portal: string
  readonly statement: string
  readonly parameters: ReadonlyArray<Parameter>
  /** None: all text. One: all in it. Else one for each column. */
  readonly formats: ReadonlyArray<0 | 1>
}

/** Undefined when the fields do not fill the message exactly, or a count or a format is out of its range. */
export const decodeBind = (reader: MessageReader): Bind | undefined => {
  const portal = reader.text()
  const statement = reader.text()
  const asked = decodeFormats(reader)
  const count = reader.int16() & 0xffff
  if (asked === undefined || (asked.length > 1 && asked.length !== count)) return undefined
  const parameters: Array<Parameter> = []
  for (let i = 0; i < count && !reader.failed; i++) {
    const length = reader.int32()
    if (length < -1) return undefined
    const format = asked[asked.length === 1 ? 0 : i] === 1 ? "binary" : "text"
    parameters.push({ format, value: length === -1 ? null : reader.bytes(length) })
  }
  const formats = decodeFormats(reader)
  return reader.complete && formats !== undefined ? { portal, statement, parameters, formats } : undefined
}

const decodeFormats = (reader: MessageReader): ReadonlyArray<0 | 1> | undefined => {
  const count = reader.int16() & 0xffff
  if (reader.failed || reader.end - reader.at < count * 2) return undefined
  const formats: Array<0 | 1> = []
  for (let i = 0; i < count; i++) {
    const format = reader.int16()
    if (format !== 0 && format !== 1) return undefined
    formats.push(format)
  }
  return formats
}

export const encodeBind = (out: Outbox, bind: Bind): void => {
  const { parameters } = bind
  message.open(Frontend.Bind).text(bind.portal).text(bind.statement).int16(parameters.length)
  for (const { format } of parameters) message.int16(format === "binary" ? 1 : 0)
  message.int16(parameters.length)
  for (const { value } of parameters) {
    message.int32(value === null ? -1 : value.length)
    if (value !== null) message.bytes(value)
  }
  message.int16(bind.formats.length)
  for (const format of bind.formats) message.int16(format)
  message.close(out)
}
