interface Waiting {
  readonly seq: number
  readonly signed: () => void
}

/** Who waits until a checkpoint covers a record, by the record's number in the ledger. */
export class Unsigned {
  private waiting: ReadonlyArray<Waiting> = []

  await(seq: number, signed: () => void): void {
    this.waiting = [...this.waiting, { seq, signed }]
  }

  /** A checkpoint over everything up to `seq` is durable. */
  settle(seq: number): void {
    const { waiting } = this
    this.waiting = waiting.filter((one) => one.seq > seq)
    for (const one of waiting) if (one.seq <= seq) one.signed()
  }

  /** The disk makes us write anew what they wait for, under other numbers: nobody is told. */
  forget(): void {
    this.waiting = []
  }
}
