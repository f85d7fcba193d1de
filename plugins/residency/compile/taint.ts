import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { WorldTaint } from "../world.ts"

const path = ["residency", "taint"]

const daysOf = (days: number | "never"): number | undefined => days === "never" ? undefined : days

/** Compiles the file's `taint:`. A file without one is balanced: taint is judged unless told otherwise. */
export const compileTaint = ({ taint }: ResidencySection, problems: Problems): WorldTaint => {
  if (taint?.mode === "shadow") {
    problems.warn(
      [...path, "mode"],
      "taint is in shadow mode: what a run has seen is recorded, and does not limit where it may write",
      "Set mode: balanced once its receipts look right."
    )
  }
  if (taint?.parent_run_claim !== undefined && taint.run_claim === undefined) {
    problems.error(
      [...path, "parent_run_claim"],
      "runs have parents here, and no name",
      "Name the claim that names the run itself, with `run_claim`."
    )
  }
  const days = taint?.forget_after_days
  if (days !== undefined && days.stores !== "never") {
    problems.warn(
      [...path, "forget_after_days", "stores"],
      `what clings to tables is forgotten after ${days.stores} days, and what was written there stays`,
      "Whoever reads it then may carry it anywhere. Leave it out, unless the tables are emptied in that time."
    )
  }
  return {
    forgetAfter: {
      runs: daysOf(days?.runs ?? 90),
      agents: daysOf(days?.agents ?? "never"),
      stores: daysOf(days?.stores ?? "never")
    },
    mode: taint?.mode ?? "balanced",
    literalBytesMax: taint?.literal_bytes_max ?? 512,
    runClaim: taint?.run_claim,
    parentRunClaim: taint?.parent_run_claim
  }
}
