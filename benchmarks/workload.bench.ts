import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { builtins } from "../config/builtins.ts"
import { discover } from "../config/discover.ts"
import { planFile } from "../config/plan.ts"
import { type RecordedJudgement, recordedJudgements } from "../config/recorded-judgements.ts"
import { runSimulation } from "../config/simulation.ts"
import type { StopFigures } from "../config/simulation-stops.ts"
import type { PolicyDocument } from "../core/plugin/index.ts"
import { type Figure, figureOf } from "./measure/figure.ts"
import { workload, type WorkloadStep } from "./workload/script.ts"
import * as Stage from "./workload/stage.ts"

const modes: ReadonlyArray<Stage.TaintMode> = ["off", "balanced", "strict"]
const runs = workload()
const steps = runs.flatMap((run) => run.steps)

/**
 * What enforcing a policy would stop of a realistic workload, how much of that wrongly, and what it would miss: with
 * residency alone, and with taint, balanced and strict. First from the record of a shadow, then enforced.
 */
export const measure = async function*(): AsyncIterable<Figure> {
  yield figureOf("workload: statements", "", [steps.length])
  const recorded = await played({ mode: "shadow", taint: "balanced" }, async (stage, judgements) => {
    const told: Array<Figure> = []
    for (const mode of modes) told.push(...await simulated(stage, judgements, mode))
    return told
  })
  yield* recorded
  for (const taint of modes) {
    yield* await played({ mode: "enforce", taint }, async (_stage, judgements) => {
      const name = `enforced, ${naming(taint)}`
      const refusals = judgements.map(({ receipt, refused }) => refused ?? (receipt.outcome === "deny" ? "deny" : ""))
      const masked = refusals.filter((code) => code === "masking").length
      return [
        ...against(name, refusals.map((code) => code !== "" && code !== "masking")),
        // Uses of masked columns that no mask can be put on: no matter of taint.
        figureOf(`${name}: refused by masking`, `of ${refusals.length}`, [masked])
      ]
    })
  }
}

const naming = (taint: Stage.TaintMode): string => taint === "off" ? "residency alone" : taint

/** Plays every run. The clients ask one statement at a time, so the ledger has them in the order of the script. */
const played = async <A>(
  options: Stage.WorkloadOptions,
  use: (stage: Stage.WorkloadStage, judgements: ReadonlyArray<RecordedJudgement>) => Promise<A>
): Promise<A> => {
  const stage = await Stage.openWorkload(options)
  try {
    for (const run of runs) await stage.play(run)
    const judgements = [...recordedJudgements(stage.ledger)]
    if (judgements.length !== steps.length) {
      throw new Error(`${steps.length} statements were asked, ${judgements.length} are recorded`)
    }
    return await use(stage, judgements)
  } finally {
    await stage.stop()
  }
}

const simulated = async (
  stage: Stage.WorkloadStage,
  judgements: ReadonlyArray<RecordedJudgement>,
  taint: Stage.TaintMode
): Promise<ReadonlyArray<Figure>> => {
  const room = await builtins.residency()
  const policy = await policyIn(stage, taint)
  const strict = room.enforced(policy)
  const { stops } = runSimulation(room, policy, judgements)
  const denied = judgements.map(({ at, inputs, policy: old }) =>
    room.simulate(strict, old!, inputs!, Date.parse(at))!.receipt.outcome === "deny"
  )
  return [...stopped(naming(taint), stops), ...against(naming(taint), denied)]
}

const policyIn = async ({ file }: Stage.WorkloadStage, taint: Stage.TaintMode): Promise<PolicyDocument> => {
  const other = join(file, "..", `${taint}.config.yaml`)
  writeFileSync(other, Stage.withTaint(readFileSync(file, "utf8"), taint))
  const found = await discover(process.cwd(), other)
  if ("_tag" in found) throw new Error(found.message)
  const { plan } = await planFile(found, builtins)
  if (plan === undefined) throw new Error(`${other} is not valid`)
  return plan.policy
}

/** What `sluice simulate` says. */
const stopped = (name: string, stops: StopFigures): ReadonlyArray<Figure> => [
  figureOf(`${name}: denials`, "per 100 runs", [stops.denials_per_100_runs]),
  figureOf(`${name}: runs stopped`, `of ${stops.runs}`, [stops.stopped_runs]),
  figureOf(`${name}: operations to the first denial`, "", [stops.operations_to_first_denial ?? 0]),
  figureOf(`${name}: operations to saturation`, "", [stops.operations_to_saturation ?? 0]),
  figureOf(`${name}: false stops, by what is recorded`, "% of denials", [100 * stops.false_stops])
]

/** What the script says of each statement, held against what became of it. */
const against = (name: string, denied: ReadonlyArray<boolean>): ReadonlyArray<Figure> => {
  const moves = (i: number): boolean => (steps[i] as WorkloadStep).moves === true
  const wrong = denied.filter((one, i) => one && !moves(i)).length
  const count = denied.filter((one) => one).length
  return [
    figureOf(`${name}: denied`, `of ${denied.length}`, [count]),
    figureOf(`${name}: false stops, by the script`, "% of denials", [count === 0 ? 0 : 100 * wrong / count]),
    figureOf(`${name}: moves let through`, `of ${denied.filter((_, i) => moves(i)).length}`, [
      denied.filter((one, i) => !one && moves(i)).length
    ])
  ]
}
