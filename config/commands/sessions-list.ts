import { listSessions, type SessionSummary } from "../../plugins/services/ledger/index.ts"
import { type Command, configOption, jsonOption, type Surroundings } from "../command.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"
import { filterOf, filterOptions } from "../session-filter.ts"

/** `sluice sessions list`: who was here, when, and what came of it. */
export const sessionsList: Command = {
  name: "sessions list",
  about: "list recorded sessions",
  details: "Every filter narrows. With --json: one array of objects.",
  options: {
    ...filterOptions,
    ledger: ledgerOption,
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const filter = filterOf(args)
    if (typeof filter === "string") {
      io.err(`sluice sessions list: ${filter}`)
      return 2
    }
    const folder = await ledgerFolder(args, io, "sessions list")
    if (folder === 2) return 2
    const sessions = listSessions(folder, filter)
    if (args.flag("json")) io.out(JSON.stringify(sessions, null, 2))
    else print(sessions, io)
    return 0
  }
}

const print = (sessions: ReadonlyArray<SessionSummary>, io: Surroundings): void => {
  const table = [
    ["ID", "PIPELINE", "STARTED", "ENDED", "WHO", "OPERATIONS", "REFUSED", "ROWS", "REASON"],
    ...sessions.map((session) =>
      [
        session.id,
        session.pipeline ?? "-",
        session.started.slice(0, 19),
        session.ended?.slice(0, 19) ?? "open",
        session.principal === undefined
          ? "-"
          : [session.principal.subject, ...session.principal.actors].join(" through "),
        String(session.operations),
        String(session.denials),
        String(session.rows),
        session.reason ?? "-"
      ].map((cell) => cell.replace(/[\p{Cc}\p{Cf}]/gu, "\u00b7"))
    )
  ]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const row of table) io.out(row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}
