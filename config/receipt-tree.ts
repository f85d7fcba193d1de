import type { Decision, ReceiptCheck } from "../core/plugin/index.ts"
import type { Rehearsed } from "./rehearsal.ts"

/** An answer as people read it: what was decided and what comes of it first, then why, check by check. */
export const receiptTree = (
  { receipt, decision, outcome, code, message, operation }: Rehearsed,
  colour: boolean
): string => {
  const paint = (word: Decision): string => colour ? `\u001b[${colours[word]}m${word}\u001b[0m` : word
  const lines = [
    `decision: ${paint(decision)}${receipt?.code === undefined ? "" : ` (${receipt.code})`}`,
    `outcome:  ${paint(outcome)}${outcome !== decision && code !== undefined ? ` (${code})` : ""}`
  ]
  if (message !== undefined) lines.push(`          ${message}`)
  lines.push(
    `operation: ${operation.kind}${operation.resolved ? "" : `, not resolved: ${operation.unresolved ?? "unknown"}`}`
  )
  if (receipt === undefined) return [...lines, "No plugin of this pipeline judges residency."].join("\n")
  if (receipt.party !== undefined) lines.push(`party: ${receipt.party}`)
  lines.push(...listed("reads", receipt.reads), ...listed("writes", receipt.writes))
  if (receipt.sinks.length > 0)
    lines.push(
      "sinks",
      ...branches(receipt.sinks.map(({ sink, at }) => `${sink} at ${at}`))
    )
  if (receipt.checks.length > 0)
    lines.push(
      "checks",
      ...branches(receipt.checks.map((check) => checkLine(check, paint)))
    )
  const obligations = receipt.obligations.map((one) => `${one.obligation} ${one.data_set}, because of ${one.cites}`)
  if (obligations.length > 0) lines.push("obligations", ...branches(obligations))
  return [...lines, `policy ${receipt.policy.slice(0, 12)}, inputs ${receipt.inputs.slice(0, 12)}`].join("\n")
}

const colours: { readonly [D in Decision]: number } = { allow: 32, mask: 36, approve: 33, deny: 31 }

const listed = (noun: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length === 0 ? [] : [`${noun}: ${names.join(", ")}`]

const branches = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line, index) => `${index === lines.length - 1 ? "└─" : "├─"} ${line}`)

const checkLine = (check: ReceiptCheck, paint: (word: Decision) => string): string =>
  [
    `${paint(check.outcome)} ${check.check}`,
    ...(check.data_set === undefined ? [] : [check.data_set]),
    ...(check.sink === undefined ? [] : [`→ ${check.sink}${check.at === undefined ? "" : ` at ${check.at}`}`]),
    ...(check.code === undefined ? [] : [`[${check.code}]`]),
    ...(check.cites === undefined ? [] : [`cites ${check.cites}`]),
    ...(check.reason === undefined ? [] : [`- ${check.reason}`])
  ].join(" ")
