import { error, type Problem, warning } from "../problem.ts"
import { isLoopback } from "../schema/index.ts"
import type { Draft } from "./index.ts"

/** Who listens where, and where traffic may go unencrypted. */
export const checkAddresses = ({ file, plan }: Draft): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const taken = new Map<string, string>()
  const claim = (host: string, port: number, owner: string, path: Problem["path"]): void => {
    const key = `${host}:${port}`
    const first = taken.get(key)
    if (port !== 0 && first !== undefined) {
      problems.push(
        error(
          path,
          `${owner} and ${first} both listen on ${key}`,
          "a port has one owner",
          "give one of them another port"
        )
      )
    }
    if (first === undefined) taken.set(key, owner)
  }
  for (const { name, listen, tls, upstream, mode } of plan.pipelines) {
    const at = ["pipelines", name]
    claim(listen.host, listen.port, `pipeline \`${name}\``, [...at, "listen"])
    if (tls === "off" && !isLoopback(listen.host)) {
      const what = `\`tls: off\` is allowed on loopback only, and \`${listen.host}\` is none`
      problems.push(
        error([...at, "tls"], what, "tokens would cross the network in clear", "name a certificate and a key")
      )
    }
    if (upstream.tls === "off" && !isLoopback(upstream.host)) {
      const what = `\`tls: off\` is allowed on loopback only, and \`${upstream.host}\` is none`
      const why = "the gateway's credential and all data would cross the network in clear"
      problems.push(error([...at, "upstream", "tls"], what, why, "leave it out, or say `verify-full`"))
    }
    if (upstream.tls === "require") {
      const what = "`tls: require` encrypts and does not check who answers"
      const why = "whoever can divert traffic can pose as the upstream"
      problems.push(
        warning(
          [...at, "upstream", "tls"],
          what,
          why,
          "say `verify-full`, with `authority:` for an authority of your own"
        )
      )
    }
    if (upstream.tls !== "verify-full" && upstream.authority !== undefined) {
      problems.push(
        error(
          [...at, "upstream", "authority"],
          `\`authority\` has no effect with \`tls: ${upstream.tls}\``,
          undefined,
          "say `tls: verify-full`"
        )
      )
    }
    if (mode === "shadow") {
      const what = `pipeline \`${name}\` runs in shadow: it records what it would refuse, and lets it pass`
      problems.push(warning([...at, "mode"], what, "nothing is enforced here"))
    }
  }
  const { admin } = plan
  if (admin !== undefined) {
    const path = ["gateway", "admin", "listen"]
    claim(admin.host, admin.port, "the admin port", path)
    if (!isLoopback(admin.host)) {
      const why = "health and metrics are served without a login"
      problems.push(
        error(
          path,
          `the admin port is allowed on loopback only, and \`${admin.host}\` is none`,
          why,
          "listen on 127.0.0.1"
        )
      )
    }
  }
  if (Object.keys(file.pipelines).length === 0) {
    problems.push(
      error(
        ["pipelines"],
        "there is no pipeline",
        "a gateway without one does nothing",
        "add one; `sluice init` writes an example"
      )
    )
  }
  return problems
}
