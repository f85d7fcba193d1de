import type { Gap } from "./gaps.ts"

/** What is to be added to a map of the file: by key, a value, or more to add below it. */
export interface Additions {
  readonly [key: string]: Addition
}
export type Addition = Additions | ReadonlyArray<string> | Entry

/** A word, and why it is proposed. */
export interface Entry {
  readonly word: string
  readonly because: string
}

export const isEntry = (addition: Addition): addition is Entry => typeof (addition as Partial<Entry>).word === "string"
export const isWords = (addition: Addition): addition is ReadonlyArray<string> => Array.isArray(addition)

/** The data set for tables that stood in none. */
export const newDataSet = "discovered"

/** The entries that close the gaps of one pipeline. `home` is where a new data set rests. */
export const additionsFor = (
  gaps: ReadonlyArray<Gap>,
  pipeline: string,
  home: ReadonlyArray<string>,
  isThere: boolean
): Additions => {
  const dataSets: Record<string, Additions> = Object.create(null)
  for (const set of new Set(gaps.map(({ dataSet }) => dataSet ?? newDataSet))) {
    const tables: Record<string, Record<string, Entry>> = Object.create(null)
    for (const gap of gaps) {
      if ((gap.dataSet ?? newDataSet) !== set) continue
      const table = tables[gap.table] ??= Object.create(null) as Record<string, Entry>
      table[gap.column] = { word: gap.kind, because: reason(gap) }
    }
    const on = { on: { [pipeline]: { tables } } }
    dataSets[set] = set === newDataSet && !isThere ? { home, classes: ["personal"], ...on } : on
  }
  return { residency: { data_sets: dataSets } }
}

/** What a column looks like and why, in words that quote no value. */
export const reason = ({ evidence, kind, type }: Pick<Gap, "evidence" | "kind" | "type">): string =>
  `${type === kind ? "" : `${type}: `}${evidence.join(", ")}`
