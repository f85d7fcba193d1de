import type { Decision } from "../../../core/index.ts"
import type { World } from "../world.ts"
import { combine } from "./combine.ts"
import type { Finding } from "./finding.ts"

/** What a pipeline makes of the engine's decision. */
export interface Outcome {
  readonly outcome: Decision
  readonly outcome_code?: string
}

/**
 * In shadow mode everything passes. What a data set in shadow mode alone objects to passes. What would have to be
 * approved or masked, and cannot be here, is denied.
 */
export const outcomeOf = (
  findings: ReadonlyArray<Finding>,
  world: World,
  plugins: ReadonlyArray<string>,
  mode: "enforce" | "shadow"
): Outcome => {
  const full = combine(findings)
  if (mode === "shadow")
    return full.decision === "allow"
      ? { outcome: "allow" }
      : { outcome: "allow", outcome_code: "shadow" }
  const { decision, code, obligations } = combine(findings.filter((one) => !inShadow(world, one)))
  if (decision === "deny") return { outcome: "deny", ...(code === undefined ? {} : { outcome_code: code }) }
  const owes = (what: "mask" | "approve"): boolean =>
    decision === what || obligations.some(({ obligation }) => obligation === what)
  if (owes("approve") && !plugins.includes("approval")) return { outcome: "deny", outcome_code: "approval_unavailable" }
  if (owes("mask") && !plugins.includes("masking")) return { outcome: "deny", outcome_code: "masking_unavailable" }
  return decision === full.decision ? { outcome: decision } : { outcome: decision, outcome_code: "shadow" }
}

/** Only a data set's own demands, and taint, can be in shadow: who someone is, unknowns, and rules stay in force. */
export const inShadow = (world: World, { check }: Finding): boolean => {
  if (check.check === "taint" && world.taint.mode === "shadow") return true
  return check.data_set !== undefined && shadowed.has(check.check)
    && world.dataSets.get(check.data_set)?.mode === "shadow"
}

const shadowed: ReadonlySet<string> = new Set(["home", "landing", "taint", "evidence"])
