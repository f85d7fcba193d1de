import type {
  CredentialPlan,
  ListenerTlsPlan,
  PipelinePlan,
  Plan,
  PlannedPlugin,
  PlannedService
} from "../core/gateway/index.ts"
import type { PolicyDocument } from "../core/plugin/index.ts"
import { Ledger, Principal, Tokens } from "../core/plugin/index.ts"
import { defaultLimits, type Limits } from "../core/protocol/index.ts"
import type { Builtins } from "./builtins.ts"
import { digest } from "./canonical.ts"
import { checkAll } from "./checks/index.ts"
import type { Found } from "./discover.ts"
import { loadParts, type Part, type Parts } from "./parts.ts"
import { error, type Path, type Problem } from "./problem.ts"
import type { ResidencyRoom } from "./residency.ts"
import { decode, type Decoded, File, parseAddress, type Pipeline } from "./schema/index.ts"
import { absolute } from "./site.ts"

/** What came of a file: a plan, unless there are errors, and everything that is to be said about it. */
export interface Planned {
  readonly plan: Plan | undefined
  readonly problems: ReadonlyArray<Problem>
  /** The file as decoded; undefined when it does not decode. */
  readonly file: File | undefined
  readonly parts: Parts
}

/**
 * Makes a plan of a file, or says everything that is wrong with it. Opens nothing: no socket, no ledger. It reads
 * certificates and loads the code that the file names.
 */
export const planFile = async (found: Found, builtins: Builtins): Promise<Planned> => {
  const { document, directory } = found
  const parts = await loadParts(document.value, directory, builtins)
  if (document.problems.length > 0) return { plan: undefined, problems: document.problems, file: undefined, parts }
  const file = decode(File, document.value, [])
  const room = hasResidency(document.value) ? await builtins.residency() : undefined
  const residency = readResidency(room, document.value)
  const problems = [...file.problems, ...parts.problems, ...residency.problems]
  if (file.value === undefined || problems.length > 0) return { plan: undefined, problems, file: file.value, parts }
  const supplied = await supply(parts, builtins, directory)
  const plan = build(file.value, residency.value, parts, supplied, directory)
  const findings = [...checkAll({ file: file.value, plan, parts, directory }), ...examine(room, plan)]
  const sound = findings.every((problem) => problem.severity === "warning")
  return { plan: sound ? plan : undefined, problems: findings, file: file.value, parts }
}

const hasResidency = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (value as { readonly residency?: unknown }).residency !== undefined

const readResidency = (room: ResidencyRoom | undefined, value: unknown): Decoded<unknown> =>
  room === undefined
    ? { value: undefined, problems: [] }
    : decode(room.section, (value as any).residency, ["residency"])

const examine = (room: ResidencyRoom | undefined, { policy, services }: Plan): ReadonlyArray<Problem> =>
  (room?.examine(policy, services.map(({ service }) => service.provides.key)) ?? []).map((finding) => ({
    ...error(finding.path, finding.message, undefined, finding.remedy),
    severity: finding.severity
  }))

/** Services that nobody declared and that every gateway needs. */
const supply = async (parts: Parts, builtins: Builtins, directory: string): Promise<ReadonlyArray<PlannedService>> => {
  const declared = new Set(servicesOf(parts).map((part) => part.value.provides.key))
  const supplied: Array<PlannedService> = []
  const wanted = new Set(parts.list.flatMap(({ value }) => requiredBy(value)))
  for (const [name, use] of Object.entries({ ...builtins.supplied, ...builtins.suppliedOnDemand })) {
    const service = await builtins.services[use]?.()
    if (service === undefined || declared.has(service.provides.key)) continue
    if (name in builtins.suppliedOnDemand && !wanted.has(service.provides.key)) continue
    for (const key of requiredBy(service)) wanted.add(key)
    supplied.push({ name, service, config: decode(service.config, {}, []).value, site: { directory } })
  }
  return supplied
}

const requiredBy = (value: Part["value"]): ReadonlyArray<string> =>
  ("requires" in value ? value.requires as ReadonlyArray<{ readonly key: string }> | undefined : undefined)
    ?.map(({ key }) => key) ?? []

const servicesOf = (parts: Parts): ReadonlyArray<Part<"service">> =>
  parts.list.filter((part): part is Part<"service"> => part.kind === "service")

const build = (
  file: File,
  residency: unknown,
  parts: Parts,
  supplied: ReadonlyArray<PlannedService>,
  directory: string
): Plan => {
  const { tests: _, tests_schema: __, $schema: ___, ...effective } = file
  const hash = digest(effective)
  const pipelines = Object.entries(file.pipelines).map(([name, pipeline]) =>
    planPipeline(name, pipeline, parts, directory)
  )
  const declared = servicesOf(parts).map((part): PlannedService => ({
    name: String(part.path[1]),
    service: part.value,
    config: part.config,
    site: { directory }
  }))
  const admin = file.gateway.admin === undefined ? undefined : parseAddress(file.gateway.admin.listen, false)
  return {
    hash,
    gateway: { name: file.gateway.name, at: file.gateway.at },
    admin: admin === undefined ? undefined : { host: admin.host, port: admin.port! },
    drainSeconds: file.gateway.drain_seconds,
    services: [...declared, ...supplied],
    pipelines,
    policy: policyOf(file, hash, residency, parts, pipelines),
    telemetry: { otlp: file.telemetry.otlp_endpoint }
  }
}

