import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api"
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus"
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources"
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
  type ResourceMetrics
} from "@opentelemetry/sdk-metrics"
import { ATTR_SERVICE_NAME } from "@opentelemetry/semantic-conventions"
import type { Waits } from "../run.ts"
import type { Counters, Tally } from "./counters.ts"
import type { Figure } from "./figures.ts"
import type { Histogram } from "./histogram.ts"

/** A pipeline as its metrics need it. */
export interface Measured {
  readonly name: string
  readonly counters: Counters
  readonly sessions: Iterable<{ readonly spools: ReadonlyArray<{ readonly trouble: string | undefined }> }>
}

export interface MetricsRoom {
  /** Of the file in force. */
  readonly hash: () => string
  readonly gateway: { readonly name: string; readonly at: string }
  readonly pipelines: () => ReadonlyArray<Measured>
  readonly waits: Waits
  /** Spans that were not exported because too many waited. */
  readonly dropped: () => number
  /** What plugins and services count, by name. */
  readonly figures: ReadonlyMap<string, Figure>
}

type Point = readonly [attributes: Attributes, value: number]

/**
 * Reads the plain counters of every pipeline whenever someone asks, and says them in OpenTelemetry's words. Nothing is
 * measured through an instrument: on the data path a count costs an addition.
 */
export class Metrics implements MetricProducer {
  private readonly room: MetricsRoom
  private readonly startTime: HrTime = hrTime(Date.now())
  // Names as Prometheus has them; neither scope nor resource is repeated in every line.
  private readonly serializer = new PrometheusSerializer("", false, undefined, false, true)

  constructor(room: MetricsRoom) {
    this.room = room
  }

  /** Prometheus' text format. */
  prometheus(): string {
    return this.serializer.serialize(this.read())
  }

  collect(): Promise<CollectionResult> {
    return Promise.resolve({ resourceMetrics: this.read(), errors: [] })
  }

  private read(): ResourceMetrics {
    return {
      resource: resourceOf(this.room.gateway, this.room.hash()),
      scopeMetrics: [{
        scope: { name: "sluice" },
        metrics: this.metrics().filter((metric) => metric.dataPoints.length > 0)
      }]
    }
  }

  private metrics(): Array<MetricData> {
    const pipelines = this.room.pipelines()
    const each = (read: (counters: Counters) => number): ReadonlyArray<Point> =>
      pipelines.map(({ counters, name }) => [{ pipeline: name }, read(counters)])
    const tallied = (label: string, read: (counters: Counters) => Tally): ReadonlyArray<Point> =>
      pipelines.flatMap(({ counters, name }) =>
        [...read(counters).counts].map(([value, count]): Point => [{ pipeline: name, [label]: value }, count])
      )
    return [
      this.gauge("sluice_sessions_open", "Sessions that are open", each(({ sessionsOpen }) => sessionsOpen)),
      this.sum("sluice_sessions", "Sessions ever opened", each(({ sessionsTotal }) => sessionsTotal)),
      this.sum("sluice_sessions_shed", "Connections turned away: too many", each(({ sessionsShed }) => sessionsShed)),
      this.sum("sluice_sessions_closed", "Sessions that ended, by reason", tallied("reason", ({ closed }) => closed)),
      this.sum("sluice_logins", "Logins, by verdict", tallied("verdict", ({ logins }) => logins)),
      this.sum("sluice_operations", "Operations judged, by kind and verdict", pipelines.flatMap(operationsOf)),
      this.histogram(
        "sluice_decision_seconds",
        "From an operation's arrival to its verdict, waits included",
        pipelines
      ),
      this.sum("sluice_received_bytes", "Bytes received", pipelines.flatMap(bytesOf)),
      this.sum("sluice_faults", "Hooks that threw or lied, and bugs that were contained", pipelines.flatMap(faultsOf)),
      this.sum("sluice_cancels", "Requests to cancel, by outcome", tallied("outcome", ({ cancels }) => cancels)),
      this.sum("sluice_dials", "Connections to upstreams, by outcome", tallied("outcome", ({ dials }) => dials)),
      this.sum("sluice_drifts", "Changes of where an upstream is, by kind", tallied("kind", ({ drifts }) => drifts)),
      this.sum("sluice_accept_troubles", "Connections not accepted", each(({ acceptTroubles }) => acceptTroubles)),
      this.gauge("sluice_unrecorded_sessions", "Sessions whose records cannot be written", pipelines.map(troubleOf)),
      this.gauge("sluice_waits_open", "Approvals, token checks and dials that are waited for", [[
        {},
        this.room.waits.open
      ]]),
      this.sum("sluice_waits", "Times that a session had to wait", [[{}, this.room.waits.total]]),
      this.sum("sluice_spans_dropped", "Spans not exported: too many waited", [[{}, this.room.dropped()]]),
      ...[...this.room.figures].map(([name, { count, description }]) => this.sum(name, description, [[{}, count]]))
    ]
  }

