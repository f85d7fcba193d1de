import type { PolicyDocument, Receipt } from "../core/plugin/index.ts"
import { type LedgerRecord, readRecords } from "../plugins/services/ledger/index.ts"
import type { Recorded } from "./residency.ts"

/** One recorded operation that was judged, and what its receipt was made from. */
export interface RecordedJudgement {
  readonly seq: number
  readonly session: string
  /** Wall clock, ISO 8601. */
  readonly at: string
  readonly exchange: number
  /** As recorded: `outcome` is `deny` where any plugin refused. */
  readonly receipt: Receipt
  /** The code of the refusal, by whichever plugin; undefined when the operation went on. */
  readonly refused: string | undefined
  /** Undefined where the ledger does not have them: an older one, or the part that had them was deleted. */
  readonly inputs: Recorded | undefined
  readonly policy: PolicyDocument | undefined
  /** The `operation` record itself. */
  readonly record: LedgerRecord
}

/** Every judged operation in a ledger's folder, in order. To know whether the ledger is true, verify it first. */
export function* recordedJudgements(folder: string): Generator<RecordedJudgement> {
  const policies = new Map<string, PolicyDocument>()
  const sessions = new Map<string, Map<string, Recorded>>()
  for (const record of readRecords(folder)) {
    const { body, session, type } = record
    if (type === "policy") policies.set(body["hash"] as string, body["policy"] as unknown as PolicyDocument)
    else if (type === "session.end") sessions.delete(session)
    else if (type === "inputs") {
      let known = sessions.get(session)
      if (known === undefined) sessions.set(session, known = new Map())
      known.set(body["digest"] as string, body["inputs"] as Recorded)
    } else if (type === "operation" && body["receipt"] !== undefined) {
      const receipt = body["receipt"] as unknown as Receipt
      yield judgement(record, receipt, sessions.get(session)?.get(receipt.inputs), policies.get(receipt.policy))
    }
  }
}

const judgement = (
  record: LedgerRecord,
  receipt: Receipt,
  inputs: Recorded | undefined,
  policy: PolicyDocument | undefined
): RecordedJudgement => {
  const { at, body, seq, session } = record
  const verdict = body["verdict"]
  const refused = typeof verdict === "object" && verdict !== null
    ? String((verdict as { readonly deny?: unknown }).deny)
    : undefined
  return { seq, session, at, exchange: Number(body["exchange"]), receipt, refused, inputs, policy, record }
}

/** A receipt as the recorder writes it: its outcome is `deny`, in the words of whichever plugin refused. */
export const asRecorded = (receipt: Receipt, refused: string | undefined): Receipt =>
  refused === undefined || receipt.outcome === "deny"
    ? receipt
    : { ...receipt, outcome: "deny", outcome_code: refused }
