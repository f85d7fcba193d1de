import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"

/** Messages that are only a type and the length 4: Sync, Flush, Terminate, CopyDone, and many an answer. */
export const encodeBare = (out: Outbox, type: number): void => message.open(type).close(out)
