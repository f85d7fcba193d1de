import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Frontend } from "./message-types.ts"

/** Describe and Close: `'D' or 'C', int32 length, byte 'S' (statement) or 'P' (portal), text name NUL`. */
export interface Named {
  readonly of: "statement" | "portal"
  readonly name: string
}

/** Undefined when the fields do not fill the message exactly. */
export const decodeNamed = (reader: MessageReader): Named | undefined => {
  const of = reader.byte()
  const name = reader.text()
  if (!reader.complete || (of !== 0x53 && of !== 0x50)) return undefined
  return { of: of === 0x53 ? "statement" : "portal", name }
}

export const encodeDescribe = (out: Outbox, named: Named): void => encodeNamed(out, Frontend.Describe, named)

export const encodeClose = (out: Outbox, named: Named): void => encodeNamed(out, Frontend.Close, named)

const encodeNamed = (out: Outbox, type: number, named: Named): void =>
  message.open(type).byte(named.of === "statement" ? 0x53 : 0x50).text(named.name).close(out)
