/** One line of what was measured. */
export interface Row {
  readonly suite: string
  /** The type, or `total`. */
  readonly type: string
  readonly precision?: number
  readonly recall?: number
  readonly f1?: number
  /** Any other share or count, by its name. */
  readonly share?: number
  readonly count?: number
  /** How many there were to find, or to look at. */
  readonly of: number
  readonly goal?: string
  readonly reached?: boolean
}

/** Counts what was right, what was missed, and what was found where nothing is. */
export class Tally {
  right = 0
  missed = 0
  wrong = 0

  get precision(): number {
    return share(this.right, this.right + this.wrong)
  }

  get recall(): number {
    return share(this.right, this.right + this.missed)
  }

  get f1(): number {
    return share(2 * this.right, 2 * this.right + this.wrong + this.missed)
  }

  row(suite: string, type: string): Row {
    const { f1, missed, precision, recall, right } = this
    return { suite, type, precision, recall, f1, of: right + missed }
  }
}

/** Tallies by type, and one of all together. */
export class Tallies {
  readonly byType = new Map<string, Tally>()
  readonly total = new Tally()

  add(type: string, what: "right" | "missed" | "wrong", times = 1): void {
    let tally = this.byType.get(type)
    if (tally === undefined) this.byType.set(type, tally = new Tally())
    tally[what] += times
    this.total[what] += times
  }

  rows(suite: string): ReadonlyArray<Row> {
    return [...this.byType].toSorted(([a], [b]) => a < b ? -1 : 1).map(([type, tally]) => tally.row(suite, type))
  }
}

export const share = (part: number, whole: number): number => whole === 0 ? 1 : Math.round(part / whole * 10000) / 10000
