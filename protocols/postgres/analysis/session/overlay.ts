import { apply } from "../catalogue/apply.ts"
import { queryColumns } from "../catalogue/declared.ts"
import { Draft } from "../catalogue/draft.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import { isTooMuch, within } from "../guard/work.ts"
import { type Node, nodesIn, tagOf } from "../parse/tree.ts"

/** The most definitions that are followed before the catalogue must show them, and the most nodes of their trees. */
const definitionsMax = 500
const nodesMax = 20_000

/** The most work that applying definitions may be, in steps: see `guard/work.ts`. */
const applyingSteps = 12_000

/**
 * What this session alone sees: its temporary objects, and what it has defined in a transaction that is still open.
 *
 * Definitions are applied, in order, to a copy of the catalogue. One that cannot be followed (`lost`) makes everything
 * that touches relations unresolved until the transaction ends and the catalogue was read again; temporary objects
 * are then forgotten too. That a transaction was rolled back is not known here: temporary objects stay believed, which
 * is harmless, since every other relation of the same name comes first, and one that is gone fails upstream.
 */
export class Overlay {
  readonly #live: boolean
  #definitions: Array<Node> = []
  #lost = false
  #nodes = 0
  #known: { readonly base: Snapshot; readonly count: number; readonly snapshot: Snapshot } | undefined

  constructor(live: boolean) {
    this.#live = live
  }

  /** Whether the session sees the catalogue as everyone does. */
  get plain(): boolean {
    return this.#definitions.length === 0 && !this.#lost
  }

  /** A definition has run, or has failed: then the whole transaction is failing, or it never was one. */
  define(statement: Node, done: boolean): void {
    if (!done) return
    this.#nodes += countOf(statement)
    if (this.#definitions.length >= definitionsMax || this.#nodes > nodesMax) this.#lost = true
    else this.#definitions.push(statement)
  }

  /** A savepoint was returned to: what was defined after it is gone, and which that was is not known. */
  rolledBackTo(): void {
    if (this.#definitions.length > 0) this.#lost = true
  }

  lose(): void {
    this.#lost = true
  }

  /** What the catalogue does not show yet, in order. */
  get definitions(): ReadonlyArray<Node> {
    return this.#definitions
  }

  /** DISCARD: temporary objects are gone. */
  discard(): void {
    this.#keep(this.#definitions.filter((one) => !isTemporary(one)))
  }

  #keep(definitions: Array<Node>): void {
    this.#definitions = definitions
    this.#nodes = definitions.reduce((sum, one) => sum + countOf(one), 0)
    this.#known = undefined
  }

  /** The transaction ended. Answers whether the catalogue must be looked at again. */
  transactionEnded(): boolean {
    if (this.plain || !this.#live) return false
    const kept = this.#lost ? [] : this.#definitions.filter(isTemporary)
    const moved = this.#lost || kept.length < this.#definitions.length
    this.#keep(kept)
    this.#lost = false
    return moved
  }

  /** The catalogue as this session sees it; undefined when it cannot be told. */
  over(base: Snapshot): Snapshot | undefined {
    if (this.#lost) return undefined
    const count = this.#definitions.length
    if (this.#known?.base === base && this.#known.count === count) return this.#known.snapshot
    // What came on top since is all that has to be applied, as long as what is under it is the same.
    const from = this.#known?.base === base ? this.#known : { snapshot: base, count: 0 }
    const { answer } = within(applyingSteps, () => defined(from.snapshot, this.#definitions.slice(from.count)))
    if (answer === undefined) {
      this.#lost = true
      return undefined
    }
    this.#known = { base, count, snapshot: answer }
    return answer
  }
}

/** A catalogue with definitions applied on top of it; undefined when one of them cannot be followed. */
export const defined = (base: Snapshot, definitions: ReadonlyArray<Node>): Snapshot | undefined => {
  if (definitions.length === 0) return base
  const draft = new Draft(base)
  try {
    for (const node of definitions) {
      const tag = tagOf(node)!
      // What an extension brings along is known only to the server.
      if (tag.includes("Extension")) return undefined
      apply(draft, tag, node[tag]!, queryColumns)
    }
    return draft.seal()
  } catch (error) {
    if (isTooMuch(error)) throw error
    return undefined
  }
}

const countOf = (statement: Node): number => {
  let count = 0
  for (const _ of nodesIn(statement)) if (++count > nodesMax) break
  return count
}

/** Whether a definition makes a temporary relation. */
const isTemporary = (node: Node): boolean => {
  const tag = tagOf(node)!
  const body = node[tag]!
  const range = body["intoClause"]?.["rel"] ?? body["into"]?.["rel"] ?? body["view"] ?? body["sequence"]
    ?? (tag === "CreateStmt" ? body["relation"] : undefined)
  return range?.["relpersistence"] === "t"
}
