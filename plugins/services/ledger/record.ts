import type { Json, RecordBody } from "../../../core/index.ts"

/** A record as it lies in a ledger. */
export interface LedgerRecord {
  /** Counts up from 1 through the whole ledger. */
  readonly seq: number
  /** The session's id; `-` for a segment's header, `ledger` for what the ledger says of itself. */
  readonly session: string
  /** Counts up from 1 within the session; a header's is the segment's number. */
  readonly n: number
  /** Wall clock, ISO 8601 in UTC with milliseconds. */
  readonly at: string
  /** Monotonic clock of the writing process, in microseconds since it started. */
  readonly us: number
  readonly type: string
  readonly body: { readonly [key: string]: Json | undefined }
}

/** The session that segment headers belong to. */
export const HEADERS = "-"
/** The session under which the ledger speaks of itself. */
export const OWN = "ledger"
/** How the names begin under which gateways record what happens to requests for approval: those are no sessions. */
export const APPROVALS = "approvals-"
/** The type of record with which a session ends. */
export const SESSION_END = "session.end"

const quotedTypes = new Map<string, string>()
/** Types are few, but plugins name them: past so many, one is quoted anew each time. */
const TYPES_MAX = 256

/** A record's type as JSON. */
export const quoted = (type: string): string => {
  let text = quotedTypes.get(type)
  if (text !== undefined) return text
  text = JSON.stringify(type)
  if (quotedTypes.size < TYPES_MAX) quotedTypes.set(type, text)
  return text
}

/** The line of a record without its beginning; in two parts, where the body is bytes. */
export type Rest = string | { readonly head: string; readonly body: Uint8Array }

/** What follows a record's body. */
export const LINE_END = "}\n"

const restHead = (session: string, n: number, at: string, us: number, type: string): string =>
  `,"session":${session},"n":${n},"at":"${at}","us":${us},"type":${type},"body":`

/** The line of a record without its beginning, which `recordLine` adds when the place in the chain is known. */
export const recordRest = (
  session: string,
  n: number,
  at: string,
  us: number,
  type: string,
  body: string | Uint8Array
): Rest => {
  const head = restHead(session, n, at, us, type)
  return typeof body === "string" ? `${head}${body}${LINE_END}` : { head, body }
}

export const recordLine = (seq: number, rest: string): string => `{"seq":${seq}${rest}`

/** Reads a line, without its newline. A string says what is wrong with it. */
export const parseRecord = (line: string): LedgerRecord | string => {
  let record: LedgerRecord
  try {
    record = JSON.parse(line)
  } catch {
    return "the line is not JSON"
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) return "the line is not a record"
  const { at, body, n, seq, session, type, us } = record
  const well = Number.isSafeInteger(seq) && typeof session === "string" && Number.isSafeInteger(n)
    && typeof at === "string" && Number.isSafeInteger(us) && typeof type === "string"
    && typeof body === "object" && body !== null && !Array.isArray(body)
  if (!well) return "the line is not a record"
  const start = recordLine(seq, restHead(JSON.stringify(session), n, at, us, JSON.stringify(type)))
  return line.startsWith(start) ? record : "the line is not in canonical form"
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** Whether a time is spelt as records spell it. */
export const isInstant = (text: string): boolean => INSTANT.test(text)

/** A body as JSON text; undefined when it is nothing that JSON can say. */
export const encodeBody = (body: RecordBody): string | Uint8Array | undefined => {
  if (typeof body === "string" || body instanceof Uint8Array) return body
  try {
    return JSON.stringify(body)
  } catch {
    return undefined
  }
}
