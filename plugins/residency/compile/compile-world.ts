import * as Schema from "effect/Schema"
import { type PolicyDocument, State } from "../../../core/index.ts"
import { type Problem, Problems } from "../problem.ts"
import { ResidencySection } from "../schema.ts"
import type { World, WorldDataSet, WorldPipeline } from "../world.ts"
import { compileAllowances } from "./allowances.ts"
import { compileDataSets } from "./data-sets.ts"
import { warnOfIdle } from "./idle.ts"
import { checkKnown } from "./names.ts"
import { compileParties } from "./parties.ts"
import { compileEndpoints, compilePipelines } from "./pipelines.ts"
import { compileRules } from "./rules.ts"
import { checkSelectors } from "./selectors.ts"
import { compileTaint } from "./taint.ts"
import { warnOfForgetting, warnOfPlugins } from "./warnings.ts"
import { compileZones, placeOf } from "./zones.ts"

/** A compiled policy, or undefined where there is an error among the problems. */
export interface Compiled {
  readonly world: World | undefined
  readonly problems: ReadonlyArray<Problem>
}

const isSection = Schema.is(ResidencySection)

const limits: ReadonlyArray<
  readonly [key: "zones" | "data_sets" | "parties" | "transfers" | "exceptions" | "rules", max: number]
> = [
  ["zones", 1000],
  ["data_sets", 2000],
  ["parties", 2000],
  ["transfers", 5000],
  ["exceptions", 5000],
  ["rules", 500]
]

/** What a policy is checked against; what is left out is not checked, as for a policy that has been checked before. */
export interface CompileOptions {
  /** The kinds that masks know. */
  readonly kinds?: ReadonlyArray<string> | undefined
  /** The keys of the services that there are. */
  readonly services?: ReadonlyArray<string> | undefined
  /** The time of checking, in milliseconds since the epoch: what has run out by then is warned of. */
  readonly now?: number | undefined
}

/** Compiles the operator's policy. Pure: the same document gives the same world. */
export const compileWorld = (document: PolicyDocument, options: CompileOptions = {}): Compiled => {
  const problems = new Problems()
  const section = document.residency
  if (!isSection(section)) {
    problems.error(["residency"], "the section was not decoded by its schema", "Decode it with ResidencySection first.")
    return { world: undefined, problems: problems.list }
  }
  for (const [key, max] of limits) {
    const count = Object.keys(section[key]).length
    if (count <= max) continue
    problems.error(
      ["residency", key],
      `${count} entries are more than the ${max} that are allowed`,
      "Put fewer here: use classes, groups and patterns."
    )
  }
  if (problems.failed) return { world: undefined, problems: problems.list }
  const world = build(document, section, options, problems)
  return { world: problems.failed ? undefined : world, problems: problems.list }
}

const build = (
  document: PolicyDocument,
  section: ResidencySection,
  { kinds, now, services }: CompileOptions,
  problems: Problems
): World => {
  const zones = compileZones(section, problems)
  const place = (path: Problem["path"], name: string) => {
    if (name !== "unknown") checkKnown(path, name, "zone", zones, problems)
    return placeOf(zones, name)
  }
  const gateway = place(["gateway", "at"], document.gateway.at)
  const recorder = document.recorder && place(["services", "ledger", "with", "at"], document.recorder.at)
  for (const pipeline of document.pipelines) place(["pipelines", pipeline.name, "upstream", "at"], pipeline.at)
  checkSelectors(section, document, kinds, problems)
  const allowances = compileAllowances(section, document.pipelines.map(({ name }) => name), zones, problems)
  const dataSets: ReadonlyMap<string, WorldDataSet> = compileDataSets(section, document, zones, allowances, problems)
  const parties = compileParties(section, document, zones, problems)
  const { rules, readsClock } = compileRules(section, problems)
  const pipelines: ReadonlyMap<string, WorldPipeline> = compilePipelines(section, document, zones, dataSets)
  warnOfPlugins(section, pipelines, problems)
  if (services !== undefined && !services.includes(State.key)) warnOfForgetting(section, problems)
  const world: World = {
    hash: document.hash,
    document,
    otherwise: section.otherwise,
    unresolved: section.unresolved,
    zones,
    gateway,
    recorder,
    pipelines,
    endpoints: compileEndpoints(document, zones, problems),
    dataSets,
    caps: allowances.caps,
    parties,
    rules,
    taint: compileTaint(section, problems),
    boundaries: allowances.boundaries,
    readsClock
  }
  warnOfIdle(section, document, world, now, problems)
  return world
}
