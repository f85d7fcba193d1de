import type { Report } from "../../core/family/sql/index.ts"
import { reportText } from "./report-texts.ts"

/**
 * The fields that cannot quote data (PostgreSQL manual 54.8), with the only form in which they pass: where in the
 * statement's text, and where in the server's source. All others go: detail, hint, context, the internal query and its
 * position, and the names of schema, table, column, type and constraint.
 */
const harmless: ReadonlyMap<string, RegExp> = new Map([
  ["position", /^[0-9]{1,10}$/],
  ["file", /^[A-Za-z0-9_]{1,60}\.(c|h|y|l)$/],
  ["line", /^[0-9]{1,6}$/],
  ["routine", /^[A-Za-z0-9_]{1,63}$/]
])

/**
 * Leaves of an error or a notice only what does not depend on data: code, severity, and a fixed text. Of a rewritten
 * statement the position goes too: it counts in a text that the client did not write.
 */
export const scrub = (report: Report, isRewritten: boolean): void => {
  report.message = reportText(report.sqlstate)
  const kept = new Map<string, string>()
  for (const [field, value] of report.extras) {
    if (isRewritten && field === "position") continue
    if (harmless.get(field)?.test(value) === true) kept.set(field, value)
  }
  report.extras = kept
}
