import { type Grant, inert, inertLine, type Request, type View } from "../plugins/approval/index.ts"

/** A request as approvers read it: everything that its approval would rest on, and nothing that could mislead them. */
export const requestText = ({ alike, barred, hidden, request }: View): ReadonlyArray<string> => {
  const { binding, id, rules, shown, status, until, votes } = request
  return [
    `Request   ${id} (${status}${status === "pending" ? `, until ${time(until)}` : ""})`,
    `Asked by  ${
      shown.who.map(({ issuer, subject }) => `${inertLine(subject)} of ${inertLine(issuer)}`).join(", through ")
    }`,
    `Touches   ${names(shown.reads, "reads")}${shown.writes.length > 0 ? `; ${names(shown.writes, "writes")}` : ""}`,
    ...(shown.carries === undefined ? [] : [`Has seen  ${names(shown.carries, "before")}`]),
    `From      ${inertLine(shown.from)} (pipeline ${shown.pipeline}, ${shown.address}), as ${shown.kind}`,
    ...shown.sinks.map(({ at, sink }) => `Seen by   ${inertLine(sink)} at ${inertLine(at)}`),
    ...shown.why.map((why) => `Because   ${inertLine(why)}`),
    `Approvals ${votes.length} of ${rules.quorum}, by ${rules.approvers.map(inertLine).join(", ")}`,
    ...votes.map(({ by, reason }) =>
      `          ${inertLine(by.subject)}${reason === undefined ? "" : `: ${inertLine(reason)}`}`
    ),
    ...(alike > 1 ? [`Alike     ${alike} open requests look like this one. Each is decided for itself.`] : []),
    ...(hidden === undefined ? runs(request) : ["", `What would run is not shown to you: ${hidden}`]),
    ...(barred === undefined ? [] : ["", `You cannot decide on it: ${barred}`]),
    "",
    `Digest    ${binding}`
  ]
}

const names = (list: ReadonlyArray<string>, what: string): string =>
  `${what} ${list.length === 0 ? "nothing" : list.map(inertLine).join(", ")}`

const runs = ({ shown: { asked, parameters, text } }: Request): ReadonlyArray<string> => [
  "",
  `What would run (${text.length} characters; anything invisible is spelt out):`,
  ...inert(text).split("\n").map((line) => `  | ${line}`),
  ...parameters.map((value, i) => `  $${i + 1} = ${value === null ? "NULL" : `'${inertLine(value)}'`}`),
  ...(asked === undefined
    ? []
    : ["What was asked, before the gateway rewrote it:", ...inert(asked).split("\n").map((line) => `  | ${line}`)])
]

export const requestRow = ({ alike, hidden, request }: View): ReadonlyArray<string> => {
  const { id, shown, status, until, votes, rules } = request
  const text = hidden === undefined ? inertLine(shown.text.replace(/\s+/g, " ").slice(0, 60)) : "(not shown to you)"
  return [
    id,
    status,
    shown.who.map(({ subject }) => inertLine(subject)).join(" through "),
    shown.pipeline,
    [...new Set([...shown.reads, ...shown.writes, ...shown.carries ?? []])].map(inertLine).join(", "),
    `${votes.length}/${rules.quorum}`,
    time(until),
    `${text}${alike > 1 ? ` (${alike} alike)` : ""}`
  ]
}

export const REQUEST_HEAD = ["ID", "STATUS", "WHO", "PIPELINE", "DATA SETS", "YES", "UNTIL", "WHAT"]

export const GRANT_HEAD = ["ID", "WHO", "PIPELINE", "DATA SETS", "KINDS", "USES LEFT", "UNTIL", "BY"]

export const grantRow = (grant: Grant): ReadonlyArray<string> => [
  grant.id,
  grant.chain.map(({ subject }) => inertLine(subject)).join(" through "),
  grant.pipeline,
  grant.dataSets.map(inertLine).join(", "),
  grant.kinds.join(", "),
  grant.revoked === undefined ? String(grant.usesLeft) : "revoked",
  time(grant.until),
  grant.by.map(inertLine).join(", ")
]

export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()
