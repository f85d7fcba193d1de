import type { Plugin, PolicyDocument, Service, ServiceSite } from "../plugin/index.ts"
import type { Limits, Protocol } from "../protocol/index.ts"

/**
 * Everything that the gateway is to do, checked and complete: what `config` makes of the operator's file, and the only
 * thing that the gateway knows of it. Immutable, and made without opening anything; a reload makes another one.
 */
export interface Plan {
  /** The same as `policy.hash`: SHA-256, in hex, of the effective file. */
  readonly hash: string
  readonly gateway: { readonly name: string; readonly at: string }
  /** Where health, readiness and metrics are served; undefined when they are not. */
  readonly admin: Endpoint | undefined
  /** How long operations in flight may take to finish once the gateway is told to stop. */
  readonly drainSeconds: number
  /** One for each service that is declared or that a plugin requires; no two provide the same tag. */
  readonly services: ReadonlyArray<PlannedService>
  /** In the order of the file; no two with one name, none with the endpoint of another. */
  readonly pipelines: ReadonlyArray<PipelinePlan>
  /** What the service `Policy` answers. The gateway provides it; no service does. */
  readonly policy: PolicyDocument
  readonly telemetry: { readonly otlp: string | undefined }
}

/** `port` 0 is any that is free: what was opened is what `listening` reports. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface PlannedService {
  /** The key under `services:`, such as `tokens`. */
  readonly name: string
  readonly service: Service
  /** Decoded by the service's own schema. */
  readonly config: unknown
  readonly site: ServiceSite
}

export interface PipelinePlan {
  readonly name: string
  readonly listen: Endpoint
  readonly tls: ListenerTlsPlan | "off"
  readonly protocol: Protocol
  /** Decoded by the protocol's own schema. */
  readonly protocolConfig: unknown
  readonly upstream: UpstreamPlan
  readonly limits: Limits
  /** What comes of a denial of the residency engine; `shadow` records it and lets the operation pass. */
  readonly mode: "enforce" | "shadow"
  /** In the order of the file. Facts, families and services fit: checked. No two with one name. */
  readonly plugins: ReadonlyArray<PlannedPlugin>
}

/** TLS on the clients' side. Absolute paths of PEM files. `off` on loopback only. */
export interface ListenerTlsPlan {
  readonly certificate: string
  readonly key: string
  /** Who signs the certificates of clients; undefined asks clients for none. */
  readonly clientAuthority?: string
  /** Whether a client without a certificate is turned away in the handshake. */
  readonly clientRequired?: boolean
}

export interface UpstreamPlan extends Endpoint {
  /** Addresses and CIDR blocks that the host may stand for; any other is not the upstream. Undefined for any. */
  readonly addresses?: ReadonlyArray<string> | undefined
  /** The place where the upstream is, as in `residency.zones`. */
  readonly at: string
  /** `off` on loopback only. */
  readonly tls: "off" | "require" | "verify-full"
  /** Absolute path of a PEM file with the authorities to trust; the system's when undefined. */
  readonly authority: string | undefined
  readonly credential: CredentialPlan
  /** Always connected to, whatever the client asks for; undefined leaves the choice to the client. */
  readonly database: string | undefined
}

/** Names of secrets whose values are `user:password`; each is fetched when a session connects. */
export interface CredentialPlan {
  /** The first group of this list that the caller is in decides. */
  readonly byGroup: ReadonlyArray<readonly [group: string, secret: string]>
  /** For everyone else; undefined refuses them. */
  readonly otherwise: string | undefined
  /** What the gateway itself reads the catalogue with. */
  readonly catalogue: string
}

export interface PlannedPlugin {
  /** As written in the file. */
  readonly use: string
  readonly plugin: Plugin
  /** Decoded by the plugin's own schema. */
  readonly config: unknown
  /** What a thrown hook means. `continue` is possible only where the plugin itself declares that it may fail open. */
  readonly onError: "deny" | "continue"
}
