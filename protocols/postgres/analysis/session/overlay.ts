import { apply } from "../catalogue/apply.ts"
import { queryColumns } from "../catalogue/declared.ts"
import { Draft } from "../catalogue/draft.ts"
import type { Snapshot } from "../catalogue/snapshot.ts"
import { type Node, tagOf } from "../parse/tree.ts"

/** The most definitions that are followed before the catalogue must show them. */
const definitionsMax = 500

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
    if (this.#definitions.length >= definitionsMax) this.#lost = true
    else this.#definitions.push(statement)
  }

  /** A savepoint was returned to: what was defined after it is gone, and which that was is not known. */
  rolledBackTo(): void {
    if (this.#definitions.length > 0) this.#lost = true
  }

  lose(): void {
    this.#lost = true
  }

  #lose(): undefined {
    this.#lost = true
    return undefined
  }

  /** DISCARD: temporary objects are gone. */
  discard(): void {
    this.#definitions = this.#definitions.filter((one) => !isTemporary(one))
  }

  /** The transaction ended. Answers whether the catalogue must be looked at again. */
  transactionEnded(): boolean {
    if (this.plain || !this.#live) return false
    const kept = this.#lost ? [] : this.#definitions.filter(isTemporary)
    const moved = this.#lost || kept.length < this.#definitions.length
    this.#definitions = kept
    this.#lost = false
    this.#known = undefined
    return moved
  }

  /** The catalogue as this session sees it; undefined when it cannot be told. */
  over(base: Snapshot): Snapshot | undefined {
    if (this.#lost) return undefined
    const count = this.#definitions.length
    if (this.#known?.base === base && this.#known.count === count) return this.#known.snapshot
    const draft = new Draft(base)
    try {
      for (const node of this.#definitions) {
        const tag = tagOf(node)!
        // What an extension brings along is known only to the server.
        if (tag.includes("Extension")) return this.#lose()
        apply(draft, tag, node[tag]!, queryColumns)
      }
    } catch {
      this.#lost = true
      return undefined
    }
    const snapshot = draft.seal()
    this.#known = { base, count, snapshot }
    return snapshot
  }
}

/** Whether a definition makes a temporary relation. */
const isTemporary = (node: Node): boolean => {
  const tag = tagOf(node)!
  const body = node[tag]!
  const range = body["intoClause"]?.["rel"] ?? body["into"]?.["rel"] ?? body["view"] ?? body["sequence"]
    ?? (tag === "CreateStmt" ? body["relation"] : undefined)
  return range?.["relpersistence"] === "t"
}
