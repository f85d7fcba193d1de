import { type ColumnDecision, type ColumnFacts, decideColumn } from "./column.ts"

/** When enough was seen to decide. */
export interface ObserverLimits {
  /** Cells, NULL included. 64 unless told. */
  readonly cellsMost?: number
  /** Bytes of all cells together. 256 KiB unless told. */
  readonly bytesMost?: number
}

/** The longest piece of a cell that is looked at: what a column holds shows in its beginnings. */
const pieceBytes = 4096
const decoder = new TextDecoder()

/**
 * Watches the cells of one column as they come, and says when it has seen enough: so that rows may be held until then,
 * and the column be decided once. It keeps at most the bytes of its limit, and no view on what it was fed. Time is its
 * caller's: `decide` may be asked at any moment, and answers from what was seen so far.
 */
export class ColumnObserver {
  readonly #facts: Omit<ColumnFacts, "values">
  readonly #cellsMost: number
  readonly #bytesMost: number
  readonly #values = new Set<string>()
  #cells = 0
  #bytes = 0
  #decision: ColumnDecision | undefined

  constructor(facts: Omit<ColumnFacts, "values">, { bytesMost = 262_144, cellsMost = 64 }: ObserverLimits = {}) {
    this.#facts = facts
    this.#cellsMost = cellsMost
    this.#bytesMost = bytesMost
  }

  /** Whether enough was seen: from then on cells are not looked at any more, and the decision stays. */
  get isDone(): boolean {
    return this.#cells >= this.#cellsMost || this.#bytes >= this.#bytesMost
  }

  /** Takes the text of one cell, in UTF-8; null for NULL, which says nothing and counts. */
  observe(cell: Uint8Array | null): void {
    if (this.isDone) return
    this.#cells++
    if (cell === null) return
    this.#bytes += cell.length
    this.#values.add(decoder.decode(cell.length > pieceBytes ? cell.subarray(0, pieceBytes) : cell))
    this.#decision = undefined
  }

  /** What the column holds, as far as its cells say by now. */
  decide(): ColumnDecision {
    return this.#decision ??= decideColumn({ ...this.#facts, values: [...this.#values] })
  }
}
