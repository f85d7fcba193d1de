import { canonicalName, type Relation } from "../catalogue/snapshot.ts"
import type { Body } from "../parse/tree.ts"
import type { Context } from "./context.ts"
import type { Column, Entry } from "./scope.ts"

/** A relation that stands in a FROM clause of the text itself, by its name. */
export interface Mention {
  /** Where its name starts, in bytes. */
  readonly at: number
  readonly range: Body
  readonly relation: Relation
  /** What each of its columns is, under its own name. */
  readonly columns: ReadonlyArray<Column>
}

/**
 * Where a text names what it reads: kept only for a rewriting. What views, functions and policies read stands in none of
 * the text's places, and can be replaced in none.
 */
export class Mentions {
  /** By where their names start. */
  readonly all = new Map<number, Mention>()
  /** References that name a mention's schema too (`app.customers.name`): where they start, and where the mention does. */
  readonly qualified = new Map<number, number>()
  /** Canonical names of relations that are read otherwise than by a mention. */
  readonly elsewhere = new Set<string>()

  read(relation: Relation, isMention: boolean): void {
    if (!isMention) this.elsewhere.add(canonicalName(relation.schema, relation.name))
  }

  add(mention: Mention): void {
    this.all.set(mention.at, mention)
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
