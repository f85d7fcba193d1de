import type { MessageReader } from "./message-reader.ts"

/** ParameterStatus: `'S' int32 length, text name NUL, text value NUL`. */
export const decodeParameterStatus = (reader: MessageReader): { name: string; value: string } | undefined => {
  const status = { name: reader.text(), value: reader.text() }
  return reader.complete && !reader.garbled ? status : undefined
}
