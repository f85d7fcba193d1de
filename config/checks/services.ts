import { isDeepStrictEqual } from "node:util"
import { Callers, Policy, Receipt, State } from "../../core/plugin/index.ts"
import { error, type Problem, warning } from "../problem.ts"
import type { Draft } from "./index.ts"
import { declarations } from "./declarations.ts"

/** No two services provide the same, and none provides what is the gateway's own. */
export const checkServices = ({ plan }: Draft): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const providers = new Map<string, string>()
  for (const { name, service } of plan.services) {
    const { key } = service.provides
    const first = providers.get(key)
    const path = ["services", name, "use"]
    if (first !== undefined) {
      const what = `\`services.${name}\` and \`services.${first}\` both provide ${brief(key)}`
      problems.push(error(path, what, "plugins would not know which to ask", "remove one of them"))
    }
    if (key === Policy.key) {
      problems.push(
        error(
          path,
          `\`services.${name}\` provides the policy`,
          "the policy is this file, and the gateway serves it",
          "remove it"
        )
      )
    }
    if (first === undefined) providers.set(key, name)
  }
  return [...problems, ...lacking(plan), ...readAlike(plan)]
}

/** Whoever approves is read from a token as whoever asks is: otherwise one person could pass for two. */
const readAlike = (plan: Draft["plan"]): ReadonlyArray<Problem> => {
  const callers = plan.services.find(({ service }) => service.provides.key === Callers.key)
  if (callers === undefined) return []
  return plan.pipelines.flatMap(({ name, plugins }) =>
    plugins.flatMap(({ config, plugin, use }, index) => {
      if (use !== "identity" || plugin.name !== "identity" || isDeepStrictEqual(config, callers.config)) return []
      return [
        error(
          ["pipelines", name, "plugins", index],
          `\`identity\` of pipeline \`${name}\` reads tokens otherwise than the service \`callers\` does`,
          "approvers would be known by other names than those who ask, and could pass for somebody else",
          "give `services.callers: { use: callers, with: … }` the same options"
        )
      ]
    })
  )
}

/** What a service builds on must be there, too. */
const lacking = (plan: Draft["plan"]): ReadonlyArray<Problem> => {
  const known = new Set([Policy.key, ...plan.services.map(({ service }) => service.provides.key as string)])
  return plan.services.flatMap(({ name, service }) =>
    (service.requires ?? []).filter(({ key }) => !known.has(key)).map(({ key }) => {
      const declaration = declarations[key]
      const remedy = declaration === undefined
        ? "declare one under `services:`"
        : `add under \`services:\` \`${declaration}\``
      const what = `the service \`${name}\` needs the service ${brief(key)}, and none is declared`
      return error(["services"], what, undefined, remedy)
    })
  )
}

/** Whoever asks for labels wants them to outlive a restart: a gateway that forgets them lets out what it kept. */
export const checkState = ({ file, plan }: Draft): ReadonlyArray<Problem> => {
  const judges = plan.pipelines.some(({ plugins }) =>
    plugins.some(({ plugin }) => plugin.provides.some(({ key }: { readonly key: string }) => key === Receipt.key))
  )
  const { taint } = (file.residency ?? {}) as { readonly taint?: { readonly mode?: string } }
  if (!judges || taint === undefined || taint.mode === "off") return []
  if (plan.services.some(({ service }) => service.provides.key === State.key)) return []
  return [
    warning(
      ["residency", "taint"],
      "no `state` is declared, so what runs have seen is forgotten when the gateway stops",
      "after a restart an agent could write where it may not",
      "add `state: { use: sqlite, with: { path: ./sluice.db } }`"
    )
  ]
}

/** `sluice/services/Ledger` as people say it: the ledger. */
export const brief = (key: string): string => {
  const last = key.split("/").at(-1) ?? key
  return key.startsWith("sluice/") ? `\`${last.toLowerCase()}\`` : `\`${key}\``
}
