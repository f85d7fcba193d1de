import { canonicalName, type Relation } from "../catalogue/snapshot.ts"
import type { Body, Node } from "../parse/tree.ts"
import type { Context } from "./context.ts"
import type { Column, Entry, Place } from "./scope.ts"

/** A relation that stands in a FROM clause of the text itself, by its name. */
export interface Mention {
  /** Where its name starts, in bytes. */
  readonly at: number
  readonly range: Body
  readonly relation: Relation
  /** What each of its columns is, under its own name. */
  readonly columns: ReadonlyArray<Column>
}

/** A GROUP BY of the text. */
export interface Grouping {
  /** Where its first item starts, in bytes. */
  readonly at: number
  /** What its query has in FROM. */
  readonly entries: ReadonlyArray<Entry>
  /** The columns of mentions that it groups by. */
  readonly places: ReadonlyArray<Place>
}

/**
 * Where a text names what it reads: kept only for a rewriting. What views, functions and policies read stands in none
 * of the text's places, and can be replaced in none.
 */
export class Mentions {
  /** By where their names start. */
  readonly all = new Map<number, Mention>()
  /** References that name a mention's schema too (`app.customers.name`): where they start, and where it does. */
  readonly qualified = new Map<number, number>()
  /** Canonical names of relations that are read otherwise than by a mention. */
  readonly elsewhere = new Set<string>()

  /** The columns of each mention that the text refers to, by their names in the relation. */
  readonly referred = new Map<number, Set<string>>()
  /** By where their lists start. */
  readonly groupings = new Map<number, Grouping>()

  read(relation: Relation, isMention: boolean): void {
    if (!isMention) this.elsewhere.add(canonicalName(relation.schema, relation.name))
  }

  add(mention: Mention): void {
    this.all.set(mention.at, mention)
  }

  refer({ place }: Column): void {
    if (place === undefined) return
    const known = this.referred.get(place.mention)
    if (known === undefined) this.referred.set(place.mention, new Set([place.name]))
    else known.add(place.name)
  }

  group(items: ReadonlyArray<Node>, entries: ReadonlyArray<Entry>, columns: ReadonlyArray<Column | undefined>): void {
    const [first] = items
    const node = first?.["ColumnRef"] ?? first?.["A_Const"]
    // What does not start with a name or a position is left alone: where its list starts is not known.
    if (node === undefined) return
    const at = locationOf(node)
    this.groupings.set(at, { at, entries, places: columns.flatMap((column) => column?.place ?? []) })
  }

  qualify(reference: Body, { mention }: Entry): void {
    if (mention !== undefined) this.qualified.set(locationOf(reference), mention)
  }
}

/** The mentions to be kept, while the text itself is resolved and not what a view or a function holds. */
export const mentionsIn = ({ depth, footprint }: Context): Mentions | undefined =>
  depth === 0 ? footprint.mentions : undefined

/** Where a node starts in its text, in bytes: left out of the tree where it is 0. */
export const locationOf = (body: Body): number => body["location"] as number | undefined ?? 0
