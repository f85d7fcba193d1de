import type { PolicyDocument } from "../../../core/index.ts"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { DataSet } from "../schema/data-set.ts"
import type { WorldDataSet } from "../world.ts"
import type { Allowances } from "./allowances.ts"
import { fits } from "./glob.ts"
import { compileAggregates } from "./aggregates.ts"
import { columnOf } from "./column.ts"
import { checkKnown, checkName } from "./names.ts"
import { compileRows } from "./rows.ts"
import { type PlaceSet, within } from "./zones.ts"

const path = ["residency", "data_sets"]

/** Compiles the data sets, by name in the order of their names. */
export const compileDataSets = (
  section: ResidencySection,
  document: PolicyDocument,
  zones: ReadonlyMap<string, PlaceSet>,
  allowances: Allowances,
  problems: Problems
): ReadonlyMap<string, WorldDataSet> => {
  const dataSets = new Map<string, WorldDataSet>()
  for (const [name, dataSet] of Object.entries(section.data_sets).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    checkName([...path, name], name, "data set", ["catalogue", "unknown", "any"], problems)
    checkHome(name, dataSet, zones, problems)
    const homePlaces = new Set(dataSet.home.flatMap((zone) => [...zones.get(zone) ?? []]))
    const compiled: WorldDataSet = {
      name,
      home: [...dataSet.home].toSorted(),
      homePlaces,
      rows: compileRows(name, dataSet, homePlaces, zones, problems),
      classes: [...dataSet.classes].toSorted(),
      subject: subjectOf(dataSet.subject),
      otherwise: dataSet.otherwise,
      masked: dataSet.masked,
      aggregates: compileAggregates(name, dataSet, problems),
      evidence: dataSet.evidence,
      mode: dataSet.mode,
      transfers: allowances.transfers(name, dataSet.classes),
      exceptions: allowances.exceptions(name, dataSet.classes)
    }
    dataSets.set(name, compiled)
    warnOfRest(name, dataSet, compiled, document, zones, problems)
  }
  return dataSets
}

const checkHome = (name: string, dataSet: DataSet, zones: ReadonlyMap<string, PlaceSet>, problems: Problems): void => {
  if (dataSet.home.length === 0) {
    problems.error(
      [...path, name, "home"],
      `data set ${name} has no home`,
      "Name the zones where it may rest and be seen."
    )
  }
  for (const [index, zone] of dataSet.home.entries()) {
    checkKnown([...path, name, "home", index], zone, "zone", zones, problems)
  }
}

const subjectOf = (text: string | undefined): WorldDataSet["subject"] => {
  const { column, table } = columnOf(text ?? "")
  return table === undefined ? undefined : { table, column }
}

/** What is lawful to write down but should not go unnoticed. */
const warnOfRest = (
  name: string,
  dataSet: DataSet,
  compiled: WorldDataSet,
  document: PolicyDocument,
  zones: ReadonlyMap<string, PlaceSet>,
  problems: Problems
): void => {
  for (const pipeline of document.pipelines) {
    if (!Object.hasOwn(dataSet.on, pipeline.name) || within(zones.get(pipeline.at), compiled.homePlaces)) continue
    problems.warn(
      [...path, name, "on", pipeline.name],
      `data set ${name} rests on the upstream of ${pipeline.name} at ${pipeline.at}, outside its home`,
      "Move it, widen its home, or keep a transfer that covers it: until then writes to it are denied."
    )
  }
  const subject = subjectOf(dataSet.subject)
  const named = Object.values(dataSet.on).some(({ tables }) =>
    Object.keys(tables).some((table) => subject !== undefined && fits(table, subject.table))
  )
  if (dataSet.subject !== undefined && !named) {
    problems.warn(
      [...path, name, "subject"],
      `${dataSet.subject} is a column of no table of ${name}: every row will count as another person`,
      "Write it as schema.table.column, with a table that stands under `on`."
    )
  }
  const capped = [...new Set(compiled.transfers.filter(({ cap }) => cap !== undefined).map(({ id }) => id))]
  if (dataSet.subject === undefined && capped.length > 0) {
    problems.warn(
      [...path, name],
      `${name} names no subject, and ${capped.join(", ")} counts people: every row will count as another person`,
      "Name the column that identifies a person under `subject`."
    )
  }
  if (dataSet.mode === "shadow") {
    problems.warn(
      [...path, name, "mode"],
      `data set ${name} is in shadow mode: what would be refused because of it is recorded and let through`,
      "Set mode: enforce once its receipts look right."
    )
  }
}
