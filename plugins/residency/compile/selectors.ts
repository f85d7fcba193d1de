import type { PolicyDocument } from "../../../core/index.ts"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { Selectors } from "../schema/data-set.ts"
import type { Selectable, WorldDataSet, WorldSelection, WorldSelectorIndex, WorldSelectors } from "../world.ts"
import { checkKnown } from "./names.ts"

const sections: ReadonlyArray<readonly [keyof Selectors, Selectable]> = [
  ["tables", "table"],
  ["routes", "route"],
  ["objects", "object"],
  ["paths", "path"],
  ["topics", "topic"]
]

/** Checks every data set's `on:`, once for the whole file. `kinds` undefined: kinds are not checked here. */
export const checkSelectors = (
  section: ResidencySection,
  document: PolicyDocument,
  kinds: ReadonlyArray<string> | undefined,
  problems: Problems
): void => {
  const known = kinds === undefined ? undefined : new Set(kinds)
  const given = new Map<string, string>()
  const pipelines = new Set(document.pipelines.map(({ name }) => name))
  for (const [name, dataSet] of Object.entries(section.data_sets)) {
    const at = ["residency", "data_sets", name, "on"]
    if (Object.keys(dataSet.on).length === 0) {
      problems.warn(
        at.slice(0, 3),
        `data set ${name} is nowhere: no pipeline holds it`,
        "Say what it consists of under `on`."
      )
    }
    for (const [pipeline, selectors] of Object.entries(dataSet.on)) {
      checkKnown([...at, pipeline], pipeline, "pipeline", pipelines, problems)
      for (const [key] of sections) checkFields([...at, pipeline, key], key, selectors, { known, given, problems })
    }
  }
}

interface Look {
  /** The kinds that masks know; undefined leaves them unchecked. */
  readonly known: ReadonlySet<string> | undefined
  /** The kind that a field was given first, by pipeline, selector and field. */
  readonly given: Map<string, string>
  readonly problems: Problems
}

const checkFields = (
  at: ReadonlyArray<string>,
  key: keyof Selectors,
  selectors: Selectors,
  { known, given, problems }: Look
): void => {
  for (const [name, fields] of Object.entries(selectors[key])) {
    if (key === "tables" && !name.includes(".") && name !== "*") {
      problems.warn(
        [...at, name],
        `table ${name} will not be found: canonical names carry their schema`,
        `Write public.${name}, or the schema that it is in.`
      )
    }
    for (const [field, kind] of Object.entries(fields)) {
      const path = [...at, name, field]
      if (known !== undefined) checkKnown(path, kind, "kind", known, problems)
      const place = JSON.stringify([at.at(-2), key, name, field])
      const first = given.get(place) ?? kind
      given.set(place, first)
      if (first === kind) continue
      problems.warn(
        path,
        `${name} ${field} is ${kind} here and ${first} in another data set`,
        "Give it one kind: only one mask can be shown."
      )
    }
  }
}

/** One pipeline's selectors, indexed by kind of resource. `dataSets` by name, so that the order is not the file's. */
export const compileSelectors = (
  section: ResidencySection,
  dataSets: ReadonlyMap<string, WorldDataSet>,
  pipeline: string
): WorldSelectors => {
  const index = (key: keyof Selectors): WorldSelectorIndex => {
    const exact = new Map<string, Array<WorldSelection>>()
    const patterns: Array<WorldSelection> = []
    for (const [name, dataSet] of dataSets) {
      const on = section.data_sets[name]?.on ?? {}
      const selectors = Object.hasOwn(on, pipeline) ? on[pipeline] : undefined
      for (const [selector, fields] of Object.entries(selectors?.[key] ?? {})) {
        const selection = { dataSet, name: selector, kinds: new Map(Object.entries(fields)) }
        if (selector.includes("*")) patterns.push(selection)
        else exact.set(selector, [...exact.get(selector) ?? [], selection])
      }
    }
    patterns.sort((a, b) => (a.dataSet.name + "\0" + a.name < b.dataSet.name + "\0" + b.name ? -1 : 1))
    return { exact, patterns }
  }
  return Object.fromEntries(sections.map(([key, kind]) => [kind, index(key)])) as unknown as WorldSelectors
}
