import { guessKind } from "./guess-kind.ts"
import { scalar } from "./scalar.ts"

/** What a first file needs to know. */
export interface FirstFile {
  readonly gateway: string
  /** Where the gateway and the upstream are. */
  readonly at: string
  readonly pipeline: string
  readonly listen: string
  readonly upstream: string
  readonly upstreamTls: "off" | "require" | "verify-full"
  readonly database: string | undefined
  readonly credential: string
  readonly issuer: string
  readonly audience: string
  readonly tables: ReadonlyArray<Table>
}

export interface Table {
  /** `schema.table`. */
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

/** A commented file for `choices`, that passes `check`. Kinds are guessed from the columns' names. */
export const firstFile = (choices: FirstFile): string => {
  const { at, audience, credential, database, gateway, issuer, listen, pipeline, tables, upstream, upstreamTls } =
    choices
  const fixed = database === undefined ? "" : `, database: ${scalar(database)}`
  return `# yaml-language-server: $schema=./node_modules/sluice/schema.json
version: 1

# The gateway sees everything in clear, so where it runs matters.
gateway: { at: ${scalar(at)}, name: ${scalar(gateway)} }

services:
  # Who is calling comes from a token of this issuer, and from nothing else.
  tokens: { use: oidc, with: { issuer: ${scalar(issuer)}, audience: ${scalar(audience)} } }
  # Secrets are named here and kept elsewhere: set ${credential}=user:password in the environment of \`sluice up\`.
  secrets: { use: env }
  # What runs have read, and what was revoked: it outlives the gateway.
  state: { use: sqlite, with: { path: ./sluice.db } }
  # Every question and its answer's shape, hash-chained: \`sluice audit verify\` finds what was changed in it.
  ledger: { use: files, with: { directory: ./ledger, at: ${scalar(at)} } }

residency:
  otherwise: deny # what stands in no data set is refused
  zones:
    home: { includes: [${scalar(at)}] } # places whose law is the same to you; add zones as you need them
  data_sets:
${dataSets(pipeline, tables)}
  parties:
    # Who may ask, and where they are. The most specific match wins; who matches none is refused.
    staff:
      match: { issuer: ${scalar(issuer)} }
      at: ${scalar(at)}
      clearance: [home]

pipelines:
  ${pipeline}:
    listen: ${scalar(listen)}
    tls: off # on loopback only; elsewhere { certificate: ./tls/${pipeline}.crt, key: ./tls/${pipeline}.key }
    protocol: { use: postgres }
    upstream: { address: ${scalar(upstream)}, at: ${scalar(at)}, tls: ${upstreamTls}, credential: ${
    scalar(credential)
  }${fixed} }
    plugins: # questions go down this list, answers climb back up it
      - { use: identity }
      - { use: residency }
      - { use: masking } # \`sluice plugins show masking\` lists the kinds
      - { use: recording } # \`sluice sessions list\` shows what was recorded

# Say what must hold, and let \`sluice test\` check it:
tests:
  - name: a caller from elsewhere is refused
    pipeline: ${pipeline}
    as: { issuer: "https://elsewhere.example.com", subject: ann }
    ask: select 1
    expect: { decision: deny, code: identity }
`
}

/** Tables with columns that look personal in one data set, the others in another. */
const dataSets = (pipeline: string, tables: ReadonlyArray<Table>): string => {
  if (tables.length === 0) {
    return [
      "    personal:",
      "      home: [home]",
      "      classes: [personal]",
      "      on:",
      `        ${pipeline}:`,
      "          tables: # columns and their kinds: the kind picks the mask",
      "            public.customers: { email: email, phone: phone }"
    ].join("\n")
  }
  const guessed = tables.map((table) => ({ table, kinds: kindsOf(table) }))
  const personal = guessed.filter(({ kinds }) => kinds.length > 0)
  const other = guessed.filter(({ kinds }) => kinds.length === 0)
  return [...dataSet("personal", pipeline, personal, true), ...dataSet("other", pipeline, other, false)].join("\n")
}

type Guessed = { readonly table: Table; readonly kinds: ReadonlyArray<readonly [column: string, kind: string]> }

const dataSet = (
  name: string,
  pipeline: string,
  tables: ReadonlyArray<Guessed>,
  personal: boolean
): ReadonlyArray<string> =>
  tables.length === 0 ? [] : [
    `    ${name}:`,
    "      home: [home]",
    ...(personal ? ["      classes: [personal]"] : []),
    "      on:",
    `        ${pipeline}:`,
    personal ? "          tables: # kinds are guessed from the columns' names: go over them" : "          tables:",
    ...tables.map(({ kinds, table }) => {
      const columns = kinds.map(([column, kind]) => `${scalar(column)}: ${kind}`).join(", ")
      return `            ${scalar(table.name)}: ${columns === "" ? "{}" : `{ ${columns} }`}`
    })
  ]

const kindsOf = ({ columns }: Table): Guessed["kinds"] =>
  columns.flatMap((column) => {
    const kind = guessKind(column)
    return kind === undefined ? [] : [[column, kind] as const]
  })
