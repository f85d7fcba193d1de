import { createWriteStream } from "node:fs"
import { once } from "node:events"
import { type LedgerRecord, listSessions, readSession } from "../../plugins/services/ledger/index.ts"
import { type Command, configOption, misuseOf, type Surroundings } from "../command.ts"
import { asciicast } from "../export/asciicast.ts"
import { OcsfSession } from "../export/ocsf.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"
import { filterOf, filterOptions } from "../session-filter.ts"
import { absolute } from "../site.ts"

const formats = ["jsonl", "ocsf", "asciicast"] as const
type Format = (typeof formats)[number]

/** `sluice sessions export`: recorded sessions for other programs. */
export const sessionsExport: Command = {
  name: "sessions export",
  about: "write recorded sessions in formats that other programs read",
  details: [
    "jsonl: the records as they lie in the ledger. ocsf: events of the Open Cybersecurity Schema Framework, one a",
    "line: logins as Authentication, operations as Datastore Activity with the delegation. asciicast (v3): one session",
    "as a terminal would have shown it, for players. ID chooses one; the filters choose as `sessions list` does."
  ].join("\n"),
  positionals: ["[ID]"],
  options: {
    format: { type: "string", value: "FORMAT", about: formats.join(", "), required: true },
    output: { type: "string", value: "FILE", about: "write to a file that is not there yet, instead of stdout" },
    ...filterOptions,
    ledger: ledgerOption,
    config: configOption
  },
  run: async (args, io) => {
    const format = formats.find((one) => one === args.text("format"))
    if (format === undefined) {
      return misuse(io, `\`${args.text("format")}\` is no format. There are: ${formats.join(", ")}.`)
    }
    const filter = filterOf(args)
    if (typeof filter === "string") return misuse(io, filter)
    const folder = await ledgerFolder(args, io, "sessions export")
    if (folder === 2) return 2
    const [id] = args.positionals
    const chosen = listSessions(folder, filter).map((one) => one.id).filter((one) => id === undefined || one === id)
    if (chosen.length === 0) {
      io.err("sluice sessions export: no session fits. See `sluice sessions list`.")
      return 1
    }
    if (format === "asciicast" && chosen.length > 1) {
      return misuse(io, `an asciicast holds one session, and ${chosen.length} fit. Name one: sluice sessions list.`)
    }
    const lines = exported(format, folder, chosen)
    return await write(lines, args.text("output"), io)
  }
}

const misuse = misuseOf("sessions export")

function* exported(format: Format, folder: string, sessions: ReadonlyArray<string>): Generator<string> {
  for (const session of sessions) yield* linesOf(format, session, readSession(folder, session))
}

function* linesOf(format: Format, session: string, records: Iterable<LedgerRecord>): Generator<string> {
  if (format === "asciicast") yield* asciicast(session, records)
  else if (format === "jsonl") { for (const record of records) yield JSON.stringify(record) }
  else {
    const ocsf = new OcsfSession(session)
    for (const record of records) for (const event of ocsf.events(record)) yield JSON.stringify(event)
  }
}

const write = async (lines: Iterable<string>, output: string | undefined, io: Surroundings): Promise<0 | 2> => {
  if (output === undefined) {
    for (const line of lines) io.out(line)
    return 0
  }
  // What was recorded is for few eyes; and nothing that is there is lost.
  const stream = createWriteStream(absolute(io.directory, output), { flags: "wx", mode: 0o600 })
  try {
    await once(stream, "open")
    for (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, "drain")
    stream.end()
    await once(stream, "finish")
    return 0
  } catch (error) {
    return misuse(io, `${output} cannot be written: ${(error as NodeJS.ErrnoException).code ?? "unknown"}.`)
  }
}
