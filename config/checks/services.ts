import { Policy } from "../../core/plugin/index.ts"
import { error, type Problem } from "../problem.ts"
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
  return [...problems, ...lacking(plan)]
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

/** `sluice/services/Ledger` as people say it: the ledger. */
export const brief = (key: string): string => {
  const last = key.split("/").at(-1) ?? key
  return key.startsWith("sluice/") ? `\`${last.toLowerCase()}\`` : `\`${key}\``
}
