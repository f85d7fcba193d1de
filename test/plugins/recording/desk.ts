import type { Parameter, SqlOutput, Statement } from "../../../core/family/sql/index.ts"
import {
  type Exchange,
  type Json,
  type Principal,
  Protection,
  Receipt,
  ReceiptBasis,
  type RecordBody,
  type SessionLog,
  type Verdict
} from "../../../core/index.ts"
import { LoginFacts } from "../../../core/pipeline/known.ts"
import { PolicyMemory } from "../../../plugins/recording/bases.ts"
import { Recorder } from "../../../plugins/recording/recorder.ts"
import type { RecordingConfig } from "../../../plugins/recording/config.ts"
import { createHmac } from "node:crypto"

export type Body = { readonly [key: string]: Json | undefined }

/** A recorder on a log that is an array. */
export const desk = (config: Partial<RecordingConfig> = {}) => {
  const records: Array<{ readonly type: string; readonly body: Body }> = []
  let now = 1_000_000
  const segment = { number: 1 }
  const session = {
    id: "s",
    pipeline: "orders",
    peer: { address: "192.0.2.7", port: 5, encrypted: true },
    now: () => now
  }
  const log: SessionLog = {
    pending: 0,
    trouble: undefined,
    whenWritten: (resume) => setImmediate(resume),
    append: (type, body) => {
      records.push({ type, body: JSON.parse(textOf(body)) })
    }
  }
  const facts = new LoginFacts()
  const recorder = new Recorder(
    session,
    { answers: false, inputs: false, parameters: true, ...config },
    log,
    digest,
    () => ({ hash: "policy-hash" }) as never,
    new PolicyMemory(() => segment.number)
  )
  return { records, recorder, facts, log, segment, session, pass: (milliseconds: number) => now += milliseconds }
}

const textOf = (body: RecordBody): string => {
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return typeof body === "string" ? body : JSON.stringify(body)
}

export const digest = (value: string | Uint8Array): string =>
  createHmac("sha256", "key").update(value).digest("base64url").slice(0, 22)

export const statement = (text: string, more: Partial<Statement> = {}): Statement => ({
  kind: "read",
  reads: [{ kind: "table", name: "public.t", fields: ["a"] }],
  writes: [],
  resolved: true,
  digest: `sha256:${text}`,
  summary: text,
  text,
  phase: "simple",
  tags: ["SELECT"],
  results: [],
  uses: [],
  rewritten: false,
  ...more
})

/** An exchange as stages show it, with the facts of the operation. */
export const exchange = (
  bench: ReturnType<typeof desk>,
  id: number,
  operation: Statement,
  more: { asked?: Statement; protection?: Protection; receipt?: Receipt; basis?: ReceiptBasis } = {}
): any =>
  ({
    id,
    session: bench.session,
    operation,
    asked: more.asked ?? operation,
    find: (fact: { key: string }) =>
      new Map<string, unknown>([
        [Protection.key, more.protection],
        [Receipt.key, more.receipt],
        [ReceiptBasis.key, more.basis]
      ]).get(fact.key),
    get: () => undefined
  }) satisfies Exchange & { find: unknown; get: unknown }

export const ask = (
  bench: ReturnType<typeof desk>,
  seen: ReturnType<typeof exchange>,
  verdict: Verdict = { _tag: "Allow" }
): Body => {
  bench.recorder.note({ _tag: "Asked", operation: seen.operation, asked: seen.asked, verdict }, seen)
  return bench.records.at(-1)!.body
}

export const answer = (bench: ReturnType<typeof desk>, seen: ReturnType<typeof exchange>, output: SqlOutput): void =>
  bench.recorder.note({ _tag: "Answered", output }, seen)

export const parameter = (value: string | null): Parameter => ({
  format: "text",
  value: value === null ? null : Buffer.from(value)
})

export const protection: Protection = {
  columns: [{ data_set: "customers", table: "public.t", column: "a", kind: "email" }],
  obliged: []
}

export const ann: Principal = {
  issuer: "https://id.example",
  subject: "ann",
  groups: ["analysts"],
  claims: { region: "us" },
  actors: [{ issuer: "https://id.example", subject: "bot", groups: [], claims: {} }],
  evidence: "network",
  expiresAt: 2_000_000
}
