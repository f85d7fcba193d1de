import type { Endpoint, PipelinePlan } from "../../core/gateway/index.ts"
import { error, type Path, type Problem, warning } from "../problem.ts"
import { isLoopback } from "../schema/index.ts"
import type { Draft } from "./index.ts"

/** Who listens where, and where traffic may go unencrypted. */
export const checkAddresses = ({ plan }: Draft): ReadonlyArray<Problem> => [
  ...plan.pipelines.flatMap((pipeline) => [...listener(pipeline), ...upstream(pipeline), ...mode(pipeline)]),
  ...admin(plan.admin),
  ...collisions([
    ...plan.pipelines.map(({ listen, name }): Claim => ({
      ...listen,
      owner: `pipeline \`${name}\``,
      path: ["pipelines", name, "listen"]
    })),
    ...(plan.admin === undefined ? [] : [{ ...plan.admin, owner: "the admin port", path: adminPath }])
  ]),
  ...(plan.pipelines.length > 0 ? [] : [noPipeline])
]

const noPipeline = error(
  ["pipelines"],
  "there is no pipeline",
  "a gateway without one does nothing",
  "add one; `sluice init` writes an example"
)

const onLoopbackOnly = (host: string): string => `\`tls: off\` is allowed on loopback only, and \`${host}\` is none`

const listener = ({ listen, name, tls }: PipelinePlan): ReadonlyArray<Problem> => {
  if (tls !== "off" || isLoopback(listen.host)) return []
  const why = "tokens would cross the network in clear"
  return [error(["pipelines", name, "tls"], onLoopbackOnly(listen.host), why, "name a certificate and a key")]
}

const upstream = ({ name, upstream: { authority, host, tls } }: PipelinePlan): ReadonlyArray<Problem> => {
  const at: Path = ["pipelines", name, "upstream"]
  const problems: Array<Problem> = []
  if (tls === "off" && !isLoopback(host)) {
    const why = "the gateway's credential and all data would cross the network in clear"
    problems.push(error([...at, "tls"], onLoopbackOnly(host), why, "leave it out, or say `verify-full`"))
  }
  if (tls === "require") {
    const what = "`tls: require` encrypts and does not check who answers"
    const why = "whoever can divert traffic can pose as the upstream"
    const remedy = "say `verify-full`, with `authority:` for an authority of your own"
    problems.push(warning([...at, "tls"], what, why, remedy))
  }
  if (tls !== "verify-full" && authority !== undefined) {
    const what = `\`authority\` has no effect with \`tls: ${tls}\``
    problems.push(error([...at, "authority"], what, undefined, "say `tls: verify-full`"))
  }
  return problems
}

const mode = ({ mode, name }: PipelinePlan): ReadonlyArray<Problem> => {
  if (mode === "enforce") return []
  const what = `pipeline \`${name}\` runs in shadow: it records what it would refuse, and lets it pass`
  return [warning(["pipelines", name, "mode"], what, "nothing is enforced here")]
}

const adminPath: Path = ["gateway", "admin", "listen"]

const admin = (endpoint: Endpoint | undefined): ReadonlyArray<Problem> => {
  if (endpoint === undefined || isLoopback(endpoint.host)) return []
  const what = `the admin port can be reached from elsewhere: \`${endpoint.host}\` is no loopback address`
  const why = "health and metrics are served without a login"
  return [warning(adminPath, what, why, "listen on 127.0.0.1, or let only probes and collectors reach it")]
}

interface Claim extends Endpoint {
  readonly owner: string
  readonly path: Path
}

/** Two who want one port. An address of all interfaces takes the port on each of them. */
const collisions = (claims: ReadonlyArray<Claim>): ReadonlyArray<Problem> =>
  claims.flatMap(({ host, owner, path, port }, index) => {
    const first = claims.slice(0, index).find((other) =>
      port !== 0 && other.port === port && (other.host === host || isEverywhere(other.host) || isEverywhere(host))
    )
    if (first === undefined) return []
    const what = `${owner} and ${first.owner} both listen on port ${port} of ${host}`
    return [error(path, what, "a port has one owner", "give one of them another port")]
  })

const isEverywhere = (host: string): boolean => host === "0.0.0.0" || host === "::"
