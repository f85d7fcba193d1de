import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Frontend } from "./message-types.ts"

/** Execute: `'E' int32 length, text portal NUL, int32 rows at most (0: all)`. */
export interface Execute {
  readonly portal: string
  readonly rowsMax: number
}

/** Undefined when the fields do not fill the message exactly. */
export const decodeExecute = (reader: MessageReader): Execute | undefined => {
  const portal = reader.text()
  const rowsMax = reader.int32()
  return reader.complete ? { portal, rowsMax } : undefined
}

export const encodeExecute = (out: Outbox, execute: Execute): void =>
  message.open(Frontend.Execute).text(execute.portal).int32(execute.rowsMax).close(out)
