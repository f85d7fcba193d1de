import { isUtf8 } from "node:buffer"
import type { Json } from "../../core/index.ts"

/** A value as records spell it: null is NULL; text is a string; bytes that are no text are base64. */
export const valueOf = (bytes: Uint8Array | null, format: "text" | "binary"): Json => {
  if (bytes === null) return null
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return format === "text" && isUtf8(view) ? view.toString("utf8") : { base64: view.toString("base64") }
}
