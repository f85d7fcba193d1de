import * as oidc from "openid-client"
import type { Surroundings } from "../command.ts"
import { type IssuerClient, keep, purposeOf, resourceOf, saying } from "./issuer-client.ts"
import { LoginFailed, printable } from "./login-failed.ts"
import type { LoginTarget } from "./login-target.ts"
import type { Kept } from "./shelf.ts"

/** Whether the issuer offers it. */
export const offersDevice = (client: IssuerClient): boolean =>
  client.serverMetadata().device_authorization_endpoint !== undefined

/** A login that is confirmed in any browser, here or elsewhere (RFC 8628). */
export const loginByDevice = async (client: IssuerClient, target: LoginTarget, io: Surroundings): Promise<Kept> => {
  if (!offersDevice(client)) {
    throw new LoginFailed(`${target.issuer} does not offer the device flow. Use --browser.`)
  }
  const device = await saying(
    "The login did not begin",
    () => oidc.initiateDeviceAuthorization(client, { scope: target.scope, ...purposeOf(target) })
  )
  io.err(`Open    ${printable(device.verification_uri)}`)
  io.err(`and say ${printable(device.user_code)}`)
  if (device.verification_uri_complete !== undefined) io.err(`or open ${printable(device.verification_uri_complete)}`)
  io.err("Confirm only if you began this login yourself. Waiting …")
  const answer = await saying(
    "The login did not succeed",
    () => oidc.pollDeviceAuthorizationGrant(client, device, resourceOf(target))
  )
  return keep(target, answer)
}
