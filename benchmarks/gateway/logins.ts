import pg from "pg"
import type { LocalPostgres } from "../../config/demo/local-postgres.ts"
import type { Issuer } from "../../test/fixtures/issuer.ts"
import { type Contender, startGateway } from "./contenders.ts"

/** Who is let in, and how. */
export interface LoginOptions {
  readonly name: string
  /** `anyone`: a plugin that says who it is without looking. */
  readonly identity: "token" | "anyone"
  /** With a state that is asked, with each login, what was taken back. */
  readonly state?: boolean
}

/** A gateway that people log in to, and who issues their tokens. */
export interface LoginGateway extends Contender {
  readonly issuer: Issuer
}

export const loginGateway = (postgres: LocalPostgres, folder: string, options: LoginOptions): Promise<LoginGateway> =>
  startGateway(postgres, folder, {
    name: options.name,
    file: (port) => fileOf(port, postgres.port, options),
    modules: { "anyone.ts": anyone() },
    password: () => Promise.resolve("")
  })

const anyone = (): string =>
  `import * as Schema from "${import.meta.resolve("effect/Schema")}"
import { admit, Any, definePlugin, Principal } from "${new URL("../../core/index.ts", import.meta.url).href}"
const bench = { issuer: "https://bench.invalid", subject: "bench", groups: [], claims: {}, actors: [], evidence: "asserted", expiresAt: undefined }
export default definePlugin({
  name: "anyone",
  family: Any,
  config: Schema.Struct({}),
  requires: [],
  provides: [Principal],
  connect: () => ({
    authenticate: (login, facts) => {
      facts.set(Principal, bench)
      return admit
    }
  })
})
`

const fileOf = (port: number, upstream: number, { identity, state = false }: LoginOptions): string =>
  `version: 1
gateway: { at: de, name: bench }
services:
  tokens: { use: oidc, with: { issuer: "https://bench.invalid", audience: bench, jwks_file: ./jwks.json } }
  secrets: { use: file, with: { path: ./secrets.yaml } }
  ledger: { use: files, with: { directory: ./ledger, at: de } }
${state ? "  state: { use: sqlite, with: { path: ./sluice.db } }" : ""}
residency:
  zones: { eu: { includes: [de] } }
  data_sets: { accounts: { home: [eu], on: { bench: { tables: { public.pgbench_accounts: {} } } } } }
  parties: { bench: { match: { subject: bench }, at: de, clearance: [eu] } }
pipelines:
  bench:
    listen: 127.0.0.1:${port}
    tls: off
    protocol: { use: postgres }
    upstream: { address: "127.0.0.1:${upstream}", at: de, tls: off, credential: BENCH_DB }
    plugins:
      - { use: ${identity === "token" ? "identity" : "./anyone.ts"} }
      - { use: residency }
      - { use: recording }
`

/** A token that was never seen before. */
export const freshToken = ({ issuer }: LoginGateway): Promise<string> =>
  issuer.token({ sub: "bench", jti: crypto.randomUUID() })

/** Logs in once, and says how long that took for the client, in milliseconds. */
export const logIn = async ({ database, port, user }: LoginGateway, password: string): Promise<number> => {
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
  const from = performance.now()
  await client.connect()
  const taken = performance.now() - from
  await client.end()
  return taken
}
