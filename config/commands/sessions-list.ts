import { listSessions, type SessionFilter, type SessionSummary } from "../../plugins/services/ledger/index.ts"
import { type Arguments, type Command, configOption, jsonOption, type Surroundings } from "../command.ts"
import { ledgerFolder, ledgerOption } from "../ledger-folder.ts"

/** `sluice sessions list`: who was here, when, and what came of it. */
export const sessionsList: Command = {
  name: "sessions list",
  about: "list recorded sessions",
  details: "Every filter narrows. With --json: one array of objects.",
  options: {
    identity: { type: "string", value: "SUBJECT", about: "of this subject, or through it" },
    "data-set": { type: "string", value: "NAME", about: "that touched this data set or resource" },
    zone: { type: "string", value: "PLACE", about: "that someone at this place saw" },
    decision: {
      type: "string",
      value: "OUTCOME",
      about: "with an operation that ended in allow, mask, approve or deny"
    },
    from: { type: "string", value: "TIME", about: "active at or after this time (ISO 8601)" },
    to: { type: "string", value: "TIME", about: "active at or before this time" },
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

/** The filter, or what is wrong with it. */
const filterOf = (args: Arguments): SessionFilter | string => {
  const decision = args.text("decision")
  if (decision !== undefined && !["allow", "mask", "approve", "deny"].includes(decision)) {
    return `\`${decision}\` is no outcome. There are: allow, mask, approve, deny.`
  }
  const times: { from?: string; to?: string } = {}
  for (const name of ["from", "to"] as const) {
    const text = args.text(name)
    if (text === undefined) continue
    if (Number.isNaN(Date.parse(text))) return `\`${text}\` is no time. Write it as 2027-06-30 or 2027-06-30T12:00:00Z.`
    times[name] = new Date(text).toISOString()
  }
  const identity = args.text("identity")
  const dataSet = args.text("data-set")
  const zone = args.text("zone")
  return {
    ...times,
    ...(identity === undefined ? {} : { identity }),
    ...(dataSet === undefined ? {} : { dataSet }),
    ...(zone === undefined ? {} : { zone }),
    ...(decision === undefined ? {} : { decision })
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
