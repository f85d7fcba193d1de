import { digestOf } from "./chain.ts"
import type { Keys } from "./keys.ts"
import { signNote } from "./note.ts"
import type { Position } from "./scan.ts"

/** Where the durable end of the chain is, and when that was seen (ISO 8601). */
export interface Place {
  readonly position: Pick<Position, "hash" | "seq">
  readonly segment: number
  readonly offset: number
  readonly at: string
}

/** The signatures over the durable end of the chain: each names the one before. */
export class Checkpoints {
  private readonly keys: Keys
  private readonly everyMilliseconds: number
  private previous: string
  private covered: number
  private signedAt = Number.NEGATIVE_INFINITY

  /** `previous` is the digest of the last one that there is, over everything up to `covered`. */
  constructor(keys: Keys, everyMilliseconds: number, previous: string, covered: number) {
    this.keys = keys
    this.everyMilliseconds = everyMilliseconds
    this.previous = previous
    this.covered = covered
  }

  /** Digest of the last one. */
  get last(): string {
    return this.previous
  }

  /** The last record that is signed. */
  get seq(): number {
    return this.covered
  }

  isDue(seq: number): boolean {
    return seq !== this.covered && performance.now() - this.signedAt >= this.everyMilliseconds
  }

  /** The next is due at once. */
  hasten(): void {
    this.signedAt = Number.NEGATIVE_INFINITY
  }

  /** Signs what `keep` writes down. What it throws is thrown, and nothing counts as signed. */
  sign({ at, offset, position: { hash, seq }, segment }: Place, keep: (note: string) => void): void {
    const { noteKey, privateKey } = this.keys
    const { origin } = noteKey
    const note = signNote({ origin, seq, hash, segment, offset, at, previous: this.previous }, noteKey, privateKey)
    keep(note)
    this.previous = digestOf(note)
    this.covered = seq
    this.signedAt = performance.now()
  }
}
