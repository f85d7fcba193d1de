import type { PipelinePlan } from "../../core/gateway/index.ts"
import { Any } from "../../core/family/index.ts"
import {
  type Capability,
  Ledger,
  type Plugin,
  Policy,
  Principal,
  Protection,
  Receipt
} from "../../core/plugin/index.ts"
import { error, type Path, type Problem, warning } from "../problem.ts"
import { declarations } from "./declarations.ts"
import type { Draft } from "./index.ts"
import { brief } from "./services.ts"
import { workloads } from "./workloads.ts"

/** Whether the plugins of each pipeline fit its protocol, the services, and each other. */
export const checkPipelines = (draft: Draft): ReadonlyArray<Problem> =>
  draft.plan.pipelines.flatMap((pipeline) => [
    ...families(pipeline),
    ...names(pipeline),
    ...capabilities(pipeline, new Set([Policy.key, ...draft.plan.services.map(({ service }) => service.provides.key)])),
    ...providers(pipeline),
    ...identified(pipeline),
    ...order(pipeline),
    ...judged(pipeline, draft),
    ...failingOpen(pipeline),
    ...cautions(pipeline),
    ...workloads(pipeline)
  ])

const pathOf = (pipeline: PipelinePlan, index: number): Path => ["pipelines", pipeline.name, "plugins", index]
const key = (capability: Capability): string => capability.key
const requires = (plugin: Plugin, what: Capability): boolean =>
  plugin.requires.some((one: Capability) => key(one) === key(what))
const provides = (plugin: Plugin, what: Capability): boolean =>
  plugin.provides.some((one: Capability) => key(one) === key(what))

const families = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ plugin, use }, index) => {
    const wants = plugin.family.name
    const has = pipeline.protocol.family.name
    if (wants === has || wants === Any.name) return []
    const what = `\`${use}\` is for \`${wants}\` protocols; \`${pipeline.protocol.name}\` is a \`${has}\` one`
    return [
      error(
        [...pathOf(pipeline, index), "use"],
        what,
        "it would not understand what is asked",
        "remove it from this pipeline"
      )
    ]
  })

/** What plugins say of their own options. */
const cautions = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ config, plugin }, index) =>
    (plugin.cautions?.(config) ?? []).map((what: string) => warning([...pathOf(pipeline, index), "with"], what))
  )

const names = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ plugin }, index) => {
    const first = pipeline.plugins.findIndex((other) => other.plugin.name === plugin.name)
    if (first === index) return []
    const what = `the plugin \`${plugin.name}\` stands twice in this pipeline: also at number ${first + 1}`
    return [
      error(
        [...pathOf(pipeline, index), "use"],
        what,
        "logs and measures name plugins, and could not tell them apart",
        "remove one"
      )
    ]
  })

/** Facts come from a plugin further up; services from `services:`. */
const capabilities = (pipeline: PipelinePlan, services: ReadonlySet<string>): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const known = new Set<string>()
  for (const [index, { plugin, use }] of pipeline.plugins.entries()) {
    const path = [...pathOf(pipeline, index), "use"]
    for (const needed of plugin.requires as ReadonlyArray<Capability>) {
      if (typeof needed === "function" || "of" in needed) {
        if (!services.has(key(needed))) problems.push(lacksService(path, use, key(needed)))
      } else if (!known.has(key(needed))) {
        problems.push(lacksFact(pipeline, path, use, needed))
      }
    }
    for (const fact of plugin.provides as ReadonlyArray<Capability>) known.add(key(fact))
  }
  return problems
}

const lacksService = (path: Path, use: string, wanted: string): Problem => {
  const declaration = declarations[wanted]
  const remedy = declaration === undefined
    ? "declare one under `services:`"
    : `add under \`services:\` \`${declaration}\``
  return error(path, `\`${use}\` needs the service ${brief(wanted)}, and none is declared`, undefined, remedy)
}

