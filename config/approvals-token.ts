import { readFileSync } from "node:fs"
import type { Arguments, Surroundings } from "./command.ts"
import { freshLogin } from "./login/fresh.ts"
import { LoginFailed } from "./login/login-failed.ts"
import { Shelf } from "./login/shelf.ts"
import type { OpenedPlan } from "./open-file.ts"
import { absolute } from "./site.ts"

/** A token that somebody brings to the desk. */
export interface BroughtToken {
  readonly token: string
  /** Nobody named it: it is the one that `sluice login` keeps. */
  readonly kept: boolean
}

/**
 * Who comes to the desk: by the file that `--token-file` names, else by SLUICE_TOKEN, else by the login that `sluice
 * login` keeps at an issuer that the file trusts, renewed if need be. A text: why nobody does.
 */
export const broughtToken = async (
  args: Arguments,
  io: Surroundings,
  opened: OpenedPlan
): Promise<BroughtToken | string> => {
  const file = args.text("token-file")
  if (file !== undefined) {
    const token = readText(absolute(io.directory, file))?.trim()
    return token === undefined || token === ""
      ? `who are you? ${file} holds no token that can be read.`
      : { token, kept: false }
  }
  const given = process.env["SLUICE_TOKEN"]?.trim()
  if (given !== undefined && given !== "") return { token: given, kept: false }
  try {
    return await keptToken(opened)
  } catch (cause) {
    if (cause instanceof LoginFailed) return cause.message
    throw cause
  }
}

const keptToken = async ({ file, plan }: OpenedPlan): Promise<BroughtToken | string> => {
  const { issuers } = plan.policy
  const { login } = file.gateway
  const shelf = new Shelf()
  const logins = (await shelf.all()).map(({ target }) => target).filter(({ clientId, issuer }) =>
    issuers.includes(issuer)
    && (login === undefined || (login.client_id === clientId && (login.issuer ?? issuer) === issuer))
  )
  const [target] = logins
  if (target === undefined) {
    return "who are you? Log in (sluice login), put a token of your own into SLUICE_TOKEN, or name its file: "
      + "--token-file."
  }
  if (logins.length > 1) {
    return "several logins of yours are kept, and the file trusts the issuers of all: say which it is meant for with "
      + "`gateway: { login: { client_id: …, issuer: … } }`, or put its token into SLUICE_TOKEN."
  }
  return { token: (await freshLogin(shelf, target)).token, kept: true }
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
