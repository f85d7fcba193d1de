import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Credential, parseCredential, type PluginError, pluginError } from "../exchange/index.ts"
import type { ReaderSocket, Secrets } from "../plugin/index.ts"
import { type Dial, dialer, type Dialled, SocketPort, tlsClient, type Upgrade } from "../transport/index.ts"
import type { PortEvents } from "../relay/index.ts"
import type { UpstreamPlan } from "./plan.ts"
import type { Counters } from "./telemetry/counters.ts"
import { type Drift, Whereabouts } from "./whereabouts.ts"

/** How long an upstream may take to accept a connection, in milliseconds. */
const DIAL_MILLISECONDS = 10_000
const HANDSHAKE_MILLISECONDS = 10_000

export interface UpstreamOptions {
  readonly plan: UpstreamPlan
  /** PEM; undefined for the system's authorities. */
  readonly authority: string | undefined
  readonly alpn: string | undefined
  readonly stallMilliseconds: number
  readonly secrets: typeof Secrets.Service | undefined
  readonly counters: Counters
  /** It was found somewhere else, or shows another certificate. */
  readonly drifted: (drift: Drift) => void
}

export interface Connection {
  readonly port: SocketPort
  /** What the upstream's name was resolved to. */
  readonly address: string
}

/** One upstream: how to reach it, as whom, and whether it was reached lately. */
export class Upstream {
  readonly plan: UpstreamPlan
  readonly authority: string | undefined
  readonly upgrade: Upgrade | undefined
  /** The last time that it could be reached, and could not, by `performance.now()`; undefined for never. */
  reachedAt: number | undefined
  missedAt: number | undefined
  /** The near ends of all connections that are open to it, as `address:port`: what it sees of us. */
  readonly ends = new Set<string>()
  private readonly whereabouts: Whereabouts
  private readonly dial: Dial
  private readonly options: UpstreamOptions

  /** Throws when the authorities are not PEM, or an address is none. */
  constructor(options: UpstreamOptions) {
    const { host, port, tls } = options.plan
    this.options = options
    this.plan = options.plan
    this.authority = options.authority
    this.whereabouts = new Whereabouts(options.plan.addresses, options.drifted)
    this.dial = dialer({ host, port, timeoutMilliseconds: DIAL_MILLISECONDS })
    this.upgrade = tls === "off"
      ? undefined
      : tlsClient({ host, mode: tls, authority: options.authority, alpn: options.alpn })
  }

  /** A connection that tells `events` what it hears, once it is resumed. */
  connect(events: PortEvents, closed: () => void): Effect.Effect<Connection, PluginError> {
    return Effect.callback<Connection, PluginError>((resume) => {
      const stop = this.open((dialled) => {
        if (!dialled.ok) return resume(Effect.fail(pluginError("upstream", `The upstream ${dialled.reason}.`)))
        resume(Effect.succeed({ port: this.port(dialled, events, closed), address: dialled.address }))
      })
      return Effect.sync(stop)
    })
  }

  /** Dials, and remembers whether it worked. What answers from an address that is not pinned is not the upstream. */
  open(done: (dialled: Dialled) => void, address?: string): () => void {
    return this.dial((dialled) => {
      const found = this.located(dialled)
      if (found.ok) this.reachedAt = performance.now()
      else this.missedAt = performance.now()
      this.options.counters.dials.add(found.ok ? "connected" : dialled.ok ? "elsewhere" : "failed")
      done(found)
    }, address)
  }

  private located(dialled: Dialled): Dialled {
    if (!dialled.ok) return dialled
    const { address, socket } = dialled
    if (!this.admit(socket, address)) {
      socket.destroy()
      const { host, port } = this.plan
      return { ok: false, reason: `${host}:${port} was found at an address that \`upstream.addresses\` does not hold` }
    }
    return dialled
  }

  /** Whether a connection may be used at all. It counts among `ends` from now until it closes. */
  admit(socket: ReaderSocket, address: string | undefined): boolean {
    if (!this.whereabouts.accepts(address ?? "")) return false
    const { localAddress, localPort } = socket
    if (localAddress === undefined || localPort === undefined) return true
    const end = `${localAddress.replace(/^::ffff:(?=\d+\.)/i, "")}:${localPort}`
    this.ends.add(end)
    socket.once("close", () => this.ends.delete(end))
    return true
  }

  /** It has shown this certificate, in DER. */
  presented(certificate: Uint8Array | undefined): void {
    this.whereabouts.presented(certificate)
  }

  port({ reads, socket }: Extract<Dialled, { readonly ok: true }>, events: PortEvents, closed: () => void): SocketPort {
    const port = new SocketPort(socket, {
      reads,
      upgrade: this.upgrade,
      handshakeMilliseconds: HANDSHAKE_MILLISECONDS,
      stallMilliseconds: this.options.stallMilliseconds,
      closed
    })
    port.listen(events)
    return port
  }

  /** What the gateway logs in with for a caller in `groups`. */
  credentialOf(groups: ReadonlyArray<string>): Effect.Effect<Credential, PluginError> {
    const { byGroup, otherwise } = this.plan.credential
    const name = byGroup.find(([group]) => groups.includes(group))?.[1] ?? otherwise
    return name === undefined
      ? Effect.fail(
        pluginError("secrets", "None of the caller's groups has a credential here. Ask the operator for access.")
      )
      : this.fetch(name)
  }

  /** What the gateway reads the catalogue with. */
  get catalogueCredential(): Effect.Effect<Credential, PluginError> {
    return this.fetch(this.plan.credential.catalogue)
  }

  /** Fetched each time, so that a rotated secret holds from the next session on. */
  private fetch(name: string): Effect.Effect<Credential, PluginError> {
    const { secrets } = this.options
    if (secrets === undefined) {
      return Effect.fail(pluginError("secrets", "No secrets service is configured. Add one under services:."))
    }
    return Effect.flatMap(secrets.fetch(name), (secret) => {
      const credential = parseCredential(Redacted.value(secret))
      return credential === undefined
        ? Effect.fail(pluginError("secrets", `The secret ${name} is not of the form user:password.`))
        : Effect.succeed(credential)
    })
  }
}
