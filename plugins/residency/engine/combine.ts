import type { Decision, Obligation, ReceiptCheck } from "../../../core/index.ts"
import type { Finding } from "./finding.ts"

const strictness: Readonly<Record<Decision, number>> = { allow: 0, mask: 1, approve: 2, deny: 3 }

/**
 * The whole answer: `deny` > `approve` > `mask` > `allow`, the code of the first check that denies, every obligation
 * once.
 */
export interface Combined {
  readonly decision: Decision
  readonly code: string | undefined
  readonly checks: ReadonlyArray<ReceiptCheck>
  readonly obligations: ReadonlyArray<Obligation>
}

export const combine = (findings: ReadonlyArray<Finding>): Combined => {
  let decision: Decision = "allow"
  let code: string | undefined
  const obligations = new Map<string, Obligation>()
  for (const { check, obligations: owed } of findings) {
    if (strictness[check.outcome] > strictness[decision]) decision = check.outcome
    if (check.outcome === "deny") code ??= check.code
    for (const one of owed) obligations.set(`${one.data_set}\0${one.obligation}\0${one.cites}`, one)
  }
  const sorted = [...obligations].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  return { decision, code, checks: findings.map(({ check }) => check), obligations: sorted }
}
