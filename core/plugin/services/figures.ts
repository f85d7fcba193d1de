import * as Context from "effect/Context"

/** What plugins and services count for operators, beside what the gateway counts itself. The gateway provides it. */
export class Figures extends Context.Service<Figures, {
  /**
   * Counts, for the whole gateway and its whole life. `name` is as OpenTelemetry has it, such as
   * `sluice_labels_forgotten`; Prometheus adds `_total`. The same name again is the same count.
   */
  readonly counter: (name: string, description: string) => (count: number) => void
}>()("sluice/services/Figures") {}
