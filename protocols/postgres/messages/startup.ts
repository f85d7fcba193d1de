import { message } from "./message-builder.ts"
import type { MessageReader } from "./message-reader.ts"

/** The numbers that stand where a protocol version stands, and ask for something else. */
export const CANCEL_REQUEST = 80877102
export const SSL_REQUEST = 80877103
export const GSSENC_REQUEST = 80877104
export const PROTOCOL_3_0 = 0x30000
/** The longest StartupMessage that PostgreSQL takes, and so does Sluice. */
export const STARTUP_BYTES_MAX = 10_000

/**
 * StartupMessage: `int32 length, int32 version, (text name NUL, text value NUL)…, byte 0`.
 *
 * A string says what is wrong with it.
 */
export const decodeStartupPairs = (reader: MessageReader): ReadonlyMap<string, string> | string => {
  const pairs = new Map<string, string>()
  for (;;) {
    if (!reader.failed && reader.at === reader.end - 1 && reader.chunk[reader.at] === 0) break
    const name = reader.text()
    const value = reader.text()
    if (reader.failed) return "the startup packet is not pairs of texts and a final NUL"
    if (reader.garbled) return "the startup packet is not UTF-8"
    if (name === "") return "the startup packet goes on after its end"
    if (pairs.has(name)) return "the startup packet names a parameter twice"
    pairs.set(name, value)
  }
  return pairs
}

export const startupMessage = (pairs: ReadonlyMap<string, string>): Uint8Array => {
  message.open(undefined).int32(PROTOCOL_3_0)
  for (const [name, value] of pairs) message.text(name).text(value)
  return message.byte(0).taken()
}

/** SSLRequest: `int32 8, int32 80877103`. */
export const sslRequest = (): Uint8Array => message.open(undefined).int32(SSL_REQUEST).taken()

/** CancelRequest: `int32 length, int32 80877102, the key: int32 process and a secret of 4 to 256 bytes`. */
export const cancelRequest = (key: Uint8Array): Uint8Array =>
  message.open(undefined).int32(CANCEL_REQUEST).bytes(key).taken()
