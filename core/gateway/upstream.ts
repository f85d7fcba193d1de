import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Credential, parseCredential, type PluginError, pluginError } from "../exchange/index.ts"
import type { Secrets } from "../plugin/index.ts"
import { type Dial, dialer, type Dialled, SocketPort, tlsClient, type Upgrade } from "../transport/index.ts"
import type { PortEvents } from "../relay/index.ts"
import type { UpstreamPlan } from "./plan.ts"
import type { Counters } from "./telemetry/counters.ts"

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
  private readonly dial: Dial
  private readonly options: UpstreamOptions

  /** Throws when the authorities are not PEM. */
  constructor(options: UpstreamOptions) {
    const { host, port, tls } = options.plan
    this.options = options
    this.plan = options.plan
    this.authority = options.authority
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

  /** Dials, and remembers whether it worked. */
  open(done: (dialled: Dialled) => void, address?: string): () => void {
    return this.dial((dialled) => {
      if (dialled.ok) this.reachedAt = performance.now()
      else this.missedAt = performance.now()
      this.options.counters.dials.add(dialled.ok ? "connected" : "failed")
      done(dialled)
    }, address)
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
