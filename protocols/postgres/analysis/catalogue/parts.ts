import { Draft } from "./draft.ts"
import { emptySnapshot, type Relation, type Snapshot } from "./snapshot.ts"

/** A piece of a snapshot, small enough to be copied to another thread in one turn of the event loop. */
export interface SnapshotPart {
  /** Set on the first part: everything before it is forgotten. */
  readonly head?: Pick<Snapshot, "version" | "path" | "schemas" | "casts" | "servers">
  readonly relations?: ReadonlyArray<readonly [string, Relation]>
  readonly routines?: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]>
  readonly types?: ReadonlyArray<readonly [string, unknown]>
  readonly operators?: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]>
  /** The last one. */
  readonly last?: true
}

/** How much one part holds: entries, and columns of relations. */
const partMax = 1500
/** Characters of a definition that weigh as much as a column. */
const columnCharacters = 40

/** A snapshot in pieces, in order. */
export const partsOf = function*(snapshot: Snapshot): Generator<SnapshotPart> {
  const { casts, path, schemas, servers, version } = snapshot
  yield { head: { version, path, schemas, casts, servers } }
  for (const relations of chunks(snapshot.relations, weightOf)) yield { relations }
  for (const routines of chunks(snapshot.routines, (overloads) => overloads.length * 4)) yield { routines }
  for (const types of chunks(snapshot.types, () => 2)) yield { types }
  for (const operators of chunks(snapshot.operators, (overloads) => overloads.length)) yield { operators }
  yield { last: true }
}

const weightOf = ({ columns, definition, policies }: Relation): number =>
  1 + columns.length + 10 * policies.length
  + (definition === undefined ? 0 : (definition.text?.length ?? 4000) / columnCharacters)

const chunks = function*<A>(
  map: ReadonlyMap<string, A>,
  weigh: (value: A) => number
): Generator<ReadonlyArray<readonly [string, A]>> {
  let chunk: Array<readonly [string, A]> = []
  let weight = 0
  for (const entry of map) {
    chunk.push(entry)
    weight += weigh(entry[1])
    if (weight < partMax) continue
    yield chunk
    chunk = []
    weight = 0
  }
  if (chunk.length > 0) yield chunk
}

/** Puts a snapshot together again. */
export class Assembly {
  #draft = new Draft(emptySnapshot)
  snapshot: Snapshot = emptySnapshot

  add(part: SnapshotPart): void {
    if (part.head !== undefined) {
      const none = { relations: new Map(), children: new Map(), routines: new Map(), types: new Map() }
      this.#draft = new Draft({ ...part.head, ...none, operators: new Map() })
    }
    const draft = this.#draft
    for (const name of ["relations", "routines", "types", "operators"] as const) {
      const map: Map<string, unknown> = draft[name]
      for (const [key, value] of part[name] ?? []) map.set(key, value)
    }
    if (part.last === true) this.snapshot = draft.seal()
  }
}
