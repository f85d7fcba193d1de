import type { Arguments, Surroundings } from "./command.ts"
import { type Builtins, builtins } from "./builtins.ts"
import { diagnoseAll } from "./diagnose.ts"
import { discover, type Found } from "./discover.ts"
import { planFile, type Planned } from "./plan.ts"

/** The operator's file, found, read and planned. */
export interface Opened extends Planned {
  readonly found: Found
}

/** Finds and plans the file for a command. Says why on stderr, and answers the exit code, when there is none. */
export const openFile = async (args: Arguments, io: Surroundings, known: Builtins = builtins): Promise<Opened | 2> => {
  const found = await discover(io.directory, args.text("config"))
  if ("_tag" in found) {
    io.err(found.message)
    return 2
  }
  return { found, ...await planFile(found, known) }
}

/** The operator's file, good enough to be acted on. */
export interface OpenedPlan extends Opened {
  readonly plan: NonNullable<Opened["plan"]>
  readonly file: NonNullable<Opened["file"]>
}

/** Opens the file for a command that cannot do without a plan. Says why on stderr, and answers the exit code, else. */
export const openPlan = async (args: Arguments, io: Surroundings): Promise<OpenedPlan | 2> => {
  const opened = await openFile(args, io)
  if (opened === 2) return 2
  const { file, plan } = opened
  if (plan !== undefined && file !== undefined) return { ...opened, file, plan }
  report(opened, io)
  return 2
}

/** Shows what is wrong with a file, on stderr. True when it can be used all the same. */
export const report = (opened: Opened, io: Surroundings): boolean => {
  const { found, problems, plan } = opened
  if (problems.length > 0) io.err(diagnoseAll(found.document, problems, { colour: io.colour.err }))
  return plan !== undefined
}
