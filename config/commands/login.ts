import { type Arguments, type Command, type ExitCode, misuseOf, type Surroundings } from "../command.ts"
import { hasBrowser, loginByBrowser } from "../login/browser.ts"
import { loginByDevice, offersDevice } from "../login/device.ts"
import { freshLogin, logout } from "../login/fresh.ts"
import { claimsOf, findIssuer } from "../login/issuer-client.ts"
import { LoginFailed, printable } from "../login/login-failed.ts"
import { type LoginTarget, targetOf, targetOptions } from "../login/login-target.ts"
import { type Kept, Shelf } from "../login/shelf.ts"

/** `sluice login`: for people, who get a token of their issuer and keep it. */
export const login: Command = {
  name: "login",
  about: "log in at the issuer, and keep the token for `sluice connect` and other clients",
  details: "Opens a browser on this machine where it can, else tells an address and a code to confirm elsewhere.\n"
    + "The token lies in $XDG_STATE_HOME/sluice (else ~/.local/state/sluice), which only you can read, and is renewed\n"
    + "when the issuer lets it. As a password: PGPASSWORD=$(sluice login --print) psql …",
  options: {
    device: { type: "boolean", about: "confirm in any browser, with a code" },
    browser: { type: "boolean", about: "log in in a browser of this machine" },
    print: { type: "boolean", about: "print the kept token, renewed if need be; the only thing that prints one" },
    status: { type: "boolean", about: "say who is logged in, and until when" },
    logout: { type: "boolean", about: "forget the kept token" },
    ...targetOptions
  },
  run: async (args, io) => {
    const asked = ["device", "browser", "print", "status", "logout"].filter((name) => args.flag(name))
    if (asked.length > 1) return misuse(io, `--${asked[0]} and --${asked[1]} do not go together.`)
    const shelf = new Shelf()
    try {
      const target = await targetOf(args, io, shelf)
      if (typeof target === "string") return misuse(io, target)
      return await act(asked[0], target, { args, io, shelf })
    } catch (cause) {
      if (!(cause instanceof LoginFailed)) throw cause
      io.err(`sluice login: ${cause.message}`)
      return 1
    }
  }
}

interface Desk {
  readonly args: Arguments
  readonly io: Surroundings
  readonly shelf: Shelf
}

const act = async (asked: string | undefined, target: LoginTarget, { io, shelf }: Desk): Promise<ExitCode> => {
  if (asked === "print") {
    io.out((await freshLogin(shelf, target)).token)
    return 0
  }
  if (asked === "status") return status(io, await shelf.read(target), target)
  if (asked === "logout") return leave(io, shelf, target)
  const client = await findIssuer(target)
  const byBrowser = asked === "browser" || (asked === undefined && (hasBrowser() || !offersDevice(client)))
  const kept = await (byBrowser ? loginByBrowser : loginByDevice)(client, target, io)
  await shelf.alone(target, () => shelf.write(kept))
  io.err(`Logged in ${standing(kept)}.`)
  return 0
}

const status = (io: Surroundings, kept: Kept | undefined, { issuer }: LoginTarget): ExitCode => {
  if (kept === undefined) {
    io.out(`Not logged in at ${printable(issuer)}.`)
    return 1
  }
  const good = kept.expiresAt > Date.now() || kept.refreshToken !== undefined
  io.out(good ? `Logged in ${standing(kept)}.` : `Expired: ${standing(kept)}. Log in again: sluice login`)
  return good ? 0 : 1
}

const standing = ({ expiresAt, refreshToken, target, token }: Kept): string => {
  const subject = claimsOf(token)?.["sub"]
  const who = typeof subject === "string" ? ` as ${printable(subject)}` : ""
  const until = new Date(Math.min(expiresAt, 8.64e15)).toISOString()
  return `at ${printable(target.issuer)}${who}, until ${until}${
    refreshToken === undefined ? "" : ", renewed when used"
  }`
}

const leave = async (io: Surroundings, shelf: Shelf, target: LoginTarget): Promise<ExitCode> => {
  const kept = await shelf.read(target).catch(() => undefined)
  if (kept === undefined) {
    await shelf.remove(target)
    io.err(`Nothing was kept for ${printable(target.issuer)}.`)
    return 0
  }
  const told = await logout(shelf, kept)
  io.err(`Logged out at ${printable(target.issuer)}.`)
  if (!told) io.err("The issuer could not be told: end the session there too if this machine is not to be trusted.")
  return 0
}

const misuse = misuseOf("login")
