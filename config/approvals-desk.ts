import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import type { Plan } from "../core/gateway/plan.ts"
import { Callers, Onlookers, type PluginError, Revocations, Secrets, State, Tokens } from "../core/index.ts"
import { Book, Desk, type Refused, type Visitor } from "../plugins/approval/index.ts"
import { broughtToken } from "./approvals-token.ts"
import type { Arguments, ExitCode, Option, Surroundings } from "./command.ts"
import { configOption } from "./command.ts"
import { printable } from "./login/login-failed.ts"
import { openPlan } from "./open-file.ts"
import { openServices, servicesFor } from "./open-services.ts"

/** What every command at the desk takes. */
export const deskOptions: Readonly<Record<string, Option>> = {
  "token-file": {
    type: "string",
    value: "FILE",
    about: "a file that holds your token; else SLUICE_TOKEN holds it, else the login that `sluice login` keeps"
  },
  config: configOption
}

/** The desk, and who stands at it. */
export interface Visit {
  readonly desk: Desk
  readonly visitor: Visitor
}

/**
 * Opens the desk over the state that the file names, admits whoever brings the token, and does `work`.
 * Why that was not possible is on stderr: exit 2 where the command or the file is at fault, 1 where the answer is no.
 */
export const visit = async (
  args: Arguments,
  io: Surroundings,
  command: string,
  work: (visit: Visit) => Effect.Effect<void, Refused | PluginError>
): Promise<ExitCode> => {
  const opened = await openPlan(args, io)
  if (opened === 2) return 2
  const { plan } = opened
  const brought = await broughtToken(args, io, opened)
  if (typeof brought === "string") {
    io.err(`sluice ${command}: ${brought}`)
    return 2
  }
  const result = await Effect.runPromise(Effect.result(
    Effect.scoped(Effect.gen(function*() {
      const desk = yield* openDesk(plan)
      if (desk === undefined) return false
      const visitor = yield* desk.admit(brought.token)
      const { issuer, subject } = visitor.principal
      if (brought.kept)
        io.err(`As ${printable(subject)} of ${printable(issuer)}, by the login that \`sluice login\` keeps.`)
      yield* work({ desk, visitor })
      return true
    })).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  ))
  if (result._tag === "Success" && result.success) return 0
  const why = result._tag === "Success" ? "no pipeline of this file asks for approvals." : result.failure.message
  io.err(`sluice ${command}: ${why}`)
  return result._tag === "Success" ? 2 : 1
}

/** The desk of a plan: its own services, opened for this process. Undefined where none of them keeps approvals. */
const openDesk = (plan: Plan): Effect.Effect<Desk | undefined, PluginError, Scope.Scope> =>
  Effect.gen(function*() {
    const needed = [State, Tokens, Revocations, Callers, Onlookers]
    // Revocations may have to be asked for with a secret, and do not require one.
    const context = yield* openServices(plan, servicesFor(plan, [...needed, Secrets]))
    const has = (tag: Context.Key<any, any>) => Context.getOption(context, tag)._tag === "Some"
    if (!needed.every(has)) return undefined
    return new Desk({
      book: new Book(Context.get(context, State)),
      tokens: Context.get(context, Tokens),
      revocations: Context.get(context, Revocations),
      callers: Context.get(context, Callers),
      onlookers: Context.get(context, Onlookers),
      changed: () => {}
    })
  })
