import type { Json } from "../../../core/index.ts"
import { readRecords } from "./read.ts"
import { APPROVALS, HEADERS, type LedgerRecord, OWN, SESSION_END } from "./record.ts"

/** What is known of a session without reading all of it. */
export interface SessionSummary {
  readonly id: string
  readonly pipeline: string | undefined
  /** `subject`, and whoever acts for it. Undefined when nobody was identified. */
  readonly principal:
    | { readonly subject: string; readonly issuer: string; readonly actors: ReadonlyArray<string> }
    | undefined
  /** ISO 8601. */
  readonly started: string
  /** Undefined while it is open. */
  readonly ended: string | undefined
  readonly operations: number
  readonly denials: number
  /** Bytes of answers. */
  readonly bytes: number
  readonly rows: number
  /** Why it ended, or the code of a refused login. */
  readonly reason: string | undefined
}

/** Sessions must meet all that is given. */
export interface SessionFilter {
  /** The subject, or anyone in its chain of delegation. */
  readonly identity?: string
  /** A data set that an operation read or wrote, as receipts name it; or a resource's name. */
  readonly dataSet?: string
  /** A place that an operation's answer went to. */
  readonly zone?: string
  /** ISO 8601; a session counts when any of its records falls in between. */
  readonly from?: string
  readonly to?: string
  /** The final outcome of any of its operations: `allow`, `mask`, `approve`, `deny`. */
  readonly decision?: string
}

interface Gathering {
  summary: { -readonly [K in keyof SessionSummary]: SessionSummary[K] }
  met: { identity: boolean; dataSet: boolean; zone: boolean; time: boolean; decision: boolean }
}

/** Sessions in a ledger's folder, in the order they began. */
export const listSessions = (folder: string, filter: SessionFilter = {}): ReadonlyArray<SessionSummary> => {
  const sessions = new Map<string, Gathering>()
  for (const record of readRecords(folder)) {
    if (record.session === OWN || record.session === HEADERS || record.session.startsWith(APPROVALS)) continue
    let session = sessions.get(record.session)
    if (session === undefined) sessions.set(record.session, session = begin(record, filter))
    gather(session, record, filter)
  }
  return [...sessions.values()].filter(({ met }) => Object.values(met).every(Boolean)).map(({ summary }) => summary)
}

const begin = (record: LedgerRecord, filter: SessionFilter): Gathering => ({
  summary: {
    id: record.session,
    pipeline: undefined,
    principal: undefined,
    started: record.at,
    ended: undefined,
    operations: 0,
    denials: 0,
    bytes: 0,
    rows: 0,
    reason: undefined
  },
  met: {
    identity: filter.identity === undefined,
    dataSet: filter.dataSet === undefined,
    zone: filter.zone === undefined,
    time: filter.from === undefined && filter.to === undefined,
    decision: filter.decision === undefined
  }
})

const gather = ({ met, summary }: Gathering, record: LedgerRecord, filter: SessionFilter): void => {
  const { at, body, type } = record
  met.time ||= at >= (filter.from ?? "") && at <= (filter.to ?? "~")
  switch (type) {
    case "session.start":
    case "session.refused":
      return identify(summary, met, body, filter)
    case "operation":
      return count(summary, met, body, filter)
    case "outcome":
      summary.bytes += Number(body["bytes"])
      summary.rows += Number(body["rows"])
      return
    case SESSION_END:
      summary.ended = at
      summary.reason ??= text(body["reason"])
  }
}

type Body = LedgerRecord["body"]

const identify = (
  summary: Gathering["summary"],
  met: Gathering["met"],
  body: Body,
  filter: SessionFilter
): void => {
  summary.pipeline = text(body["pipeline"])
  summary.reason = text(body["deny"])
  const principal = object(body["principal"])
  if (principal === undefined) return
  const subject = text(principal["subject"]) ?? ""
  const actors = list(principal["actors"]).map((actor) => text(object(actor)?.["subject"]) ?? "")
  summary.principal = { subject, issuer: text(principal["issuer"]) ?? "", actors }
  met.identity ||= subject === filter.identity || actors.includes(filter.identity ?? "")
}

const count = (summary: Gathering["summary"], met: Gathering["met"], body: Body, filter: SessionFilter): void => {
  const receipt = object(body["receipt"])
  const denied = body["verdict"] !== "allow"
  summary.operations++
  if (denied) summary.denials++
  const decision = denied ? "deny" : text(receipt?.["outcome"]) ?? "allow"
  met.decision ||= decision === filter.decision
  met.zone ||= list(receipt?.["sinks"]).some((sink) => object(sink)?.["at"] === filter.zone)
  const named = [...list(receipt?.["reads"]), ...list(receipt?.["writes"])]
  const resources = [...list(body["reads"]), ...list(body["writes"])].map((resource) => object(resource)?.["name"])
  met.dataSet ||= filter.dataSet !== undefined && (named.includes(filter.dataSet) || resources.includes(filter.dataSet))
}

const text = (value: Json | undefined): string | undefined => typeof value === "string" ? value : undefined
const list = (value: Json | undefined): ReadonlyArray<Json> => Array.isArray(value) ? value : []
const object = (value: Json | undefined): { readonly [key: string]: Json | undefined } | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as { readonly [key: string]: Json | undefined }
    : undefined
