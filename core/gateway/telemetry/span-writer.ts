import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer
} from "@opentelemetry/api"
import {
  ATTR_CLIENT_ADDRESS,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT
} from "@opentelemetry/semantic-conventions"
import type { Operation } from "../../family/index.ts"
import type { OperationRecord, SessionRecord, TraceQueue } from "./trace-queue.ts"

/** OpenTelemetry's names of systems, where ours differ. */
const SYSTEMS: Readonly<Record<string, string>> = { postgres: "postgresql" }

const SUMMARY_RESOURCES_MAX = 8

/** Turns records into spans, in batches, away from the data path. No span quotes a query, a parameter or a row. */
export class SpanWriter {
  private readonly tracer: Tracer
  private readonly queue: TraceQueue

  constructor(tracer: Tracer, queue: TraceQueue) {
    this.tracer = tracer
    this.queue = queue
  }

  write(): void {
    const { ended, operations } = this.queue.take()
    for (const record of operations) this.operation(record)
    for (const record of ended) this.ended(record)
  }

  private operation(record: OperationRecord): void {
    const { operation, outcome, session, verdict } = record
    const summary = summaryOf(operation)
    const span = this.tracer.startSpan(
      summary,
      {
        kind: SpanKind.CLIENT,
        startTime: record.startedAt,
        attributes: {
          ...commonOf(session),
          [ATTR_DB_OPERATION_NAME]: operation.kind,
          [ATTR_DB_QUERY_SUMMARY]: summary,
          "sluice.config.hash": record.hash,
          "sluice.verdict": verdict,
          "sluice.resolved": operation.resolved,
          ...(outcome === undefined ? {} : { "sluice.result": outcome.result }),
          ...(outcome?.code === undefined ? {} : { [ATTR_DB_RESPONSE_STATUS_CODE]: outcome.code })
        }
      },
      this.parent(session)
    )
    const trouble = verdict !== "allow" ? verdict : outcome?.result === "failed" ? outcome.code ?? "failed" : undefined
    if (trouble !== undefined) span.setAttribute(ATTR_ERROR_TYPE, trouble).setStatus({ code: SpanStatusCode.ERROR })
    span.end(record.endedAt)
  }

  private ended(record: SessionRecord): void {
    const span = this.span(record)
    if (record.login !== undefined) span.setAttribute("sluice.login", record.login)
    if (record.database !== undefined) span.setAttribute(ATTR_DB_NAMESPACE, record.database)
    if (record.reason !== undefined) span.setAttribute("sluice.close_reason", record.reason)
    span.end(record.endedAt)
  }

  private span(record: SessionRecord): Span {
    return (record.span ??= this.tracer.startSpan(
      `session ${record.pipeline}`,
      { kind: SpanKind.SERVER, startTime: record.startedAt, attributes: commonOf(record) },
      ROOT_CONTEXT
    )) as Span
  }

  private parent(record: SessionRecord): Context {
    return trace.setSpan(ROOT_CONTEXT, this.span(record))
  }
}

const commonOf = (session: SessionRecord): Attributes => ({
  [ATTR_DB_SYSTEM_NAME]: SYSTEMS[session.protocol] ?? session.protocol,
  [ATTR_SERVER_ADDRESS]: session.upstream.host,
  [ATTR_SERVER_PORT]: session.upstream.port,
  [ATTR_CLIENT_ADDRESS]: session.client,
  "sluice.pipeline": session.pipeline,
  "sluice.session": session.id,
  ...(session.database === undefined ? {} : { [ATTR_DB_NAMESPACE]: session.database })
})

/** What is done to what, in names alone: few enough of them to group by. */
const summaryOf = (operation: Operation): string => {
  const names = new Set([...operation.writes, ...operation.reads].map(({ name }) => name))
  return [operation.kind, ...[...names].slice(0, SUMMARY_RESOURCES_MAX)].join(" ")
}
