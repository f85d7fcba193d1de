import type { Decision } from "../core/plugin/index.ts"
import type { Rehearsed } from "./rehearsal.ts"
import type { ResidencyRoom } from "./residency.ts"

/** An answer as people read it: what was decided and what comes of it first, then the receipt, check by check. */
export const receiptTree = (answer: Rehearsed, describe: ResidencyRoom["describe"], colour: boolean): string => {
  const { code, decision, hidden, message, operation, outcome, receipt, runs } = answer
  const paint = (word: Decision): string => colour ? `\u001b[${colours[word]}m${word}\u001b[0m` : word
  const resolved = operation.resolved ? "" : `, not resolved: ${operation.unresolved ?? "unknown"}`
  return [
    `decision: ${paint(decision)}${receipt?.code === undefined ? "" : ` (${receipt.code})`}`,
    `outcome: ${paint(outcome)}${outcome !== decision && code !== undefined ? ` (${code})` : ""}`,
    ...(message === undefined ? [] : [`message: ${message}`]),
    `operation: ${operation.kind}${resolved}`,
    ...hidden.map(({ bare, column, kind, output }) =>
      `hidden: ${output}, ${bare ? "masked" : "computed of masks"} (${column}, ${kind})`
    ),
    ...(runs === undefined ? [] : [`runs: ${runs}`]),
    "",
    receipt === undefined ? "No plugin of this pipeline judges residency." : describe(receipt).trimEnd()
  ].join("\n")
}

const colours: { readonly [D in Decision]: number } = { allow: 32, mask: 36, approve: 33, deny: 31 }
