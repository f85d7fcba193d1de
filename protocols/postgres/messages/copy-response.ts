import type { MessageReader } from "./message-reader.ts"

/** CopyInResponse and CopyOutResponse: `'G' or 'H', int32 length, byte format, int16 count, count × int16 format`. */
export interface CopyResponse {
  readonly binary: boolean
  readonly columns: number
}

/** Undefined when the fields do not fill the message exactly, or a column's format differs from the whole's. */
export const decodeCopyResponse = (reader: MessageReader): CopyResponse | undefined => {
  const whole = reader.byte()
  const columns = reader.int16()
  if (whole > 1 || columns < 0) return undefined
  for (let i = 0; i < columns && !reader.failed; i++) {
    if (reader.int16() !== whole) return undefined
  }
  return reader.complete ? { binary: whole === 1, columns } : undefined
}
