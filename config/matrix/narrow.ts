import type { Plan } from "../../core/gateway/plan.ts"
import type { Matrix, ResidencySection } from "../../plugins/residency/index.ts"
import type { Arguments } from "../command.ts"
import { nearest } from "../nearest.ts"

/** Only the parties, data sets and pipelines that were asked for; or what is wrong with their names. */
export const narrow = (matrix: Matrix, plan: Plan, args: Arguments): Matrix | string => {
  const section = plan.policy.residency as typeof ResidencySection.Type
  const filters: ReadonlyArray<readonly [string, "party" | "data_set" | "pipeline", ReadonlyArray<string>]> = [
    ["party", "party", Object.keys(section.parties)],
    ["data-set", "data_set", [...Object.keys(section.data_sets), "unclassified", "everything"]],
    ["pipeline", "pipeline", plan.pipelines.map(({ name }) => name)]
  ]
  let { rows } = matrix
  for (const [option, key, known] of filters) {
    const wanted = args.texts(option)
    const unknown = wanted.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      const meant = nearest(unknown, known)
      return `there is no ${option.replace("-", " ")} \`${unknown}\`.${
        meant === undefined ? "" : ` Did you mean \`${meant}\`?`
      }`
    }
    if (wanted.length > 0) rows = rows.filter((row) => wanted.includes(row[key]))
  }
  return { ...matrix, rows }
}
