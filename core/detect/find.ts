import type { Finding } from "./finding.ts"
import { nextTrigger, Scan } from "./scan.ts"

export interface FindOptions {
  /**
   * Only these types. Naming them is evidence: their form or check is then enough, without words near them. Without
   * this, everything is looked for, and only what is likely is reported.
   */
  readonly types?: ReadonlyArray<string> | undefined
}

const encoder = new TextEncoder()
const nothing: ReadonlyArray<Finding> = []

/**
 * What is sensitive in a text: spans in the order of the text, none overlapping. Positions are bytes of its UTF-8. One
 * pass, in time linear in the text's length; never throws, whatever the bytes are.
 */
export const find = (text: string | Uint8Array, options?: FindOptions): ReadonlyArray<Finding> => {
  const bytes = typeof text === "string" ? encoder.encode(text) : text
  const first = nextTrigger(bytes, 0)
  if (first === bytes.length) return nothing
  return new Scan(bytes, options?.types === undefined ? undefined : new Set(options.types)).run(first)
}
