import { ColumnObserver } from "../../../core/detect/index.ts"

/** A decision on as many cells is kept. Before that it holds as long as the cells that come agree. */
const CELLS_TO_SETTLE = 8
/** Of one column, while it is not decided: deciding takes milliseconds with more. */
const CELLS_MOST = 32
/** Of one cell: what it is shows in its beginning. */
const PIECE_BYTES = 128
/** A column in which nothing was found is looked at again after as many cells. */
const CELLS_AT_REST = 65_536

/** What is known of a column, before any of its cells is seen. */
export interface Known {
  readonly name: string
  readonly type: string
}

/** Learns what one column holds from its cells, those of several results one after the other. */
export class Learner {
  /** How the column is to be masked, as far as is known by now. */
  kind: string | undefined
  isSettled = false
  private readonly known: Known
  private readonly settled: (kind: string) => void
  private observer: ColumnObserver | undefined
  private cells = 0
  private rest = 0

  /** `settled` is told what is decided for good. */
  constructor(known: Known, settled: (kind: string) => void) {
    this.known = known
    this.settled = settled
    this.begin()
  }

  /** Takes the text of one cell, in UTF-8. Nothing of it is kept once the column is decided. */
  learn(cell: Uint8Array): void {
    if (this.isSettled) return
    if (this.observer === undefined) {
      if (--this.rest <= 0) this.begin()
      return
    }
    this.observer.observe(cell.length > PIECE_BYTES ? cell.subarray(0, PIECE_BYTES) : cell)
    this.cells++
    // Deciding takes longer than looking: at one cell, two, four, eight …
    if ((this.cells & (this.cells - 1)) === 0 || this.observer.isDone) this.decide(this.observer)
  }

  /** What another result, or another gateway, has decided. */
  settle(kind: string): void {
    this.kind = kind
    this.isSettled = true
    this.observer = undefined
  }

  private begin(): void {
    this.observer = new ColumnObserver(this.known, { cellsMost: CELLS_MOST })
    this.cells = 0
    this.decide(this.observer)
  }

  private decide(observer: ColumnObserver): void {
    this.kind = observer.decide().kind
    if (this.kind !== undefined && (this.cells >= CELLS_TO_SETTLE || observer.isDone)) {
      this.settle(this.kind)
      this.settled(this.kind)
    } else if (observer.isDone) {
      this.observer = undefined
      this.rest = CELLS_AT_REST
    }
  }
}
