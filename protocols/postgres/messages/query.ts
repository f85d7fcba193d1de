import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Frontend } from "./message-types.ts"

/**
 * Query: `'Q' int32 length, text query NUL`.
 *
 * Undefined when the fields do not fill the message exactly, as when a NUL stands inside the text.
 */
export const decodeQuery = (reader: MessageReader): string | undefined => {
  const text = reader.text()
  return reader.complete ? text : undefined
}

export const encodeQuery = (out: Outbox, text: string): void => message.open(Frontend.Query).text(text).close(out)
