import { codecOf } from "./value-codec.ts"
import { valueTypeOf } from "./value-type.ts"

/**
 * `text` as a value of the built-in `type` in the text format. Undefined when the type cannot hold it, as `****` in an
 * int4, and for types whose text form is not known here.
 */
export const encodeText = (type: string, text: string): Uint8Array | undefined => {
  const written = codecOf(valueTypeOf(type, -1)).written(text)
  return written === undefined ? undefined : Buffer.from(written, "utf8")
}
