import { type Extent, type Header, parseHeader } from "./header.ts"
import { parseRecord } from "./record.ts"

/**
 * What a segment's header says of the end of the segment before: its bytes up to there count, and no others. Undefined
 * where there is no header; whether it is true is for the verifier to say.
 */
export const declaredExtent = (next: Buffer | undefined): Extent | undefined => {
  if (next === undefined || next.indexOf("\n{\"seal\":") < 0) return undefined
  const record = parseRecord(next.toString("utf8", 0, Math.max(0, next.indexOf("\n"))))
  const header: Header | string = typeof record === "string" ? record : parseHeader(record)
  const log = typeof header === "string" ? undefined : header.previous?.log
  return typeof log?.bytes === "number" ? log : undefined
}
