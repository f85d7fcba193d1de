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

/** Shows what is wrong with a file, on stderr. True when it can be used all the same. */
export const report = (opened: Opened, io: Surroundings): boolean => {
  const { found, problems, plan } = opened
  if (problems.length > 0) io.err(diagnoseAll(found.document, problems, { colour: io.colour.err }))
  return plan !== undefined
}
