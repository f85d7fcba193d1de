import { formOf } from "./form.ts"

/**
 * `text` as a value of `type` in the text format. Undefined when the type cannot hold it, as `****` in an int4, and for
 * types whose text form is not known here (arrays, ranges, enums, composites): what leaves always parses in a driver.
 *
 * `type` is spelt as `typeName` does. Length modifiers, as in `varchar(3)`, are not known and not kept.
 */
export const encodeText = (type: string, text: string): Uint8Array | undefined => {
  const canonical = formOf(type)?.text(text)
  return canonical === undefined ? undefined : Buffer.from(canonical, "utf8")
}
