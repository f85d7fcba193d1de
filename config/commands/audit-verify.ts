import * as Effect from "effect/Effect"
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { type Report, verifyLedger } from "../../plugins/services/ledger/index.ts"
import { type Arguments, type Command, configOption, jsonOption, type Surroundings } from "../command.ts"
import { ledgerFolder } from "../ledger-folder.ts"

/** `sluice audit verify DIR`: whether a ledger is whole, in order, signed, and continues what was seen before. */
export const auditVerify: Command = {
  name: "audit verify",
  about: "check that a ledger was not tampered with",
  details: [
    "DIR is the ledger's folder; the one that the file names, unless given. Exit 0 when everything follows, 1 when",
    "not, naming the first bad entry; 2 when it cannot be read. Findings, such as an open session, do not count.",
    "",
    "A ledger proves little by a key that lies beside it: give --key with a public key that you kept, and --checkpoint",
    "with every checkpoint that you kept, to detect a ledger that was replaced or rolled back."
  ].join("\n"),
  positionals: ["[DIR]"],
  options: {
    key: { type: "string", value: "KEY", about: "the ledger's public key, or a file with it; DIR.pub, unless given" },
    checkpoint: {
      type: "string",
      value: "FILE",
      multiple: true,
      about: "a checkpoint that was kept (may be repeated)"
    },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const named = args.positionals[0]
    const folder = named === undefined ? await ledgerFolder(args, io, "audit verify") : resolve(io.directory, named)
    if (folder === 2) return 2
    const inputs = readInputs(args, io, folder)
    if (typeof inputs === "string") {
      io.err(`sluice audit verify: ${inputs}`)
      return 2
    }
    const shows = process.stderr.isTTY
    const progress = ({ records, segment, segments }: { segment: number; segments: number; records: number }): void => {
      if (shows) process.stderr.write(`\rsegment ${segment} of ${segments}, ${records} records\u001b[K`)
    }
    const result = await Effect.runPromise(Effect.result(verifyLedger(folder, { ...inputs, progress })))
    if (shows) process.stderr.write("\r\u001b[K")
    if (result._tag === "Failure") {
      io.err(`sluice audit verify: ${result.failure.message}`)
      return 2
    }
    if (args.flag("json")) io.out(JSON.stringify(result.success, null, 2))
    else print(result.success, folder, args.text("key") === undefined, io)
    return result.success.ok ? 0 : 1
  }
}

interface Inputs {
  readonly key: string
  readonly checkpoints: ReadonlyArray<string>
}

/** The key and the checkpoints as text, or which of them cannot be had. */
const readInputs = (args: Arguments, io: Surroundings, folder: string): Inputs | string => {
  if (!existsSync(folder)) return `there is no folder ${folder}.`
  const given = args.text("key")
  const keyFile = given === undefined ? `${folder}.pub` : resolve(io.directory, given)
  if (given === undefined && !existsSync(keyFile)) return `there is no public key ${keyFile}. Give it with --key.`
  const checkpoints: Array<string> = []
  for (const name of args.texts("checkpoint")) {
    const file = resolve(io.directory, name)
    if (!existsSync(file)) return `there is no checkpoint ${file}.`
    checkpoints.push(readFileSync(file, "utf8"))
  }
  return { key: existsSync(keyFile) ? readFileSync(keyFile, "utf8").trim() : given!, checkpoints }
}

const print = (report: Report, folder: string, ownKey: boolean, io: Surroundings): void => {
  const paint = (code: number, text: string): string => io.colour.out ? `\u001b[${code}m${text}\u001b[0m` : text
  const { checkpoints, deleted, failures, findings, lastCheckpoint, ok, origin, records, segments } = report
  io.out(
    `${ok ? paint(32, "verified") : paint(31, "NOT VERIFIED")}  ${folder}${origin === undefined ? "" : ` (${origin})`}`
  )
  io.out(
    `${records} records in ${segments} segments, ${checkpoints} checkpoints${
      lastCheckpoint === undefined ? "" : `, the last at ${lastCheckpoint}`
    }`
  )
  if (deleted > 0) io.out(`${deleted} segments were deleted, as recorded`)
  for (const { file, index, message, offset } of failures)
    io.out(`${paint(31, "failure")}  ${file}, entry ${index}, byte ${offset}: ${message}`)
  for (const { file, index, message, offset } of findings)
    io.out(`${paint(33, "finding")}  ${file}, entry ${index}, byte ${offset}: ${message}`)
  if (ownKey) io.out("note     the key was read from beside the ledger: give --key to trust your own copy")
}
