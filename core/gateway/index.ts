export { type Gateway, type GatewayOptions, type Listening, openGateway } from "./gateway.ts"
export { type Log, type LogFields, type LogLevel, type LogOptions, openLog, stderrLog } from "./log.ts"
export type {
  CredentialPlan,
  Endpoint,
  ListenerTlsPlan,
  PipelinePlan,
  Plan,
  PlannedPlugin,
  PlannedService,
  UpstreamPlan
} from "./plan.ts"
export { openServices } from "./services.ts"
export { Counters } from "./telemetry/counters.ts"
