import type { Receipt, ReceiptCheck } from "../../core/index.ts"

/** A receipt as a tree, for people: what was decided, by which checks, on what grounds. Ends with a line break. */
export const describeReceipt = (receipt: Receipt): string => {
  const branches: Array<readonly [title: string, leaves: ReadonlyArray<string>]> = [
    ["caller", [receipt.party === undefined ? "matches no party" : `party ${receipt.party}`]],
    ["touches", touches(receipt)],
    ["seen by", receipt.sinks.map(({ sink, at }) => `${sink} at ${at}`)],
    ...grouped(receipt.checks),
    ["obligations", receipt.obligations.map((one) => `${one.obligation} ${one.data_set} (${one.cites})`)],
    ["rests on", [`policy ${receipt.policy}`, `inputs ${receipt.inputs}`]]
  ]
  const shown = branches.filter(([, leaves]) => leaves.length > 0)
  const lines = [headline(receipt)]
  for (const [index, [title, leaves]] of shown.entries()) {
    const last = index === shown.length - 1
    lines.push(`${last ? "└─" : "├─"} ${title}`)
    for (const [position, leaf] of leaves.entries()) {
      lines.push(`${last ? "   " : "│  "}${position === leaves.length - 1 ? "└─" : "├─"} ${leaf}`)
    }
  }
  return lines.map(printable).join("\n") + "\n"
}

const headline = ({ decision, code, outcome, outcome_code, operation }: Receipt): string => {
  const why = code === undefined ? "" : ` (${code})`
  const made = outcome === decision && (outcome_code === undefined || outcome_code === code)
    ? ""
    : `; the pipeline makes it ${outcome}${outcome_code === undefined ? "" : ` (${outcome_code})`}`
  return `${operation}: ${decision}${why}${made}`
}

const touches = ({ reads, writes }: Receipt): ReadonlyArray<string> =>
  reads.length + writes.length === 0
    ? ["no data"]
    : [...reads.map((name) => `reads ${name}`), ...writes.map((name) => `writes ${name}`)]

/** One branch for each check, in the order in which they were made. */
const grouped = (checks: ReadonlyArray<ReceiptCheck>): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  const groups = new Map<string, Array<string>>()
  for (const check of checks) groups.set(check.check, [...groups.get(check.check) ?? [], line(check)])
  return [...groups]
}

const line = ({ outcome, code, data_set, sink, at, cites, reason }: ReceiptCheck): string => {
  const subject = [data_set, sink === undefined ? undefined : `${sink}${at === undefined ? "" : ` at ${at}`}`]
    .filter((part) => part !== undefined).join(" → ")
  const grounds = [cites === undefined ? undefined : `cites ${cites}`, reason].filter((part) => part !== undefined)
    .join("; ")
  return `${outcome}${code === undefined ? "" : ` ${code}`}${subject === "" ? "" : `  ${subject}`}${
    grounds === "" ? "" : `  (${grounds})`
  }`
}

/** Names come from tokens and statements: nothing in them may move a terminal's cursor or turn its text around. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
