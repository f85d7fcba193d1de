import { error, type Problem, warning } from "../problem.ts"
import { isLoopback } from "../schema/index.ts"
import type { Draft } from "./index.ts"

type Plan = Draft["plan"]
type Claim = (host: string, port: number, owner: string, path: Problem["path"]) => ReadonlyArray<Problem>

/** Who listens where, and where traffic may go unencrypted. */
export const checkAddresses = ({ file, plan }: Draft): ReadonlyArray<Problem> => {
  const claim = claims()
  return [
    ...plan.pipelines.flatMap((pipeline) => checkPipeline(pipeline, claim)),
    ...checkAdmin(plan.admin, claim),
    ...(Object.keys(file.pipelines).length > 0 ? [] : [
      error(
        ["pipelines"],
        "there is no pipeline",
        "a gateway without one does nothing",
        "add one; `sluice init` writes an example"
      )
    ])
  ]
}

/** Remembers who listens where, and reports whoever comes second. Port 0 is any free one. */
const claims = (): Claim => {
  const taken = new Map<string, string>()
  return (host, port, owner, path) => {
    const key = `${host}:${port}`
    const first = taken.get(key)
    if (first === undefined) taken.set(key, owner)
    if (port === 0 || first === undefined) return []
    const what = `${owner} and ${first} both listen on ${key}`
    return [error(path, what, "a port has one owner", "give one of them another port")]
  }
}

const checkPipeline = (pipeline: Plan["pipelines"][number], claim: Claim): ReadonlyArray<Problem> => {
  const { listen, mode, name, tls } = pipeline
  const at = ["pipelines", name]
  const problems = [...claim(listen.host, listen.port, `pipeline \`${name}\``, [...at, "listen"])]
  if (tls === "off" && !isLoopback(listen.host)) {
    const what = `\`tls: off\` is allowed on loopback only, and \`${listen.host}\` is none`
    problems.push(
      error([...at, "tls"], what, "tokens would cross the network in clear", "name a certificate and a key")
    )
  }
  problems.push(...checkUpstream(pipeline))
  if (mode === "shadow") {
    const what = `pipeline \`${name}\` runs in shadow: it records what it would refuse, and lets it pass`
    problems.push(warning([...at, "mode"], what, "nothing is enforced here"))
  }
  return problems
}

const checkUpstream = ({ name, upstream }: Plan["pipelines"][number]): ReadonlyArray<Problem> => {
  const at = ["pipelines", name, "upstream"]
  const problems: Array<Problem> = []
  if (upstream.tls === "off" && !isLoopback(upstream.host)) {
    const what = `\`tls: off\` is allowed on loopback only, and \`${upstream.host}\` is none`
    const why = "the gateway's credential and all data would cross the network in clear"
    problems.push(error([...at, "tls"], what, why, "leave it out, or say `verify-full`"))
  }
  if (upstream.tls === "require") {
    const what = "`tls: require` encrypts and does not check who answers"
    const why = "whoever can divert traffic can pose as the upstream"
    const remedy = "say `verify-full`, with `authority:` for an authority of your own"
    problems.push(warning([...at, "tls"], what, why, remedy))
  }
  if (upstream.tls !== "verify-full" && upstream.authority !== undefined) {
    const what = `\`authority\` has no effect with \`tls: ${upstream.tls}\``
    problems.push(error([...at, "authority"], what, undefined, "say `tls: verify-full`"))
  }
  return problems
}

const checkAdmin = (admin: Plan["admin"], claim: Claim): ReadonlyArray<Problem> => {
  if (admin === undefined) return []
  const path = ["gateway", "admin", "listen"]
  const problems = [...claim(admin.host, admin.port, "the admin port", path)]
  if (!isLoopback(admin.host)) {
    const what = `the admin port is allowed on loopback only, and \`${admin.host}\` is none`
    problems.push(error(path, what, "health and metrics are served without a login", "listen on 127.0.0.1"))
  }
  return problems
}
