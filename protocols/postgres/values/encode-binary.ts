import { formOf } from "./form.ts"

/**
 * `text`, the text form of a value, as that value in the binary format of `type`. Undefined for exactly what
 * `encodeText` refuses.
 */
export const encodeBinary = (type: string, text: string): Uint8Array | undefined => {
  const form = formOf(type)
  const canonical = form?.text(text)
  return form === undefined || canonical === undefined ? undefined : form.binary(canonical)
}
