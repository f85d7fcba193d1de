import type { Outbox } from "../../../core/bytes/index.ts"
import type { TransactionStatus } from "../../../core/exchange/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Backend } from "./message-types.ts"

/** ReadyForQuery: `'Z' int32 5, byte 'I' idle, 'T' open or 'E' failed transaction`. */
export const decodeReadyForQuery = (reader: MessageReader): TransactionStatus | undefined => {
  const status = reader.byte()
  if (!reader.complete) return undefined
  if (status === 0x49) return "idle"
  if (status === 0x54) return "open"
  return status === 0x45 ? "failed" : undefined
}

export const encodeReadyForQuery = (out: Outbox, status: TransactionStatus): void =>
  message.open(Backend.ReadyForQuery).byte(status === "idle" ? 0x49 : status === "open" ? 0x54 : 0x45).close(out)
