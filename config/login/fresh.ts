import * as oidc from "openid-client"
import { findIssuer, keep, resourceOf, saying } from "./issuer-client.ts"
import { LoginFailed } from "./login-failed.ts"
import type { LoginTarget } from "./login-target.ts"
import type { Kept, Shelf } from "./shelf.ts"

/** A token with less to live is renewed first, where it can be. */
const REST_MILLISECONDS_MIN = 60_000

const again = "Log in again: sluice login"

/**
 * The kept login with a token that can be used now, renewed by its refresh token where it is about to expire. One
 * process renews at a time, and the others take what it got: issuers take a refresh token that comes twice for stolen.
 */
export const freshLogin = async (shelf: Shelf, target: LoginTarget): Promise<Kept> => {
  const kept = await shelf.read(target)
  if (kept === undefined) throw new LoginFailed(`There is no login of yours at ${target.issuer}. Log in: sluice login`)
  if (lasts(kept)) return kept
  return shelf.alone(target, async () => {
    const now = await shelf.read(target) ?? kept
    if (lasts(now)) return now
    if (now.refreshToken === undefined) return stillGood(now, `Your login at ${target.issuer} has expired. ${again}`)
    try {
      const renewed = await renew(now, now.refreshToken)
      await shelf.write(renewed)
      return renewed
    } catch (cause) {
      if (!(cause instanceof LoginFailed)) throw cause
      return stillGood(now, `${cause.message} ${again}`)
    }
  })
}

const lasts = ({ expiresAt }: Kept): boolean => expiresAt - Date.now() > REST_MILLISECONDS_MIN

const stillGood = (kept: Kept, otherwise: string): Kept => {
  if (kept.expiresAt > Date.now()) return kept
  throw new LoginFailed(otherwise)
}

const renew = async (kept: Kept, refreshToken: string): Promise<Kept> => {
  const client = await findIssuer(kept.target)
  return saying(
    "Your login could not be renewed",
    async () => keep(kept.target, await oidc.refreshTokenGrant(client, refreshToken, resourceOf(kept.target)), kept)
  )
}

/** Forgets a login, and tells the issuer to forget its refresh token. False when the issuer could not be told. */
export const logout = async (shelf: Shelf, kept: Kept): Promise<boolean> => {
  await shelf.remove(kept.target)
  if (kept.refreshToken === undefined) return true
  try {
    const client = await findIssuer(kept.target)
    if (client.serverMetadata().revocation_endpoint === undefined) return false
    await oidc.tokenRevocation(client, kept.refreshToken, { token_type_hint: "refresh_token" })
    return true
  } catch {
    return false
  }
}
