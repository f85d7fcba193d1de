import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type PluginError, pluginError } from "../../exchange/index.ts"
import type { Log } from "../log.ts"
import type { Plan } from "../plan.ts"
import { type Metrics, resourceOf } from "./metrics.ts"
import { SpanWriter } from "./span-writer.ts"
import type { TraceQueue } from "./trace-queue.ts"

export interface Exported {
  /** Sends what waits; gives up after a while. */
  readonly flush: Effect.Effect<void>
}

const SPANS_MILLISECONDS = 1000
const METRICS_MILLISECONDS = 15_000
const SEND_MILLISECONDS = 5000

/**
 * Sends traces and metrics to an OTLP/HTTP collector, when the plan names one: to `/v1/traces` and `/v1/metrics` below
 * its address. A collector that is slow or away costs spans, never a session.
 */
export const openExport = (
  plan: Plan,
  metrics: Metrics,
  queue: TraceQueue | undefined,
  log: Log
): Effect.Effect<Exported | undefined, PluginError, Scope.Scope> => {
  const endpoint = plan.telemetry.otlp
  if (endpoint === undefined || queue === undefined) return Effect.succeed(undefined)
  return Effect.acquireRelease(
    Effect.tryPromise({
      try: () => start(endpoint, plan, metrics, queue, log),
      catch: (error) => pluginError("telemetry", `The export to ${endpoint} could not be started.`, error)
    }),
    (exporting) => Effect.promise(exporting.stop)
  ).pipe(Effect.map(({ flush }) => ({ flush: Effect.promise(flush) })))
}

/** The SDK is loaded only here: who exports nothing does not pay for it. */
const start = async (endpoint: string, plan: Plan, metrics: Metrics, queue: TraceQueue, log: Log) => {
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { OTLPMetricExporter }, sdk] =
    await Promise
      .all([
        import("@opentelemetry/sdk-trace-base"),
        import("@opentelemetry/exporter-trace-otlp-http"),
        import("@opentelemetry/exporter-metrics-otlp-http"),
        import("@opentelemetry/sdk-metrics")
      ])
  const base = endpoint.replace(/\/+$/, "")
  const tracing = new BasicTracerProvider({
    resource: resourceOf(plan.gateway, plan.hash),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces`, timeoutMillis: SEND_MILLISECONDS }), {
        maxQueueSize: 8192,
        maxExportBatchSize: 512,
        scheduledDelayMillis: SPANS_MILLISECONDS,
        exportTimeoutMillis: SEND_MILLISECONDS
      })
    ]
  })
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics`, timeoutMillis: SEND_MILLISECONDS }),
    exportIntervalMillis: METRICS_MILLISECONDS,
    exportTimeoutMillis: SEND_MILLISECONDS
  })
  reader.setMetricProducer(metrics)
  const writer = new SpanWriter(tracing.getTracer("sluice"), queue)
  const timer = setInterval(() => writer.write(), SPANS_MILLISECONDS)
  timer.unref()
  const quietly = (work: Promise<void>): Promise<void> =>
    work.catch(() => log.warn("telemetry not delivered", { endpoint: base }))
  return {
    flush: async (): Promise<void> => {
      writer.write()
      await Promise.all([quietly(tracing.forceFlush()), quietly(reader.forceFlush())])
    },
    stop: async (): Promise<void> => {
      clearInterval(timer)
      writer.write()
      await Promise.all([quietly(tracing.shutdown()), quietly(reader.shutdown())])
    }
  }
}