  private sum(name: string, description: string, points: ReadonlyArray<Point>): MetricData {
    return {
      descriptor: { name, description, unit: "", valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: this.points(points)
    }
  }

  private gauge(name: string, description: string, points: ReadonlyArray<Point>): MetricData {
    return {
      descriptor: { name, description, unit: "", valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.GAUGE,
      dataPoints: this.points(points)
    }
  }

  private histogram(name: string, description: string, pipelines: ReadonlyArray<Measured>): MetricData {
    const endTime = hrTime(Date.now())
    const { startTime } = this
    return {
      descriptor: { name, description, unit: "s", valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: pipelines.map((pipeline) => ({
        startTime,
        endTime,
        attributes: { pipeline: pipeline.name },
        value: histogramOf(pipeline.counters.decisionSeconds)
      }))
    }
  }

  private points(points: ReadonlyArray<Point>): Array<DataPoint<number>> {
    const endTime = hrTime(Date.now())
    return points.map(([attributes, value]) => ({ startTime: this.startTime, endTime, attributes, value }))
  }
}

/** Who speaks: in every export. */
export const resourceOf = (gateway: { readonly name: string; readonly at: string }, hash: string): Resource =>
  resourceFromAttributes({
    [ATTR_SERVICE_NAME]: "sluice",
    "service.instance.id": gateway.name,
    "sluice.gateway.at": gateway.at,
    "sluice.config.hash": hash
  })

const hrTime = (milliseconds: number): HrTime => {
  const seconds = Math.floor(milliseconds / 1000)
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1_000_000)]
}

const histogramOf = (histogram: Histogram) => ({
  buckets: { boundaries: [...histogram.bounds], counts: [...histogram.counts] },
  sum: histogram.sum,
  count: histogram.count
})

const operationsOf = ({ counters, name }: Measured): ReadonlyArray<Point> =>
  [...counters.operations].flatMap(([kind, tally]) =>
    [...tally.counts].map(([verdict, count]): Point => [{ pipeline: name, kind, verdict }, count])
  )

const bytesOf = ({ counters, name }: Measured): ReadonlyArray<Point> => [
  [{ pipeline: name, from: "client" }, counters.bytesFromClients],
  [{ pipeline: name, from: "upstream" }, counters.bytesFromUpstream]
]

const faultsOf = ({ counters, name }: Measured): ReadonlyArray<Point> =>
  [...counters.faults.counts].map(([where, count]): Point => {
    const [plugin = "", stage = ""] = where.split(" ")
    return [{ pipeline: name, plugin, stage }, count]
  })

const troubleOf = ({ name, sessions }: Measured): Point => {
  let count = 0
  for (const { spools } of sessions) if (spools.some(({ trouble }) => trouble !== undefined)) count++
  return [{ pipeline: name }, count]
}
