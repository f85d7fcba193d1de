import { createPrivateKey, X509Certificate } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import type { PipelinePlan } from "../../core/gateway/index.ts"
import { error, type Path, type Problem, warning } from "../problem.ts"
import { absolute } from "../site.ts"
import type { Draft } from "./index.ts"

/**
 * The files that the plan will need. A missing one is a warning here, because a file is often checked where its
 * certificates are not; `up` refuses to start without them. One that is there and wrong is an error everywhere.
 */
export const checkFiles = (draft: Draft): ReadonlyArray<Problem> => [
  ...draft.plan.pipelines.flatMap((
    pipeline
  ) => [...listener(pipeline), ...authority(pipeline), ...credential(pipeline, draft)]),
  ...draft.parts.list.flatMap((part) => optionFiles(part.path, part.config, draft))
]

const remedy = "`sluice up` will not start without it"

const listener = ({ name, tls }: PipelinePlan): ReadonlyArray<Problem> => {
  if (tls === "off") return []
  const at: Path = ["pipelines", name, "tls"]
  const certificate = readCertificate([...at, "certificate"], tls.certificate)
  const key = readKey([...at, "key"], tls.key)
  const clients = tls.clientAuthority === undefined
    ? []
    : readCertificate([...at, "client_authority"], tls.clientAuthority).problems
  const problems = [...certificate.problems, ...key.problems, ...clients]
  if (certificate.value === undefined || key.value === undefined) return problems
  if (certificate.value.checkPrivateKey(key.value)) return problems
  return [
    ...problems,
    error(
      [...at, "key"],
      "the key does not belong to the certificate",
      undefined,
      "name the key that the certificate was made with"
    )
  ]
}

const authority = ({ name, upstream }: PipelinePlan): ReadonlyArray<Problem> =>
  upstream.authority === undefined
    ? []
    : readCertificate(["pipelines", name, "upstream", "authority"], upstream.authority).problems

interface Read<A> {
  readonly value: A | undefined
  readonly problems: ReadonlyArray<Problem>
}

const readCertificate = (path: Path, file: string): Read<X509Certificate> =>
  readPem(path, file, "certificate", (pem) => new X509Certificate(pem), (certificate) => {
    if (new Date(certificate.validTo).getTime() > Date.now()) return []
    return [
      warning(
        path,
        `the certificate expired on ${new Date(certificate.validTo).toISOString().slice(0, 10)}`,
        "clients will refuse it",
        "renew it"
      )
    ]
  })

const readKey = (path: Path, file: string) =>
  readPem(path, file, "private key", (pem) => createPrivateKey(pem), () => [])

const readPem = <A>(
  path: Path,
  file: string,
  noun: string,
  parse: (pem: Buffer) => A,
  judge: (value: A) => ReadonlyArray<Problem>
): Read<A> => {
  if (!existsSync(file))
    return { value: undefined, problems: [warning(path, `there is no file ${file}`, undefined, remedy)] }
  try {
    const value = parse(readFileSync(file))
    return { value, problems: judge(value) }
  } catch {
    return { value: undefined, problems: [error(path, `${file} holds no ${noun} in PEM that can be read`)] }
  }
}

/** Only the environment can be looked into without opening anything. */
const credential = ({ name, upstream }: PipelinePlan, { plan, parts }: Draft): ReadonlyArray<Problem> => {
  const declared = parts.list.find((part) => part.kind === "service" && part.path[1] === "secrets")
  const fromEnvironment = declared === undefined
    ? plan.services.some((one) => one.service.name === "env")
    : declared.use === "env"
  const prefix = (declared?.config as { readonly prefix?: unknown } | undefined)?.prefix
  const { byGroup, catalogue, otherwise } = upstream.credential
  const names = new Set([
    catalogue,
    ...byGroup.map(([, secret]) => secret),
    ...(otherwise === undefined ? [] : [otherwise])
  ])
  if (!fromEnvironment) return []
  return [...names].map((secret) => `${typeof prefix === "string" ? prefix : ""}${secret}`)
    .filter((variable) => process.env[variable] === undefined)
    .map((variable) =>
      warning(
        ["pipelines", name, "upstream", "credential"],
        `the environment has no variable ${variable}`,
        "no session that needs it could be opened here",
        "set it to `user:password` where `sluice up` runs"
      )
    )
}

/** By convention an option that names a file ends in `_file`. */
const optionFiles = (path: Path, config: unknown, { directory }: Draft): ReadonlyArray<Problem> => {
  if (typeof config !== "object" || config === null) return []
  return Object.entries(config).flatMap(([key, value]) => {
    if (!key.endsWith("_file") || typeof value !== "string" || existsSync(absolute(directory, value))) return []
    return [warning([...path, "with", key], `there is no file ${absolute(directory, value)}`, undefined, remedy)]
  })
}
