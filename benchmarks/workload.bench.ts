import { builtins } from "../config/builtins.ts"
import { discover } from "../config/discover.ts"
import { planFile } from "../config/plan.ts"
import { recordedJudgements } from "../config/recorded-judgements.ts"
import { runSimulation } from "../config/simulation.ts"
import type { PolicyDocument } from "../core/plugin/index.ts"
import { type Figure, figureOf } from "./measure/figure.ts"
import { workload, type WorkloadStep } from "./workload/script.ts"
import { openWorkload } from "./workload/stage.ts"

/** What enforcing a policy would stop of a realistic workload, how much of that wrongly, and what it would miss. */
export const measure = async function*(): AsyncIterable<Figure> {
  const stage = await openWorkload()
  try {
    const runs = workload()
    for (const run of runs) await stage.play(run)
    const steps = runs.flatMap((run) => run.steps)
    yield* figures(await policyIn(stage.file), stage.ledger, steps)
  } finally {
    await stage.stop()
  }
}

const policyIn = async (file: string): Promise<PolicyDocument> => {
  const found = await discover(process.cwd(), file)
  if ("_tag" in found) throw new Error(found.message)
  const { plan } = await planFile(found, builtins)
  if (plan === undefined) throw new Error(`${file} is not valid`)
  return plan.policy
}

/** The clients ask one statement at a time, so the ledger has them in the order of the script. */
const figures = async function*(policy: PolicyDocument, ledger: string, steps: ReadonlyArray<WorkloadStep>) {
  const room = await builtins.residency()
  const judgements = [...recordedJudgements(ledger)]
  if (judgements.length !== steps.length) {
    throw new Error(`${steps.length} statements were asked, ${judgements.length} are recorded`)
  }
  const { stops } = runSimulation(room, policy, judgements)
  const strict = room.enforced(policy)
  let wrong = 0
  let missed = 0
  let denied = 0
  for (const [i, { at, inputs, policy: old }] of judgements.entries()) {
    const outcome = room.simulate(strict, old!, inputs!, Date.parse(at))!.receipt.outcome
    const moves = steps[i]!.moves === true
    if (outcome === "deny") denied++
    if (outcome === "deny" && !moves) wrong++
    if (outcome !== "deny" && moves) missed++
  }
  yield figureOf("workload: statements", "", [steps.length])
  yield figureOf("workload: denials", "per 100 runs", [stops.denials_per_100_runs])
  yield figureOf("workload: operations to the first denial", "", [stops.operations_to_first_denial ?? 0])
  if (stops.operations_to_saturation !== null) {
    yield figureOf("workload: operations to saturation", "", [stops.operations_to_saturation])
  }
  yield figureOf("workload: denials of what moves no data", "%", [denied === 0 ? 0 : 100 * wrong / denied])
  yield figureOf("workload: moves that are not denied", "", [missed])
}
