import { createHash, type Hash } from "node:crypto"
import { join } from "node:path"
import type { Disk } from "./disk.ts"
import type { Extent } from "./header.ts"
import { layout } from "./layout.ts"

/** A file that only grows, and that holds whole pieces or, when the disk will not let us, says that it is broken. */
class Growing {
  bytes = 0
  /** A torn piece could not be taken back: nothing more may be appended. */
  torn = false
  private readonly disk: Disk
  readonly file: number

  constructor(disk: Disk, path: string) {
    this.disk = disk
    this.file = disk.open(path, "w")
  }

  /** Appends all of the bytes, or throws and leaves the file as it was; where that fails too, `torn` is set. */
  append(bytes: Uint8Array, from: number, to: number): void {
    let at = from
    try {
      while (at < to) {
        const written = this.disk.write(this.file, bytes, at, to - at, this.bytes + at - from)
        if (written <= 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" })
        at += written
      }
    } catch (error) {
      this.cut(this.bytes)
      throw error
    }
    this.bytes += to - from
  }

  /** Takes back what is behind `bytes`. */
  cut(bytes: number): void {
    this.bytes = bytes
    try {
      this.disk.truncate(this.file, bytes)
    } catch {
      this.torn = true
    }
  }

  /** From here on only `bytes` count; what is behind stays where it is, and counts no more. */
  abandon(bytes: number): void {
    this.torn ||= bytes < this.bytes
    this.bytes = bytes
  }

  get extent(): Extent {
    return { bytes: this.bytes, tail: this.torn ? "abandoned" : null }
  }
}

/** The segment that is being written: its records and its checkpoints. */
export class Segment {
  readonly number: number
  readonly log: Growing
  readonly notes: Growing
  private readonly disk: Disk
  private readonly notesDigest: Hash = createHash("sha256")
  /** The disk lost something, or kept something that it should not: this segment takes nothing more. */
  broken = false

  constructor(disk: Disk, folder: string, number: number) {
    this.disk = disk
    this.number = number
    this.log = new Growing(disk, join(folder, layout.log(number)))
    try {
      this.notes = new Growing(disk, join(folder, layout.notes(number)))
    } catch (error) {
      disk.close(this.log.file)
      throw error
    }
  }

  append(bytes: Uint8Array, from: number, to: number): void {
    try {
      this.log.append(bytes, from, to)
    } finally {
      this.broken ||= this.log.torn
    }
  }

  note(text: string): void {
    const bytes = Buffer.from(text)
    try {
      this.notes.append(bytes, 0, bytes.length)
      this.notesDigest.update(bytes)
    } finally {
      this.broken ||= this.notes.torn
    }
  }

  get notesExtent(): Extent & { readonly sha256: string } {
    return { ...this.notes.extent, sha256: this.notesDigest.copy().digest("hex") }
  }

  sync(done: (error: Error | null) => void): void {
    this.disk.sync(this.log.file, done)
  }

  syncNotes(done: (error: Error | null) => void): void {
    this.disk.sync(this.notes.file, done)
  }

  /** Whether somebody removed one of the files. */
  get isRemoved(): boolean {
    return !this.disk.isNamed(this.log.file) || !this.disk.isNamed(this.notes.file)
  }

  syncNow(): void {
    this.disk.syncNow(this.log.file)
    this.disk.syncNow(this.notes.file)
  }

  close(): void {
    for (const { file } of [this.log, this.notes]) {
      try {
        this.disk.close(file)
      } catch {
        // What close reports was either synced or counts as lost already.
      }
    }
  }
}
