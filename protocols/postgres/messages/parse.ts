import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Frontend } from "./message-types.ts"

/** Parse: `'P' int32 length, text name NUL, text query NUL, int16 count, count × int32 parameter type`. */
export interface Parse {
  readonly name: string
  readonly text: string
  readonly types: ReadonlyArray<number>
}

/** Undefined when the fields do not fill the message exactly. */
export const decodeParse = (reader: MessageReader): Parse | undefined => {
  const name = reader.text()
  const text = reader.text()
  const count = reader.int16() & 0xffff
  if (reader.failed || reader.end - reader.at !== count * 4) return undefined
  const types: Array<number> = []
  for (let i = 0; i < count; i++) types.push(reader.int32())
  return { name, text, types }
}

export const encodeParse = (out: Outbox, parse: Parse): void => {
  message.open(Frontend.Parse).text(parse.name).text(parse.text).int16(parse.types.length)
  for (const type of parse.types) message.int32(type)
  message.close(out)
}