const lacksFact = (pipeline: PipelinePlan, path: Path, use: string, fact: Capability): Problem => {
  const later = pipeline.plugins.find(({ plugin }) => provides(plugin, fact))
  const name = brief(key(fact))
  if (later !== undefined) {
    const what = `\`${use}\` needs the fact ${name}, which \`${later.use}\` provides only further down`
    return error(path, what, "questions go down the list", `move \`${later.use}\` above \`${use}\``)
  }
  const usual: Readonly<Record<string, string>> = {
    [Principal.key]: "identity",
    [Receipt.key]: "residency",
    [Protection.key]: "residency"
  }
  const who = usual[key(fact)]
  const remedy = who === undefined ? "add a plugin that provides it above" : `add \`{ use: ${who} }\` above`
  return error(path, `\`${use}\` needs the fact ${name}, and no plugin above provides it`, undefined, remedy)
}

/** What one plugin learned is not for another to say again: who reads it could not tell whose word it goes by. */
const providers = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ plugin, use }, index) =>
    (plugin.provides as ReadonlyArray<Capability>).flatMap((fact) => {
      const first = pipeline.plugins.slice(0, index).find((other) => provides(other.plugin, fact))
      if (first === undefined || first.plugin.name === plugin.name) return []
      return [
        error(
          [...pathOf(pipeline, index), "use"],
          `\`${use}\` provides the fact ${brief(key(fact))}, which \`${first.use}\` above provides already`,
          "whoever reads it below would go by the second instead of the first",
          "remove one of the two"
        )
      ]
    })
  )

/** No pipeline lets anyone in without knowing who it is. There is no exception. */
const identified = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.some(({ plugin }) => provides(plugin, Principal)) ? [] : [
    error(
      ["pipelines", pipeline.name, "plugins"],
      `no plugin of pipeline \`${pipeline.name}\` says who is calling`,
      "every login would be refused: nothing here serves callers it does not know",
      "add `{ use: identity }` as the first plugin"
    )
  ]

const isRecorder = (plugin: Plugin): boolean => requires(plugin, Ledger)
/** What patches answers by `Protection`, and keeps no ledger, is a mask: a recorder may ask for the fact as well. */
const isMask = (plugin: Plugin): boolean =>
  plugin.name === "masking" || requires(plugin, Protection) && !isRecorder(plugin)

/** A recorder stands below every mask, so that the list reads as it works: what is recorded is what the client sees. */
const order = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ plugin, use }, index) => {
    if (!isRecorder(plugin)) return []
    const mask = pipeline.plugins.slice(index + 1).find((below) => isMask(below.plugin))
    if (mask === undefined) return []
    const what = `\`${use}\` stands above \`${mask.use}\`, as if it saw answers before they are masked`
    const why = "a recording must hold what the client saw, and never more"
    return [error([...pathOf(pipeline, index), "use"], what, why, `move \`${use}\` below \`${mask.use}\``)]
  })

/** A policy needs the plugin that judges by it, and the plugin a policy. */
const judged = (pipeline: PipelinePlan, { file }: Draft): ReadonlyArray<Problem> => {
  const judge = pipeline.plugins.findIndex(({ plugin }) => provides(plugin, Receipt))
  const path: Path = ["pipelines", pipeline.name, "plugins"]
  if (judge >= 0 && file.residency === undefined) {
    const why = "without a policy everything is refused"
    return [error([...path, judge, "use"], "the file has no `residency:` section", why, "add `residency:`")]
  }
  if (judge >= 0 || file.residency === undefined) return []
  const what = `pipeline \`${pipeline.name}\` has no \`residency\` plugin, so \`residency:\` does not hold there`
  const remedy = "add `{ use: residency }` after `identity`"
  return [warning(path, what, "the policy is written and judges nothing here", remedy)]
}

/** Failing open takes two: the plugin that says it may, and the operator who says it shall. */
const failingOpen = (pipeline: PipelinePlan): ReadonlyArray<Problem> =>
  pipeline.plugins.flatMap(({ plugin, use, onError }, index) => {
    if (onError === "deny") return []
    const path = [...pathOf(pipeline, index), "on_error"]
    return plugin.mayFailOpen === true
      ? [
        warning(
          path,
          `a fault in \`${use}\` lets operations pass`,
          "its author and this file both say so; every use is counted"
        )
      ]
      : [
        error(
          path,
          `\`${use}\` does not declare that it may fail open`,
          "what it guards would go unguarded on a fault",
          "remove `on_error`"
        )
      ]
  })
