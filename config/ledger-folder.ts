import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type { Arguments, Option, Surroundings } from "./command.ts"
import { openFile, report } from "./open-file.ts"

/** The option by which commands that read a ledger can be told which one. */
export const ledgerOption: Option = {
  type: "string",
  value: "DIR",
  about: "the ledger's folder, instead of the one that the file names"
}

/** The ledger's folder, from `--ledger` or from the operator's file. Says why on stderr when there is none. */
export const ledgerFolder = async (args: Arguments, io: Surroundings, command: string): Promise<string | 2> => {
  const folder = args.text("ledger") === undefined
    ? await fromFile(args, io, command)
    : resolve(io.directory, args.text("ledger")!)
  if (folder === 2 || existsSync(folder)) return folder
  io.err(`sluice ${command}: there is no ledger in ${folder}: nothing has been recorded there yet.`)
  return 2
}

const fromFile = async (args: Arguments, io: Surroundings, command: string): Promise<string | 2> => {
  const opened = await openFile(args, io)
  if (opened === 2) return 2
  const part = opened.parts.list.find(({ kind, use }) => kind === "service" && use === "files")
  if (part !== undefined)
    return resolve(opened.found.directory, (part.config as { readonly directory: string }).directory)
  if (!report(opened, io)) return 2
  io.err(`sluice ${command}: the file has no ledger of the kind \`files\`. Name a folder with --ledger DIR.`)
  return 2
}
