import type { Arguments, Option, Surroundings } from "../command.ts"
import { builtins } from "../builtins.ts"
import { discover } from "../discover.ts"
import { planFile } from "../plan.ts"
import { isResource } from "../schema/index.ts"
import type { Shelf } from "./shelf.ts"

/** At whom a person logs in, and as which client. */
export interface LoginTarget {
  /** As tokens name it (`iss`). */
  readonly issuer: string
  readonly clientId: string
  /** Separated by spaces. */
  readonly scope: string
  /** Which of the issuer's tokens the gateway is shown. */
  readonly token: "access" | "id"
  /** What the token is for, as an absolute URI (RFC 8707), for issuers that want to be told. */
  readonly resource?: string
  /** The same in a parameter of their own, for issuers that have one (Auth0). */
  readonly audience?: string
}

/** How every command that needs a login can be told which one. */
export const targetOptions: Readonly<Record<string, Option>> = {
  issuer: { type: "string", value: "URL", about: "who issues the tokens, as they name it; the file's unless told" },
  "client-id": { type: "string", value: "ID", about: "what the issuer calls this command; the file's unless told" },
  scope: { type: "string", value: "TEXT", about: "what to ask for, separated by spaces (openid)" },
  resource: { type: "string", value: "URI", about: "what the token is for, where the issuer asks that (RFC 8707)" },
  audience: { type: "string", value: "TEXT", about: "the same, where the issuer has a parameter of its own (Auth0)" },
  "id-token": { type: "boolean", about: "keep the ID token, where the issuer's access tokens are not for gateways" },
  config: { type: "string", value: "FILE", about: "the operator's file, where it is at hand" }
}

/** The login that the flags name, else the file, else the only one that is kept; or why none of them does. */
export const targetOf = async (args: Arguments, io: Surroundings, shelf: Shelf): Promise<LoginTarget | string> => {
  const [issuer, clientId] = [args.text("issuer"), args.text("client-id")]
  const told = args.text("config")
  const complete = issuer !== undefined && clientId !== undefined
  const filed = complete && told === undefined ? undefined : await fromFile(io.directory, told)
  if (typeof filed === "string") return filed
  const kept = complete || filed !== undefined ? [] : (await shelf.all()).map((one) => one.target)
    .filter((one) => (issuer ?? one.issuer) === one.issuer && (clientId ?? one.clientId) === one.clientId)
  if (kept.length > 1) return "several logins are kept: say which with --issuer and --client-id."
  const base = filed ?? kept[0]
  const found = {
    issuer: issuer ?? base?.issuer,
    clientId: clientId ?? base?.clientId,
    scope: args.text("scope") ?? base?.scope ?? "openid",
    token: args.flag("id-token") ? "id" as const : base?.token ?? "access" as const,
    ...optional("resource", args.text("resource") ?? base?.resource),
    ...optional("audience", args.text("audience") ?? base?.audience)
  }
  if (found.issuer === undefined || found.clientId === undefined) {
    return "who issues the tokens? Give --issuer URL and --client-id ID, as your operator says, or run it in the "
      + "folder of a file with `gateway: { login: { client_id: … } }`."
  }
  return faultOf(found.issuer) ?? resourceFault(found.resource)
    ?? { ...found, issuer: found.issuer, clientId: found.clientId }
}

const fromFile = async (directory: string, told: string | undefined): Promise<LoginTarget | string | undefined> => {
  const found = await discover(directory, told)
  if ("_tag" in found) return told === undefined ? undefined : found.message
  const { file, plan } = await planFile(found, builtins)
  const login = file?.gateway.login
  if (login === undefined) {
    return told === undefined ? undefined : `${found.document.file} has no \`gateway.login\` that could be read.`
  }
  const issuers = plan?.policy.issuers ?? []
  const issuer = login.issuer ?? (issuers.length === 1 ? issuers[0] : undefined)
  if (issuer === undefined) {
    return `${found.document.file} trusts several issuers, or is not valid: name one in `
      + "`gateway.login.issuer`, or run `sluice check`."
  }
  return {
    issuer,
    clientId: login.client_id,
    scope: login.scope,
    token: login.token,
    ...optional("resource", login.resource),
    ...optional("audience", login.audience)
  }
}

const optional = <K extends string>(name: K, value: string | undefined): { readonly [key in K]?: string } =>
  value === undefined ? {} : { [name]: value } as { readonly [key in K]: string }

const resourceFault = (resource: string | undefined): string | undefined =>
  resource === undefined || isResource(resource) ? undefined : "--resource is an absolute URI without a fragment."

/** Plain HTTP is for an issuer on this machine: elsewhere somebody in between would hand out the token. */
const faultOf = (issuer: string): string | undefined => {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isHere(url.hostname))) return undefined
  return "the issuer must be an https:// address (http:// on the loopback only)."
}

const isHere = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127(?:\.\d+){3}$/.test(host)
