import { readFileSync } from "node:fs"
import type { Protocol } from "../../core/protocol/index.ts"
import { builtins } from "../builtins.ts"
import type { Arguments, Surroundings } from "../command.ts"
import { discover } from "../discover.ts"
import { planFile } from "../plan.ts"
import { isLoopback, parseAddress } from "../schema/index.ts"
import { absolute } from "../site.ts"

/** The gateway's side of a pipeline, as clients reach it. */
export interface ConnectTarget {
  readonly host: string
  readonly port: number
  readonly tls: "off" | "required"
  readonly authority: string | undefined
  readonly protocol: Protocol
}

/** The pipeline's listener, as the flags say it, else the file; or why it is not known. */
export const connectTarget = async (args: Arguments, io: Surroundings): Promise<ConnectTarget | string> => {
  const pipeline = args.positionals[0]!
  const told = args.text("gateway")
  const filed = told === undefined || args.text("config") !== undefined
    ? await fromFile(pipeline, args, io)
    : undefined
  if (typeof filed === "string") return filed
  const at = told === undefined ? filed!.listen : parseAddress(told, false)
  if (at === undefined) return "--gateway is `host:port`, such as gateway.internal:6432."
  if (at.port === undefined || at.port === 0 || at.host === "0.0.0.0" || at.host === "::") {
    return "the file does not say where the gateway is reached: name it with --gateway HOST:PORT."
  }
  const tls = args.flag("cleartext") || (told === undefined && filed!.tls === "off") ? "off" : "required"
  if (tls === "off" && !isLoopback(at.host)) {
    return "a token is sent in clear on the loopback only: leave out --cleartext."
  }
  const authority = readAuthority(args, io)
  if (authority?._tag === "Unreadable") return "--authority names no file of PEM certificates."
  const protocol = filed?.protocol ?? await builtins.protocols["postgres"]!()
  if (protocol.connector === undefined) return `clients of ${protocol.name} bring their token themselves.`
  return { host: at.host, port: at.port, tls, authority: authority?.pem, protocol }
}

const fromFile = async (pipeline: string, args: Arguments, io: Surroundings) => {
  const found = await discover(io.directory, args.text("config"))
  if ("_tag" in found) return `where is the gateway? Name it with --gateway HOST:PORT. ${found.message}`
  const { plan } = await planFile(found, builtins)
  if (plan === undefined) return `${found.document.file} is not valid: see \`sluice check\`.`
  const planned = plan.pipelines.find(({ name }) => name === pipeline)
  return planned
    ?? `the file has no pipeline ${pipeline}. It has: ${plan.pipelines.map(({ name }) => name).join(", ")}.`
}

const readAuthority = (args: Arguments, io: Surroundings) => {
  const path = args.text("authority")
  if (path === undefined) return undefined
  try {
    const pem = readFileSync(absolute(io.directory, path), "utf8")
    return pem.includes("-----BEGIN CERTIFICATE-----")
      ? { _tag: "Read" as const, pem }
      : { _tag: "Unreadable" as const, pem: undefined }
  } catch {
    return { _tag: "Unreadable" as const, pem: undefined }
  }
}
