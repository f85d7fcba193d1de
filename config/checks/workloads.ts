import type { PipelinePlan } from "../../core/gateway/index.ts"
import { Principal } from "../../core/plugin/index.ts"
import { error, type Path, type Problem, warning } from "../problem.ts"

/**
 * Logins by certificate take three words that must fit: whom the listener trusts to sign (`client_authority`), whose
 * workloads these are (`trust_domain`), and that a certificate alone is a login (`client_certificate: login`).
 */
export const workloads = (pipeline: PipelinePlan): ReadonlyArray<Problem> => {
  const at = pipeline.plugins.findIndex(({ plugin }) =>
    plugin.provides.some(({ key }: { readonly key: string }) => key === Principal.key)
  )
  const domain = optionOf(pipeline.plugins[at]?.config, "trust_domain")
  const path: Path = ["pipelines", pipeline.name]
  const signed = pipeline.tls !== "off" && pipeline.tls.clientAuthority !== undefined
  if (domain !== undefined && !signed) {
    return [
      error(
        [...path, "plugins", at, "with", "trust_domain"],
        `pipeline \`${pipeline.name}\` asks no client for a certificate`,
        "workloads are known by certificates that the listener has checked, so none could log in",
        "add `client_authority` under the pipeline's `tls`, or remove `trust_domain`"
      )
    ]
  }
  if (domain !== undefined || optionOf(pipeline.protocolConfig, "client_certificate") !== "login") return []
  return [
    warning(
      [...path, "protocol", "with", "client_certificate"],
      `pipeline \`${pipeline.name}\` takes certificates as logins, and no plugin says whose workloads they name`,
      "whoever shows a certificate is refused, also with a token",
      "add `trust_domain` to `identity`, or leave this at `with_password`"
    )
  ]
}

const optionOf = (config: unknown, name: string): unknown =>
  typeof config === "object" && config !== null ? (config as Readonly<Record<string, unknown>>)[name] : undefined
