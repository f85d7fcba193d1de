import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import type { Plan } from "../core/gateway/plan.ts"
import { Callers, Onlookers, type PluginError, Revocations, Secrets, State, Tokens } from "../core/index.ts"
import { Book, Desk, type Refused, type Visitor } from "../plugins/approval/index.ts"
import type { Arguments, ExitCode, Option, Surroundings } from "./command.ts"
import { configOption } from "./command.ts"
import { openFile, report } from "./open-file.ts"
import { openServices, servicesFor } from "./open-services.ts"
import { absolute } from "./site.ts"

/** What every command at the desk takes. */
export const deskOptions: Readonly<Record<string, Option>> = {
  "token-file": {
    type: "string",
    value: "FILE",
    about: "a file that holds your token, and nothing else; otherwise the variable SLUICE_TOKEN holds it"
  },
  config: configOption
}

/** The desk, and who stands at it. */
export interface Visit {
  readonly desk: Desk
  readonly visitor: Visitor
}

/**
 * Opens the desk over the state that the file names, admits whoever brings the token, and does `work`. Why that was not
 * possible is on stderr: exit 2 where the command or the file is at fault, 1 where the answer is no.
 */
export const visit = async (
  args: Arguments,
  io: Surroundings,
  command: string,
  work: (visit: Visit) => Effect.Effect<void, Refused | PluginError>
): Promise<ExitCode> => {
  const token = readToken(args, io)
  if (token === undefined) {
    io.err(`sluice ${command}: who are you? Put a token of your own into SLUICE_TOKEN, or name its file: --token-file.`)
    return 2
  }
  const opened = await openFile(args, io)
  if (opened === 2) return 2
  const { plan } = opened
  if (plan === undefined) {
    report(opened, io)
    return 2
  }
  const result = await Effect.runPromise(Effect.result(
    Effect.scoped(Effect.gen(function*() {
      const desk = yield* openDesk(plan)
      if (desk === undefined) return false
      const visitor = yield* desk.admit(token)
      yield* work({ desk, visitor })
      return true
    })).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  ))
  if (result._tag === "Success" && result.success) return 0
  const why = result._tag === "Success" ? "no pipeline of this file asks for approvals." : result.failure.message
  io.err(`sluice ${command}: ${why}`)
  return result._tag === "Success" ? 2 : 1
}

const readToken = (args: Arguments, io: Surroundings): string | undefined => {
  const file = args.text("token-file")
  const text = file === undefined ? process.env["SLUICE_TOKEN"] : readText(absolute(io.directory, file))
  const token = text?.trim()
  return token === "" ? undefined : token
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
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
