import { reason } from "./additions.ts"
import type { Gap } from "./gaps.ts"
import type { Survey } from "./survey.ts"

/** A look at one pipeline's upstream, and what the file lacks. */
export interface Discovered extends Survey {
  readonly pipeline: string
  readonly gaps: ReadonlyArray<Gap>
  /** Tables that stand in no data set. */
  readonly unclassified: ReadonlyArray<string>
}

/** How a look went, for people: what was seen, and what could not be. */
export const summary = ({ columns, gaps, pipeline, sensitive, tables, unclassified, unread }: Discovered): string =>
  [
    `${pipeline}: ${count(tables.length, "table")} with ${count(columns, "column")}; `
    + `${sensitive.length} look sensitive, ${gaps.length} of them without a kind in the file.`,
    ...unread.map(({ reason: why, table }) => `${shown(table)} was judged by its columns' names alone: ${why}.`),
    ...(unclassified.length === 0
      ? []
      : [`${count(unclassified.length, "table")} in no data set, so what is asked of them is unclassified.`])
  ].join("\n")

/** The tables that could not be read and that nobody said need not be. */
export const refusedUnread = ({ unread }: Survey, allowed: ReadonlyArray<string>): ReadonlyArray<string> =>
  allowed.includes("*") ? [] : unread.map(({ table }) => table).filter((table) => !allowed.includes(table))

/** What stands in them nobody knows: what to do, so that a check may pass. */
export const unreadRemedy = (tables: ReadonlyArray<string>): string =>
  `${count(tables.length, "table")} could not be read: ${tables.map(shown).join(", ")}. `
  + "Let the gateway's credential read them, or name them with --allow-unread."

/** One line for each column that the file does not cover. */
export const gapLines = (gaps: ReadonlyArray<Gap>): string =>
  gaps.map((gap) => `${shown(`${gap.table}.${gap.column}`)}: ${gap.kind} # ${reason(gap)}`).join("\n")

/** For programs. */
export const discoveredJson = (discovered: Discovered, diff: string | undefined): string => {
  const { columns, gaps, pipeline, sensitive, tables, unclassified, unread } = discovered
  const isGap = (table: string, column: string): boolean =>
    gaps.some((gap) => gap.table === table && gap.column === column)
  const marked = sensitive.map((one) => ({ ...one, covered: !isGap(one.table, one.column) }))
  const counted = { pipeline, tables: tables.length, columns }
  return JSON.stringify({ ...counted, sensitive: marked, unread, unclassified, diff: diff ?? null }, null, 2)
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? "" : "s"}`

/** Names come from the upstream: they may hold what a terminal would obey. */
const shown = (name: string): string => name.replace(/[\p{Cc}\p{Cf}]/gu, "·")
