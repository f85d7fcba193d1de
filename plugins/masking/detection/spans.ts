import { find, type Finding } from "../../../core/detect/index.ts"
import type { ValueType } from "../../../core/family/sql/index.ts"
import { replaceInJson } from "../operators/json-scan.ts"
import type { Operator } from "../operators/index.ts"

/** The mask of a kind. */
export type MaskOf = (kind: string) => Operator

const TEXT: ValueType = { name: "text" }

/** Whether there is anything in the bytes of a text that has to be hidden. */
export const isSensitive = (bytes: Uint8Array): boolean => {
  const findings = find(bytes)
  for (let i = 0; i < findings.length; i++) if (findings[i]!.kind !== undefined) return true
  return false
}

/** What of a text has to be hidden, masked, and the rest as it was; undefined where there is nothing. */
export const maskSpans = (text: string, maskOf: MaskOf): string | undefined => {
  const bytes = Buffer.from(text, "utf8")
  let made = ""
  let copied = 0
  for (const { end, kind, start } of find(bytes)) {
    if (kind === undefined) continue
    made += bytes.toString("utf8", copied, start) + masked(maskOf(kind), bytes.toString("utf8", start, end))
    copied = end
  }
  return copied === 0 ? undefined : made + bytes.toString("utf8", copied)
}

/** The mask of a whole text that holds something; undefined where there is nothing. Null is NULL. */
export const maskWhole = (text: string, maskOf: MaskOf): string | null | undefined => {
  const bytes = Buffer.from(text.trim(), "utf8")
  const found = find(bytes).filter(({ kind }) => kind !== undefined)
  if (found.length === 0) return undefined
  const [only] = found
  const isAll = found.length === 1 && only!.start === 0 && only!.end === bytes.length
  const operator = maskOf(isAll ? only!.kind! : "free_text")
  return operator.fixed ? operator.constant : operator.of(text, TEXT) ?? operator.constant
}

/**
 * A JSON document with what its members hold masked; what stands before a value is the name of its member. Undefined
 * where there is nothing; null where it cannot be masked member by member, and must be as a whole.
 */
export const maskJson = (text: string, maskOf: MaskOf, isWhole: boolean): string | null | undefined => {
  let isFound = false
  const made = replaceInJson(text, (path, isLeaf) => {
    if (!isLeaf) return undefined
    return (spelt) => {
      const leaf = maskLeaf(path.at(-1) ?? "", spelt, maskOf, isWhole)
      isFound ||= leaf !== undefined
      return leaf ?? spelt
    }
  })
  // Of names of members nothing can be hidden.
  if (made === undefined || isSensitive(Buffer.from(made, "utf8"))) {
    return isFound || isSensitive(Buffer.from(text, "utf8")) ? null : undefined
  }
  return isFound ? made : undefined
}

const maskLeaf = (name: string, spelt: string, maskOf: MaskOf, isWhole: boolean): string | undefined => {
  const value = spelt.startsWith("\"") ? JSON.parse(spelt) as string : /^[-\d]/.test(spelt) ? spelt : undefined
  if (value === undefined) return undefined
  const before = `${name}: `
  const size = Buffer.byteLength(before, "utf8")
  const bytes = Buffer.from(before + value, "utf8")
  const found = find(bytes).filter(({ end, kind }) => kind !== undefined && end > size)
  if (found.length === 0) return undefined
  if (isWhole || found.some(({ start }) => start < size)) return JSON.stringify(maskOf(kindOf(found)).constant)
  let made = ""
  let copied = size
  for (const { end, kind, start } of found) {
    made += bytes.toString("utf8", copied, start) + masked(maskOf(kind!), bytes.toString("utf8", start, end))
    copied = end
  }
  return JSON.stringify(made + bytes.toString("utf8", copied))
}

const kindOf = (found: ReadonlyArray<Finding>): string => found.length === 1 ? found[0]!.kind! : "free_text"

const masked = (operator: Operator, span: string): string =>
  (operator.fixed ? operator.constant : operator.of(span, TEXT) ?? operator.constant) ?? ""
