import type { Operation, Resource } from "../../../core/index.ts"
import type { Form, Inputs } from "../engine/inputs.ts"
import { touchedBy } from "../engine/touched.ts"
import type { World, WorldPipeline } from "../world.ts"
import { keyOf } from "./key.ts"

/** How a data set is seen: of which homes its rows are, where that is known. */
export interface Release {
  readonly name: string
  readonly form: Form
  readonly homes: ReadonlyArray<string> | undefined
}

/** What an operation lets out, and where it leaves something, once it is forwarded. */
export interface Releases {
  /** Data sets that its answer, or only its error, may tell of, and how. */
  readonly dataSets: ReadonlyArray<Release>
  /** Keys of the labels that cling to what it touches. */
  readonly from: ReadonlyArray<string>
  /** Keys of the labels of what it may leave something in. */
  readonly into: ReadonlyArray<string>
  /** Whether it subscribes to what others will say through this upstream. */
  readonly listens: boolean
}

const tables: ReadonlySet<string> = new Set(["table", "topic", "route", "object", "path"])
/** What these do is not only in the tables that they name: definitions can be read by everyone. */
const everywhere: ReadonlySet<string> = new Set(["define", "admin", "execute", "move", "unknown"])

/** An operation that is not resolved touches every data set of its upstream. */
export const releasesOf = (
  world: World,
  pipeline: WorldPipeline,
  operation: Operation,
  { homes = {}, seen, written = {} }: Pick<Inputs, "homes" | "seen" | "written">
): Releases => {
  const { kind, reads, resolved, writes } = operation
  const touched = touchedBy(world, pipeline, operation)
  const forms = new Map<string, Form>()
  for (const { name } of touched.reads) forms.set(name, seen[name] ?? "clear")
  for (const { name } of resolved ? touched.writes : pipeline.dataSets) forms.set(name, "clear")
  const homesOf = (name: string): ReadonlyArray<string> | undefined => {
    const read = touched.reads.some((one) => one.name === name) ? homes[name] : []
    const wrote = touched.writes.some((one) => one.name === name) ? written[name] : []
    return !resolved || read === undefined || wrote === undefined
      ? undefined
      : [...new Set([...read, ...wrote])].toSorted()
  }
  const upstream = keyOf("upstream", pipeline.store)
  const silent = kind === "session" && reads.length === 0 && writes.length === 0 && resolved
  const all = !resolved || everywhere.has(kind) || writes.some((resource) => !tables.has(resource.kind))
  return {
    // Of rows that are only prepared nothing is seen.
    dataSets: [...forms].map(([name, form]) => ({ name, form, homes: homesOf(name) }))
      .filter(({ homes: ofRows }) => ofRows?.length !== 0),
    from: silent ? [] : [upstream, ...storesOf(pipeline, [...reads, ...writes])],
    into: [...(all ? [upstream] : []), ...storesOf(pipeline, writes)],
    listens: reads.some((resource) => resource.kind === "server" && resource.name === "notifications")
  }
}

/** By every name that a resource goes by, so that a partition and its parent are one. */
const storesOf = ({ store }: WorldPipeline, resources: ReadonlyArray<Resource>): ReadonlyArray<string> => [
  ...new Set(
    resources.filter(({ kind }) => tables.has(kind))
      .flatMap(({ name, within = [] }) => [name, ...within].map((one) => keyOf("store", store, one)))
  )
]