const policyOf = (
  file: File,
  hash: string,
  residency: unknown,
  parts: Parts,
  pipelines: ReadonlyArray<PipelinePlan>
): PolicyDocument => {
  const provider = (tag: { readonly key: string }): any =>
    servicesOf(parts).find((part) => part.value.provides.key === tag.key)?.config
  const records = pipelines.some((pipeline) => pipeline.plugins.some(({ plugin }) => needs(plugin, Ledger)))
  const at: unknown = provider(Ledger)?.at
  return {
    hash,
    gateway: { name: file.gateway.name, at: file.gateway.at },
    residency,
    pipelines: pipelines.map((pipeline) => ({
      name: pipeline.name,
      at: pipeline.upstream.at,
      address: `${pipeline.upstream.host}:${pipeline.upstream.port}`,
      ...(pipeline.upstream.database === undefined ? {} : { database: pipeline.upstream.database }),
      plugins: pipeline.plugins.map(({ plugin }) => plugin.name),
      mode: pipeline.mode
    })),
    recorder: records ? { at: typeof at === "string" ? at : file.gateway.at } : undefined,
    issuers: [...new Set([...issuersOf(provider(Tokens)), ...trustDomainsOf(pipelines)])]
  }
}

/** The issuers that a token service is told to trust: `issuer`, or each of `issuers`, as text or as a map. */
const issuersOf = (config: any): ReadonlyArray<string> =>
  [config?.issuer, ...(Array.isArray(config?.issuers) ? config.issuers : [])]
    .map((issuer) => typeof issuer === "string" ? issuer : issuer?.issuer)
    .filter((issuer) => typeof issuer === "string")

/** Whose workloads log in with certificates: who issued them is their trust domain. */
const trustDomainsOf = (pipelines: ReadonlyArray<PipelinePlan>): ReadonlyArray<string> =>
  pipelines.flatMap(({ plugins }) => plugins).flatMap(({ config, plugin }) => {
    const domain: unknown = plugin.provides.some(({ key }: { key: string }) => key === Principal.key)
      && (config as any)?.trust_domain
    return typeof domain === "string" ? [`spiffe://${domain}`] : []
  })

const needs = (plugin: PlannedPlugin["plugin"], tag: { readonly key: string }): boolean =>
  plugin.requires.some((capability: { readonly key: string }) => capability.key === tag.key)

const planPipeline = (name: string, pipeline: Pipeline, parts: Parts, directory: string): PipelinePlan => {
  const at: Path = ["pipelines", name]
  const protocol = parts.at("protocol", [...at, "protocol"])
  const listen = parseAddress(pipeline.listen, false)!
  const { address, addresses, authority, database, credential, tls } = pipeline.upstream
  const dial = parseAddress(address, true)!
  return {
    name,
    listen: { host: listen.host, port: listen.port! },
    tls: pipeline.tls === "off" ? "off" : planTls(pipeline.tls, directory),
    protocol: protocol.value,
    protocolConfig: protocol.config,
    upstream: {
      host: dial.host,
      port: dial.port ?? protocol.value.defaultPort,
      ...(addresses === undefined ? {} : { addresses }),
      at: pipeline.upstream.at,
      tls,
      authority: authority === undefined ? undefined : absolute(directory, authority),
      credential: planCredential(credential),
      database
    },
    limits: limitsOf(pipeline.limits),
    mode: pipeline.mode,
    plugins: pipeline.plugins.map((used, index) => {
      const part = parts.at("plugin", [...at, "plugins", index])
      return { use: used.use, plugin: part.value, config: part.config, onError: used.on_error ?? "deny" }
    })
  }
}

const planCredential = (credential: Pipeline["upstream"]["credential"]): CredentialPlan => {
  if (typeof credential === "string") return { byGroup: [], otherwise: credential, catalogue: credential }
  const byGroup = Object.entries(credential.by_group)
  const { catalogue, otherwise } = credential
  return { byGroup, otherwise, catalogue: catalogue ?? otherwise ?? byGroup[0]![1] }
}

const planTls = (tls: Exclude<Pipeline["tls"], "off">, directory: string): ListenerTlsPlan => ({
  certificate: absolute(directory, tls.certificate),
  key: absolute(directory, tls.key),
  ...(tls.client_authority === undefined ? {} : {
    clientAuthority: absolute(directory, tls.client_authority),
    clientRequired: tls.client_certificate === "required"
  })
})

const limitsOf = (given: Pipeline["limits"]): Limits => ({
  messageBytesMax: given.message_bytes_max ?? defaultLimits.messageBytesMax,
  bufferedBytesMax: given.buffered_bytes_max
    ?? Math.max(defaultLimits.bufferedBytesMax, 2 * (given.message_bytes_max ?? 0)),
  exchangesInFlightMax: given.exchanges_in_flight_max ?? defaultLimits.exchangesInFlightMax,
  statementsMax: given.statements_max ?? defaultLimits.statementsMax,
  loginSeconds: given.login_seconds ?? defaultLimits.loginSeconds,
  idleSeconds: given.idle_seconds ?? defaultLimits.idleSeconds,
  sessionsMax: given.sessions_max ?? defaultLimits.sessionsMax
})
