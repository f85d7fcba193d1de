import { fits } from "../compile/glob.ts"
import type { World, WorldPipeline } from "../world.ts"

/** A column that was masked for whoever reads it, and is no more. */
export interface UncoveredColumn {
  readonly pipeline: string
  readonly resource: string
  readonly column: string
  readonly kind: string
  /** The kind that it has now, when it has one. */
  readonly now?: string
}

/** The columns that one world masks and another does not, or otherwise. */
export const uncovered = (old: World, next: World): ReadonlyArray<UncoveredColumn> =>
  [...old.pipelines].flatMap(([name, pipeline]) => {
    const other = next.pipelines.get(name)
    if (other === undefined) return []
    const now = kindsOf(other)
    return kindsOf(pipeline).flatMap((column) => {
      const kept = now.find((one) => one.column === column.column && fits(one.resource, column.resource))
      if (kept?.kind === column.kind) return []
      return [{ pipeline: name, ...column, ...(kept === undefined ? {} : { now: kept.kind }) }]
    })
  })

/** What a pipeline masks. */
const kindsOf = (pipeline: WorldPipeline): ReadonlyArray<Omit<UncoveredColumn, "pipeline" | "now">> => {
  if (!pipeline.plugins.includes("masking")) return []
  return Object.values(pipeline.selectors).flatMap(({ exact, patterns }) =>
    [...[...exact.values()].flat(), ...patterns].flatMap(({ kinds, name }) =>
      [...kinds].map(([column, kind]) => ({ resource: name, column, kind }))
    )
  )
}
