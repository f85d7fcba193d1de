import { type Exchange, type Ledger, type Reads, Receipt, ReceiptBasis, type SessionLog } from "../../core/index.ts"

/** Inputs that a session's records may refer to; past it the oldest are forgotten, and recorded again. */
const REMEMBERED_MAX = 256

/** Which policies stand in the part of a ledger that is being written. Shared by all sessions that write to it. */
export class PolicyMemory {
  private readonly segmentOf: () => number
  private readonly hashes = new Set<string>()
  private at: number

  constructor(segment: () => number) {
    this.segmentOf = segment
    this.at = segment()
  }

  /** The part that is being written. What stands in an older one may be deleted with it. */
  get segment(): number {
    const now = this.segmentOf()
    if (now !== this.at) {
      this.at = now
      this.hashes.clear()
    }
    return now
  }

  has(hash: string): boolean {
    return this.hashes.has(hash)
  }

  add(hash: string): void {
    this.hashes.add(hash)
  }
}

const memories = new WeakMap<object, PolicyMemory>()

/** The one memory of a ledger. */
export const policiesOf = (ledger: Ledger["Service"]): PolicyMemory => {
  let memory = memories.get(ledger)
  if (memory === undefined) memories.set(ledger, memory = new PolicyMemory(ledger.segment ?? (() => 0)))
  return memory
}

/**
 * Records what receipts can be made again from: the policy once in each part of the ledger, the engine's inputs once
 * in each session. Both stand before the first operation that rests on them.
 */
export class Bases {
  private readonly log: SessionLog
  private readonly policies: PolicyMemory
  private readonly digests = new Set<string>()
  private segment: number

  constructor(log: SessionLog, policies: PolicyMemory) {
    this.log = log
    this.policies = policies
    this.segment = policies.segment
  }

  note(exchange: Exchange & Reads<any>): void {
    const basis = exchange.find(ReceiptBasis)
    const receipt = exchange.find(Receipt)
    if (basis === undefined || receipt === undefined) return
    const { segment } = this.policies
    if (segment !== this.segment) {
      this.segment = segment
      this.digests.clear()
    }
    if (!this.policies.has(receipt.policy)) {
      this.log.append("policy", `{"hash":${JSON.stringify(receipt.policy)},"policy":${JSON.stringify(basis.policy)}}`)
      // What was lost with this session's log must be written by another.
      if (this.log.trouble === undefined) this.policies.add(receipt.policy)
    }
    if (this.digests.has(receipt.inputs)) return
    this.digests.add(receipt.inputs)
    if (this.digests.size > REMEMBERED_MAX) this.digests.delete(this.digests.values().next().value!)
    this.log.append("inputs", `{"digest":${JSON.stringify(receipt.inputs)},"inputs":${basis.inputs}}`)
  }
}
