/** Where things of the demo listen. */
export interface DemoPorts {
  readonly postgres: number
  readonly eu: number
  readonly us: number
  readonly issuer: string
}

/** What tokens of the demo's issuer are for. */
export const DEMO_AUDIENCE = "urn:sluice:demo"

/** The agents of the demo, and a person who decides: who they are is in their tokens, where they are is in the file. */
export const demoAgents = [
  { subject: "agent-berlin", claims: { groups: ["support"] } },
  { subject: "agent-virginia", claims: { groups: ["support"] } },
  { subject: "agent-bridge", claims: { groups: ["support"], run: "run-17" } },
  { subject: "dora", claims: { groups: ["dpo"] } }
] as const

/** The operator's file that the demo runs with: a file like any other, kept beside the demo's ledger. */
export const demoFile = ({ eu, issuer, postgres, us }: DemoPorts): string =>
  `# The gateway of the demo: two databases in two zones, and agents in two places.
version: 1
gateway: { at: de, name: demo }
services:
  tokens: { use: oidc, with: { issuer: "${issuer}", audience: "${DEMO_AUDIENCE}" } }
  secrets: { use: file, with: { path: ./secrets.yaml } }
  state: { use: sqlite, with: { path: ./state.db } }
  ledger: { use: files, with: { directory: ./ledger, at: de } }
residency:
  zones:
    eu: { includes: [de, fr, ie] }
    us: { includes: [us-east, us-west] }
  data_sets:
    eu-customers:
      home: [eu]
      classes: [personal]
      on:
        orders-eu:
          tables:
            public.customers: { name: name, email: email, iban: iban }
    tickets:
      home: [us, eu]
      on:
        orders-us:
          tables:
            public.tickets: {}
    us-customers:
      home: [us, eu]
      classes: [personal]
      on:
        orders-us:
          tables:
            public.customers: { name: name, email: email, ssn: us_ssn }
  parties:
    berlin: { match: { subject: agent-berlin }, at: de, agent: true, clearance: [eu] }
    bridge: { match: { subject: agent-bridge }, at: de, agent: true, clearance: [eu, us] }
    virginia: { match: { subject: agent-virginia }, at: us-east, agent: true, clearance: [eu, us] }
    officer: { match: { group: dpo }, at: de, clearance: [eu] }
  transfers:
    - id: scc-2026-014
      from: eu
      to: us
      data_sets: [eu-customers]
      recipients: [virginia]
      operations: [export]
      mechanism: scc
      requires: [approve]
      valid_until: 2099-06-30
  rules:
    - name: agents do not write where customers are
      when: operation.kind == "write" && caller.agent && data_sets.exists(set, "personal" in set.classes)
      then: deny
  taint: { mode: balanced, run_claim: run }
pipelines:
${pipeline("orders-eu", eu, postgres, "de", "orders_eu")}${pipeline("orders-us", us, postgres, "us-east", "orders_us")}`

const pipeline = (name: string, port: number, upstream: number, at: string, database: string): string =>
  `  ${name}:
    listen: 127.0.0.1:${port}
    tls: off
    protocol: { use: postgres }
    upstream: { address: "127.0.0.1:${upstream}", at: ${at}, tls: off, credential: DEMO_DB, database: ${database} }
    plugins:
      - { use: identity }
      - { use: residency }
      - { use: approval, with: { approvers: [dpo], within_seconds: 120 } }
      - { use: masking }
      - { use: recording, with: { answers: true } }
`
