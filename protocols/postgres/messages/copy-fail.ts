import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import { Frontend } from "./message-types.ts"

/** CopyFail: `'f' int32 length, text reason NUL`. */
export const encodeCopyFail = (out: Outbox, reason: string): void =>
  message.open(Frontend.CopyFail).text(reason).close(out)
