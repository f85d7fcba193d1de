import { type Note, type NoteKey, openNote } from "./note.ts"
import type { Found } from "./report.ts"
import type { Position } from "./scan.ts"

/** Checkpoints that the auditor kept: each must be met on the way through the ledger. */
export class KeptCheckpoints {
  private readonly failures: Array<Found>
  /** Those that are not yet met, in order. */
  private waiting: Array<{ readonly note: Note; readonly index: number }>

  /** Those that the ledger itself no longer has, so far. */
  private readonly missing = new Map<string, number>()

  constructor(texts: ReadonlyArray<string>, key: NoteKey, failures: Array<Found>) {
    this.failures = failures
    this.waiting = []
    texts.forEach((text, index) => {
      const note = openNote(text, key)
      if (typeof note === "string") this.fail(index, note)
      else {
        this.waiting.push({ note, index })
        this.missing.set(text, index)
      }
    })
    this.waiting.sort((a, b) => a.note.seq - b.note.seq)
  }

  /** Records up to `seq` are deleted: checkpoints of that past can no longer be compared, except at its end. */
  beginAt(seq: number): void {
    this.waiting = this.waiting.filter(({ note }) => note.seq > seq)
    const left = new Set(this.waiting.map(({ index }) => index))
    for (const [text, index] of this.missing) if (!left.has(index)) this.missing.delete(text)
  }

  /** The ledger has this checkpoint. */
  found(text: string): void {
    this.missing.delete(text)
  }

  /** A seal was reached. */
  meet(position: Position): string | undefined {
    for (let next = this.waiting[0]; next !== undefined && next.note.seq <= position.seq; next = this.waiting[0]) {
      this.waiting.shift()
      const same = next.note.seq === position.seq && next.note.hash.equals(position.hash)
      if (!same) return `the ledger is not the one of checkpoint ${next.index}: at record ${next.note.seq} they differ`
    }
    return undefined
  }

  /** The ledger ends at `seq`. */
  finish(seq: number): void {
    for (const { index, note } of this.waiting) {
      this.missing.clear()
      this.fail(index, `the ledger was rolled back: it ends at record ${seq}, and at ${note.at} it had ${note.seq}`)
    }
    this.waiting = []
    for (const index of this.missing.values()) this.fail(index, "the ledger has lost this checkpoint of its own")
  }

  private fail(index: number, message: string): void {
    this.failures.push({ file: "checkpoint given", index, offset: 0, message })
  }
}
