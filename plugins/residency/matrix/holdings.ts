import type { Resource } from "../../../core/index.ts"
import { selectionsOf } from "../engine/touched.ts"
import type { Selectable, World, WorldPipeline } from "../world.ts"

/** Something behind one upstream that the policy speaks of under one name. */
export interface Holding {
  readonly pipeline: string
  /** The data set; `unclassified` for what is in none. */
  readonly name: string
  /** What to ask for so that it is touched. What holds for the mildest of them holds for the holding. */
  readonly resources: ReadonlyArray<Resource>
}

/** What stands for `*` in a selector: nobody's name. */
const filling = "any-0"

/** What every pipeline holds, data sets by name. What is in no data set is there only where the policy lets it pass. */
export const holdingsOf = (world: World): ReadonlyArray<Holding> =>
  [...world.pipelines.values()].flatMap((pipeline) => {
    const groups = groupBy(resourcesOf(pipeline), (one) => dataSetsOf(pipeline, one).join("\0"))
    const named = pipeline.dataSets.map(({ name }): Holding => ({
      pipeline: pipeline.name,
      name,
      // One for each combination of data sets: alone, or together with others.
      resources: [...groups].filter(([key]) => key.split("\0").includes(name)).map(([, [first]]) => first!)
    })).filter((holding) => holding.resources.length > 0)
    if (world.otherwise === "deny") return named
    const strange = strangers.find((one) => dataSetsOf(pipeline, one).length === 0)
    return strange === undefined
      ? named
      : [...named, { pipeline: pipeline.name, name: "unclassified", resources: [strange] }]
  })

/** One resource for each selector. */
export const resourcesOf = (pipeline: WorldPipeline): ReadonlyArray<Resource> =>
  Object.entries(pipeline.selectors).flatMap(([kind, { exact, patterns }]) =>
    [...exact.keys(), ...patterns.map(({ name }) => name)].map((name): Resource => ({
      kind: kind as Selectable,
      name: name.replaceAll("*", filling)
    }))
  )

/** The data sets that a resource is in, by name. */
export const dataSetsOf = (pipeline: WorldPipeline, resource: Resource): ReadonlyArray<string> =>
  [...new Set(selectionsOf(pipeline, resource).map(({ dataSet }) => dataSet.name))].toSorted()

/** A resource that no selector was written for. */
export const strangers: ReadonlyArray<Resource> = ["unclassified.any-0", "zz-0.unclassified-9"].map((name) => ({
  kind: "table",
  name
}))

export const groupBy = <A>(all: Iterable<A>, keyOf: (one: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}
