import type { Plan } from "../../core/gateway/plan.ts"
import type { ResidencySection } from "../../plugins/residency/index.ts"
import type { Headings } from "./table.ts"

/** What the file says of its pipelines and data sets, in a line each. */
export const headingsOf = (plan: Plan): Headings => {
  const { data_sets: sets } = plan.policy.residency as typeof ResidencySection.Type
  return {
    pipeline: (name) => {
      const pipeline = plan.pipelines.find((one) => one.name === name)
      if (pipeline === undefined) return ""
      return `upstream at ${pipeline.upstream.at}${pipeline.mode === "shadow" ? ", in shadow mode: all passes" : ""}`
    },
    home: (name) => sets[name]?.home.join(", ") ?? "",
    dataSet: (name) => {
      const set = sets[name]
      if (set === undefined) return name === "everything" ? "what could not be resolved" : "what is in no data set"
      const shadow = set.mode === "shadow" ? ["in shadow mode"] : []
      return [`home ${set.home.join(", ")}`, ...set.classes, ...shadow].join(", ")
    }
  }
}
