import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { WorldPipeline } from "../world.ts"

/** Warns of answers that no plugin of a pipeline can carry out: they will be refusals. */
export const warnOfPlugins = (
  section: ResidencySection,
  pipelines: ReadonlyMap<string, WorldPipeline>,
  problems: Problems
): void => {
  const index = new Map(section.transfers.map((transfer, position) => [transfer.id, position]))
  for (const pipeline of pipelines.values()) {
    const seen = new Set<string>()
    for (const { transfers } of pipeline.dataSets) {
      for (const transfer of transfers) {
        if (seen.has(transfer.id)) continue
        seen.add(transfer.id)
        const path = ["residency", "transfers", index.get(transfer.id) ?? 0, "requires"]
        if (transfer.mask) warnOfOne(pipeline, "masking", path, `transfer ${transfer.id} requires mask`, problems)
        if (transfer.approve)
          warnOfOne(pipeline, "approval", path, `transfer ${transfer.id} requires approve`, problems)
      }
    }
    for (const { name, otherwise } of pipeline.dataSets) {
      if (otherwise !== "approve") continue
      warnOfOne(
        pipeline,
        "approval",
        ["residency", "data_sets", name, "otherwise"],
        `${name} says otherwise: approve`,
        problems
      )
    }
    if (section.unresolved === "approve") {
      warnOfOne(pipeline, "approval", ["residency", "unresolved"], "the file says unresolved: approve", problems)
    }
    for (const [position, rule] of section.rules.entries()) {
      const plugin = rule.then === "mask" ? "masking" : rule.then === "approve" ? "approval" : undefined
      if (plugin === undefined) continue
      warnOfOne(
        pipeline,
        plugin,
        ["residency", "rules", position, "then"],
        `rule ${rule.name} says ${rule.then}`,
        problems
      )
    }
    if (pipeline.mode === "shadow") {
      problems.warn(
        ["pipelines", pipeline.name],
        `${pipeline.name} is in shadow mode: nothing is refused, only recorded`,
        "Set mode: enforce once its receipts look right."
      )
    }
  }
}

const warnOfOne = (
  pipeline: WorldPipeline,
  plugin: "masking" | "approval",
  path: ReadonlyArray<string | number>,
  why: string,
  problems: Problems
): void => {
  if (pipeline.plugins.includes(plugin)) return
  problems.warn(
    path,
    `${why}, and pipeline ${pipeline.name} has no ${plugin} plugin: the answer is deny, ${plugin}_unavailable`,
    `Add { use: ${plugin} } to its plugins, after residency.`
  )
}

/** A count that ends with the process begins anew with the next one. */
export const warnOfForgetting = (section: ResidencySection, problems: Problems): void => {
  for (const [index, { id, subjects_max }] of section.transfers.entries()) {
    if (subjects_max === undefined) continue
    problems.warn(
      ["residency", "transfers", index, "subjects_max"],
      `${id} counts people, and there is nowhere to keep the count: it begins anew whenever the gateway starts`,
      "Add a state service: `state: { use: sqlite, with: { path: ./sluice.db } }` under `services`."
    )
  }
}
