import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"
import { Backend } from "./message-types.ts"

/** NotificationResponse: `'A' int32 length, int32 process, text channel NUL, text payload NUL`. */
export interface NotificationResponse {
  readonly process: number
  readonly channel: string
  readonly payload: string
}

/** Undefined when the fields do not fill the message exactly. */
export const decodeNotification = (reader: MessageReader): NotificationResponse | undefined => {
  const notification = { process: reader.int32(), channel: reader.text(), payload: reader.text() }
  return reader.complete && !reader.garbled ? notification : undefined
}

export const encodeNotification = (out: Outbox, notification: NotificationResponse): void =>
  message.open(Backend.NotificationResponse).int32(notification.process).text(notification.channel)
    .text(notification.payload).close(out)
