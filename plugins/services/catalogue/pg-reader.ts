import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isIP, Socket } from "node:net"
import pg from "pg"
import { type PluginError, pluginError, type Reader, type ReaderTarget } from "../../../core/index.ts"

export interface ReaderLimits {
  readonly statementMillis: number
  readonly connectMillis: number
}

type Row = Readonly<Record<string, string | null>>

/** The pause after a failed connection, doubled each time, in milliseconds. */
const pauseFirst = 250
const pauseMax = 15_000

/**
 * One connection, opened now, closed with the scope, and opened again when it broke: at once the first time, then with
 * growing pauses. While a pause lasts, questions fail without touching the upstream.
 */
export const openReader = (
  target: ReaderTarget,
  limits: ReaderLimits
): Effect.Effect<Reader, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* Effect.acquireRelease(
      Effect.sync(() => new Connection(target, limits)),
      (opened) => Effect.promise(() => opened.close())
    )
    yield* Effect.tryPromise({ try: () => connection.connect(), catch: (cause) => failure(target, cause) })
    return {
      query: (text) =>
        Effect.tryPromise({ try: () => connection.query(text), catch: (cause) => failure(target, cause) })
    }
  })

class Connection {
  readonly #target: ReaderTarget
  readonly #limits: ReaderLimits
  #client: Promise<pg.Client> | undefined
  #failures = 0
  #notBefore = 0
  #closed = false

  constructor(target: ReaderTarget, limits: ReaderLimits) {
    this.#target = target
    this.#limits = limits
  }

  async query(text: string): Promise<ReadonlyArray<Row>> {
    const client = await this.connect()
    const { rows } = await client.query<Record<string, string | null>>(text)
    return rows
  }

  connect(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new ReaderFault("closed"))
    if (this.#client !== undefined) return this.#client
    if (performance.now() < this.#notBefore) return Promise.reject(new ReaderFault("paused"))
    const opened = this.#open()
    this.#client = opened
    opened.then(
      () => {
        this.#failures = 0
      },
      () => this.#lost(opened)
    )
    return opened
  }

  async close(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => undefined)
    await client?.end().catch(() => undefined)
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client(options(this.#target, this.#limits))
    const opened = this.#client
    client.on("error", () => this.#lost(opened))
    client.on("end", () => this.#lost(this.#client))
    try {
      await client.connect()
      // Set, and not asked for at the start: so the setting's reset value still is what the role would begin with.
      await client.query("SET search_path TO ''")
      return client
    } catch (cause) {
      await client.end().catch(() => undefined)
      throw cause
    }
  }

  /** The next question connects again, after a pause that grows with each failure in a row. */
  #lost(which: Promise<pg.Client> | undefined): void {
    if (this.#client === undefined || (which !== undefined && which !== this.#client)) return
    this.#client = undefined
    const pause = Math.min(pauseFirst * 2 ** this.#failures++, pauseMax)
    this.#notBefore = performance.now() + (this.#failures > 1 ? pause : 0)
  }
}

/** The driver hands every value on as the server's text. */
const asText = { getTypeParser: () => (value: string) => value }

/**
 * What the connection starts with. It never writes; its path is made empty right after, so that the server prints
 * qualified names and nothing of the upstream's hides what is asked for.
 */
const options = (target: ReaderTarget, limits: ReaderLimits): pg.ClientConfig => ({
  host: target.host,
  port: target.port,
  user: target.credential.user,
  password: target.credential.password,
  database: target.database ?? target.credential.user,
  ssl: tls(target),
  connectionTimeoutMillis: limits.connectMillis,
  statement_timeout: limits.statementMillis,
  query_timeout: limits.statementMillis + 1000,
  application_name: "sluice catalogue",
  keepAlive: true,
  stream: () => admitted(target),
  types: asText,
  options: "-c default_transaction_read_only=on -c client_encoding=UTF8"
})

/** The driver's socket: it hears of the connection after whoever may give it up. */
const admitted = ({ admit }: ReaderTarget): Socket => {
  const socket = new Socket()
  socket.once("connect", () => {
    if (admit?.(socket) === false) socket.destroy(Object.assign(new Error("not admitted"), { code: "ENOTPINNED" }))
  })
  return socket
}

const tls = (target: ReaderTarget): pg.ClientConfig["ssl"] => {
  if (target.tls === "off") return false
  const authority = target.authority === undefined ? {} : { ca: target.authority }
  // Without a name, an address is what the certificate must be for.
  const name = isIP(target.host) === 0 ? { servername: target.host } : { host: target.host }
  return { ...authority, ...name, rejectUnauthorized: target.tls === "verify-full" }
}

/** Why no question could be asked, in our own words. */
class ReaderFault extends Error {
  readonly fault: "closed" | "paused"
  constructor(fault: "closed" | "paused") {
    super(fault)
    this.fault = fault
  }
}

/** Says what failed and what to do. The driver's own message is left out: it may quote names, hosts or settings. */
const failure = (target: ReaderTarget, cause: unknown): PluginError => {
  const where = `${target.host}:${target.port}`
  if (cause instanceof ReaderFault) {
    return pluginError(
      "catalogue",
      cause.fault === "closed"
        ? `The connection to ${where} was closed by the gateway.`
        : `${where} did not answer; it is tried again after a pause.`
    )
  }
  const code = (cause as { readonly code?: unknown } | null)?.code
  const known = typeof code === "string" && /^[A-Z0-9_]{2,40}$/.test(code) ? code : "unknown"
  return pluginError(
    "catalogue",
    `${reasons[known] ?? "Asking the upstream about its definitions failed"} (${known}) at ${where}. `
      + "Check the address, the TLS settings, and the credential that the pipeline reads the catalogue with."
  )
}

const reasons: Readonly<Record<string, string>> = {
  "28000": "The upstream refused the login",
  "28P01": "The upstream refused the password",
  "3D000": "The upstream has no such database",
  "42501": "The credential may not read the system catalogue",
  "57014": "A question about the catalogue took too long",
  CERT_HAS_EXPIRED: "The upstream's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The upstream's certificate is signed by nobody who is trusted",
  ECONNREFUSED: "Nothing accepts connections",
  ENOTFOUND: "The upstream's name is not known",
  ENOTPINNED: "The upstream is at an address that `upstream.addresses` does not hold",
  ERR_TLS_CERT_ALTNAME_INVALID: "The upstream's certificate is for another name",
  SELF_SIGNED_CERT_IN_CHAIN: "The upstream's certificate is signed by nobody who is trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The upstream's certificate is signed by nobody who is trusted"
}
