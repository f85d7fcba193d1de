import type { Outbox } from "../../../core/bytes/index.ts"
import { message } from "./message-builder.ts"
import { Backend } from "./message-types.ts"

/** AuthenticationCleartextPassword: `'R' int32 8, int32 3`. AuthenticationOk: `'R' int32 8, int32 0`. */
export const encodeAuthentication = (out: Outbox, code: 0 | 3): void =>
  message.open(Backend.Authentication).int32(code).close(out)

/** AuthenticationSASL: `'R' int32 length, int32 10`, the mechanisms, each a text, and a last NUL. */
export const encodeSasl = (out: Outbox, mechanism: string): void =>
  message.open(Backend.Authentication).int32(10).text(mechanism).bytes(Uint8Array.of(0)).close(out)

/** AuthenticationSASLContinue: `'R' int32 length, int32 11, data`. */
export const encodeSaslContinue = (out: Outbox, data: Uint8Array): void =>
  message.open(Backend.Authentication).int32(11).bytes(data).close(out)

/** BackendKeyData: `'K' int32 length, int32 process, the secret: 4 bytes, or up to 256 from protocol 3.2 on`. */
export const encodeBackendKeyData = (out: Outbox, key: Uint8Array): void =>
  message.open(Backend.BackendKeyData).bytes(key).close(out)

/** NegotiateProtocolVersion: `'v' int32 length, int32 newest version, int32 count, count × text option NUL`. */
export const encodeNegotiateProtocolVersion = (
  out: Outbox,
  version: number,
  unknown: ReadonlyArray<string>
): void => {
  message.open(Backend.NegotiateProtocolVersion).int32(version).int32(unknown.length)
  for (const option of unknown) message.text(option)
  message.close(out)
}
