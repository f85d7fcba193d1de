import { hostname } from "node:os"
import type { Json } from "../../../core/index.ts"
import { HEADERS, type LedgerRecord, recordRest, type Rest } from "./record.ts"

/** The format that this code writes. */
export const FORMAT = "sluice/ledger"
export const VERSION = 1

/**
 * What a header says of the bytes of a file that its successor commits to: `bytes` are good; `tail` is what follows
 * them: nothing, a tail found after a crash, by its digest, or one that a failing disk did not let us take back.
 */
export interface Extent {
  readonly bytes: number
  readonly tail: null | "abandoned" | { readonly bytes: number; readonly sha256: string }
}

/** How a header binds its segment to the one before. */
export interface Previous {
  readonly segment: number
  /** The chain hash at the end of that segment, in hex. */
  readonly hash: string
  readonly log: Extent
  readonly notes: Extent & { readonly sha256: string }
}

/** The body of the first record of each segment. */
export interface Header {
  readonly format: string
  readonly version: number
  readonly segment: number
  /** The ledger's name in its checkpoints; made from the signing key. */
  readonly origin: string
  readonly previous: Previous | null
  /** Digest of the last checkpoint before this segment, in hex, or `-`. */
  readonly checkpoint: string
  /** Sessions that are open where the segment begins, and how many records each has so far. */
  readonly open: { readonly [session: string]: number }
  readonly writer: { readonly host: string; readonly pid: number }
}

/** The line of a segment's first record without its beginning, written now, at `at`, by this process. */
export const headerRest = (bound: Omit<Header, "format" | "version" | "writer">, at: string): Rest => {
  const { segment, ...more } = bound
  const writer = { host: hostname(), pid: process.pid }
  const header: Header = { format: FORMAT, version: VERSION, segment, ...more, writer }
  const us = Math.round(performance.now() * 1000)
  return recordRest(`"${HEADERS}"`, segment, at, us, "\"segment\"", JSON.stringify(header))
}

/** Reads the header out of a segment's first record; a string says why it is none. */
export const parseHeader = (record: LedgerRecord): Header | string => {
  const body = record.body as { readonly [key: string]: Json | undefined } & Partial<Header>
  if (record.type !== "segment" || body.format !== FORMAT) return "the segment does not begin with a header"
  if (typeof body.version !== "number") return "the header names no format version"
  if (body.version !== VERSION) {
    return `the segment is in format ${FORMAT} version ${body.version}, and this program knows version ${VERSION}: `
      + "use the release that wrote it, or a later one"
  }
  const well = typeof body.segment === "number" && typeof body.origin === "string"
    && typeof body.previous === "object" && typeof body.checkpoint === "string"
    && typeof body.open === "object" && body.open !== null
  return well ? body as unknown as Header : "the header is not complete"
}
