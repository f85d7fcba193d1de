import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { userInfo } from "node:os"
import { State } from "../../core/index.ts"
import { type Revocation, REVOCATION_SPACE } from "../../plugins/services/revocations/index.ts"
import { type Arguments, type Command, configOption, misuseOf } from "../command.ts"
import { openPlan } from "../open-file.ts"
import { openServices, servicesFor } from "../open-services.ts"

/** For how long an entry is kept: longer than tokens live. Milliseconds. */
const KEPT_MILLISECONDS = 90 * 86_400_000

/** `sluice sessions end`: ends sessions of running gateways, by what they rest on. */
export const sessionsEnd: Command = {
  name: "sessions end",
  about: "end open sessions, by id, by caller, or by token",
  details:
    "Takes back what the sessions rest on, in the state that the gateways share: each gateway ends them within a\n"
    + "second and records why. With --subject, tokens that were issued until now are refused from now on, and with\n"
    + "--token that one is; a session's id ends that session alone.",
  positionals: ["[ID]"],
  options: {
    subject: { type: "string", value: "SUBJECT", about: "sessions of this caller, or through this agent" },
    token: { type: "string", value: "JTI", about: "sessions that this token opened (`jti`)" },
    issuer: { type: "string", value: "ISSUER", about: "whose subject or token it is; every issuer's unless told" },
    reason: { type: "string", value: "TEXT", about: "why, for the ledger and for whoever is affected" },
    config: configOption
  },
  run: async (args, io) => {
    const entry = entryOf(args)
    if (typeof entry === "string") return misuse(io, entry)
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    const { plan } = opened
    const written = await Effect.runPromise(Effect.result(Effect.scoped(Effect.gen(function*() {
      const services = yield* openServices(plan, servicesFor(plan, [State]))
      const state = Context.getOrUndefined(services as Context.Context<State>, State)
      if (state === undefined) return false
      yield* prune(state)
      const text = JSON.stringify({ version: 1, revoked: [entry] })
      yield* state.update(REVOCATION_SPACE, randomUUID(), () => ({ next: text, result: undefined }))
      return true
    }))))
    if (written._tag === "Failure") {
      io.err(`sluice sessions end: ${written.failure.message}`)
      return 1
    }
    if (!written.success) {
      return misuse(io, "the file declares no state. Add one: services: { state: { use: sqlite, with: { path: … } } }.")
    }
    io.out(`${targetOf(entry)} taken back. Sessions that rest on it end within a second.`)
    return 0
  }
}

const misuse = misuseOf("sessions end")

const entryOf = (args: Arguments): Revocation | string => {
  const [session] = args.positionals
  const { issuer, reason, subject, token } = Object.fromEntries(
    ["issuer", "reason", "subject", "token"].map((name) => [name, args.text(name)])
  )
  if ([session, subject, token].filter((target) => target !== undefined).length !== 1) {
    return "name one target: a session's ID, --subject, or --token."
  }
  for (const text of [session, subject, token, issuer, reason]) {
    if (text !== undefined && (text === "" || text.length > 512 || /\p{Cc}/u.test(text))) {
      return "a name or reason has 1 to 512 characters, and no control characters among them."
    }
  }
  return {
    at: Date.now(),
    by: `${userInfo().username} (sluice sessions end)`,
    ...(session === undefined ? {} : { session }),
    ...(subject === undefined ? {} : { subject }),
    ...(token === undefined ? {} : { token }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(reason === undefined ? {} : { reason })
  }
}

const targetOf = ({ session, subject, token }: Revocation): string =>
  session === undefined
    ? subject === undefined ? `Token ${token}:` : `What ${subject} proved until now:`
    : `${session}:`

/** Drops what is older than any token. An entry that cannot be read stays: gateways say so. */
const prune = (state: State["Service"]) =>
  Effect.gen(function*() {
    for (const [key, value] of yield* state.list(REVOCATION_SPACE, "")) {
      const at = latestIn(value)
      if (at === undefined || at > Date.now() - KEPT_MILLISECONDS) continue
      yield* state.update(REVOCATION_SPACE, key, () => ({ next: undefined, result: undefined }))
    }
  })

const latestIn = (text: string): number | undefined => {
  try {
    const { revoked } = JSON.parse(text) as { readonly revoked: ReadonlyArray<{ readonly at: number }> }
    return Math.max(...revoked.map(({ at }) => at))
  } catch {
    return undefined
  }
}
