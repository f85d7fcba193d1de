import { hostname } from "node:os"
import { type Json, type SessionLog } from "../../../core/index.ts"
import { type Batch, type Mark, sealBatch } from "./batch.ts"
import { digestOf } from "./chain.ts"
import type { Disk } from "./disk.ts"
import { FORMAT, type Header, type Previous, VERSION } from "./header.ts"
import type { Keys } from "./keys.ts"
import { signNote } from "./note.ts"
import { HEADERS, OWN, recordRest, SESSION_END } from "./record.ts"
import { CLOSED, orphans, type Start } from "./recover.ts"
import type { Position } from "./scan.ts"
import { Segment } from "./segment.ts"
import { type Desk, SessionSpool } from "./session-spool.ts"
import { troubleOf } from "./trouble.ts"

/** How a writer writes. */
export interface WriterOptions {
  readonly sync: "interval" | "before_forward"
  readonly syncMilliseconds: number
  readonly segmentBytesMax: number
  /** Characters that may wait for the disk before records are refused. */
  readonly waitingMax: number
  /** How long to wait before what failed is tried again. */
  readonly retryMilliseconds: number
  /** Least time between two checkpoints. */
  readonly checkpointMilliseconds: number
}

interface Written extends Batch {
  /** The place in the chain behind the batch, and where its seal ends in the file. */
  readonly hash: Buffer
  readonly seq: number
  readonly offset: number
}

/**
 * The one writer of a ledger.
 *
 * Records wait in `rests` until the turn of the event loop ends; then all of them go to the file in one write, behind
 * which stands their seal. `written` are batches that the disk has taken and not yet made durable: should it fail to,
 * the segment is cut back to what is durable (`position`, `offset`), and they are written again to a new one.
 */
export class Writer implements Desk {
  trouble: string | undefined
  /** The ledger's own voice. */
  readonly own: SessionSpool
  /** The durable end of the chain, and where it lies in the segment. */
  private readonly position: Position
  private offset = 0
  private rests: Array<string> = []
  private touched: Array<SessionSpool> = []
  private marks: Array<Mark> = []
  private waiting = 0
  private written: Array<Written> = []
  private segment: Segment | undefined
  private previous: Previous | null
  private checkpoint: string
  private checkpointSeq: number
  private checkpointAt = Number.NEGATIVE_INFINITY
  private scheduled = false
  private syncing = false
  private syncFailed = false
  private noteFailed = false
  private closed = false
  private lostRecords = 0
  private readonly disk: Disk
  private readonly folder: string
  private readonly keys: Keys
  private readonly options: WriterOptions
  private readonly ticking: NodeJS.Timeout
  private afterSync: (() => void) | undefined
  private stamp = { at: 0, text: "" }

  constructor(disk: Disk, folder: string, keys: Keys, start: Start, options: WriterOptions) {
    this.disk = disk
    this.folder = folder
    this.keys = keys
    this.options = options
    this.position = start.position
    this.previous = start.previous
    this.checkpoint = start.checkpoint
    this.checkpointSeq = start.position.seq
    this.own = new SessionSpool(this, OWN, start.position.open.get(OWN))
    this.closeOrphans(start)
    this.ticking = setInterval(() => this.tick(), options.syncMilliseconds)
    this.ticking.unref()
    this.flush()
  }

  open(session: string): SessionLog {
    return new SessionSpool(this, session)
  }

  /** The segment that is being written; older ones are complete. */
  get segmentNumber(): number {
    return this.segment?.number ?? (this.previous?.segment ?? 0) + 1
  }

  take(spool: SessionSpool, n: number, type: string, body: { readonly [key: string]: Json | undefined }): boolean {
    let text: string
    try {
      text = JSON.stringify(body)
    } catch {
      return false
    }
    if (this.waiting + text.length > this.options.waitingMax) {
      this.lostRecords++
      return false
    }
    this.rests.push(
      recordRest(spool.id, n, this.instant(), Math.round(performance.now() * 1000), JSON.stringify(type), text)
    )
    this.waiting += text.length
    if (!spool.touched) {
      spool.touched = true
      this.touched.push(spool)
    }
    this.schedule()
    return true
  }

  /** Writes what waits, and closes with a checkpoint. */
  async close(): Promise<void> {
    clearInterval(this.ticking)
    this.own.append(CLOSED, {})
    await this.synced()
    this.flush()
    await this.synced()
    this.closed = true
    const segment = this.segment
    if (segment === undefined) return
    try {
      if (this.trouble !== undefined) return
      segment.syncNow()
      this.settle(this.written.length)
      this.note(segment)
      segment.syncNow()
    } finally {
      segment.close()
      this.segment = undefined
    }
  }

  private async synced(): Promise<void> {
    while (this.syncing) await new Promise<void>((resolve) => this.afterSync = resolve)
  }

  private closeOrphans(start: Start): void {
    if (start.previous === null) return this.own.append("ledger.created", {})
    if (start.clean) return this.own.append("ledger.opened", {})
    const { log, notes, segment } = start.previous
    this.own.append("ledger.recovered", { segment, tail: log.tail as Json, notes_tail: notes.tail as Json })
    for (const session of orphans(start.position)) {
      new SessionSpool(this, session, start.position.open.get(session)).append(SESSION_END, {
        reason: "gateway_lost",
        recovered: true
      })
    }
  }

  private instant(): string {
    const now = Date.now()
    if (now !== this.stamp.at) this.stamp = { at: now, text: new Date(now).toISOString() }
    return this.stamp.text
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.flush())
  }

  /** Writes everything that waits as one batch. On failure it all stays, and is tried again. */
  private flush(): void {
    this.scheduled = false
    if (this.closed) return
    try {
      if (this.segment === undefined || this.segment.broken || this.segment.log.bytes >= this.options.segmentBytesMax) {
        if (this.syncing) return void (this.afterSync ??= () => this.schedule())
        this.rotate()
      }
      if (this.lostRecords > 0) this.confess()
      if (this.rests.length > 0) this.write(this.segment!)
      if (this.noteFailed) this.note(this.segment!)
      this.trouble = undefined
    } catch (error) {
      this.fail(error)
    }
  }

  private write(segment: Segment): void {
    const end = this.written.at(-1) ?? this.position
    const { bytes, from, hash, to } = sealBatch(this.rests, end)
    segment.append(bytes, from, to)
    const marks = this.takeMarks()
    const seq = end.seq + this.rests.length
    const batch: Written = { rests: this.rests, marks, hash, seq, offset: segment.log.bytes }
    this.rests = []
    this.waiting = 0
    this.written.push(batch)
    if (this.options.sync === "interval") acknowledge(batch)
    else if (!this.syncing) this.sync(segment)
  }

  private takeMarks(): ReadonlyArray<Mark> {
    const { marks } = this
    for (const spool of this.touched) {
      spool.touched = false
      marks.push({ spool, n: spool.n, ended: spool.ended })
    }
    this.touched = []
    this.marks = []
    return marks
  }

  private tick(): void {
    if (this.trouble !== undefined || this.syncing) return
    const { segment } = this
    if (segment === undefined || segment.broken) return
    if (this.written.length > 0) this.sync(segment)
    else this.noteWhenDue(segment)
  }

  private sync(segment: Segment): void {
    const count = this.written.length
    this.syncing = true
    segment.sync((error) => {
      this.syncing = false
      if (error === null) {
        this.settle(count)
        this.noteWhenDue(segment)
        if (this.options.sync === "before_forward" && this.written.length > 0 && !segment.broken) this.sync(segment)
      } else {
        // What the disk failed to keep it may never keep: the pages count as clean now (the fsync error of 2018).
        this.syncFailed = segment.broken = true
        this.fail(error)
      }
      const { afterSync } = this
      this.afterSync = undefined
      afterSync?.()
    })
  }

  /** The first `count` batches are durable. */
  private settle(count: number): void {
    for (const batch of this.written.splice(0, count)) {
      for (const { ended, n, spool } of batch.marks) {
        if (ended) this.position.open.delete(spool.session)
        else this.position.open.set(spool.session, n)
      }
      this.position.hash = batch.hash
      this.position.seq = batch.seq
      this.offset = batch.offset
      acknowledge(batch)
    }
  }

  private noteWhenDue(segment: Segment): void {
    if (segment.broken || performance.now() - this.checkpointAt < this.options.checkpointMilliseconds) return
    try {
      this.note(segment)
    } catch (error) {
      this.noteFailed = true
      this.fail(error)
    }
  }

  /** Signs a checkpoint over what is durable. */
  private note(segment: Segment): void {
    const { hash, seq } = this.position
    this.noteFailed &&= seq !== this.checkpointSeq
    if (seq === this.checkpointSeq) return
    const { noteKey, privateKey } = this.keys
    const text = signNote(
      {
        origin: noteKey.origin,
        seq,
        hash,
        segment: segment.number,
        offset: this.offset,
        at: this.instant(),
        previous: this.checkpoint
      },
      noteKey,
      privateKey
    )
    segment.note(text)
    this.checkpoint = digestOf(text)
    this.checkpointSeq = seq
    this.checkpointAt = performance.now()
    this.noteFailed = false
  }

  /** Closes the segment, if there is one, and begins the next. */
  private rotate(): void {
    if (this.segment !== undefined) this.finish(this.segment)
    const segment = new Segment(this.disk, this.folder, (this.previous?.segment ?? 0) + 1)
    try {
      const header = sealBatch([this.headerRest(segment.number)], this.position)
      segment.append(header.bytes, header.from, header.to)
      segment.syncNow()
      this.disk.syncFolder(this.folder)
      this.position.hash = header.hash
      this.position.seq += 1
      this.offset = segment.log.bytes
      this.segment = segment
    } finally {
      if (this.segment !== segment) segment.close()
    }
  }

  private finish(segment: Segment): void {
    try {
      if (!this.syncFailed) {
        segment.syncNow()
        this.settle(this.written.length)
      }
    } catch {
      this.syncFailed = true
    }
    if (this.syncFailed) this.takeBack(segment)
    this.syncFailed = false
    segment.close()
    this.previous = {
      segment: segment.number,
      hash: this.position.hash.toString("hex"),
      log: segment.log.extent,
      notes: segment.notesExtent
    }
    this.segment = undefined
  }

  /** What was written and is not durable will be written again, before what waits. */
  private takeBack(segment: Segment): void {
    segment.log.cut(this.offset)
    this.rests = [...this.written.flatMap(({ rests }) => rests), ...this.rests]
    this.marks = [...this.written.flatMap(({ marks }) => marks), ...this.marks]
    this.written = []
  }

  private headerRest(segment: number): string {
    const header: Header = {
      format: FORMAT,
      version: VERSION,
      segment,
      origin: this.keys.noteKey.origin,
      previous: this.previous,
      checkpoint: this.checkpoint,
      open: Object.fromEntries(this.position.open),
      writer: { host: hostname(), pid: process.pid }
    }
    const us = Math.round(performance.now() * 1000)
    return recordRest(`"${HEADERS}"`, segment, this.instant(), us, "\"segment\"", JSON.stringify(header))
  }

  private confess(): void {
    const records = this.lostRecords
    this.lostRecords = 0
    this.own.append("ledger.lost", { records })
  }

  private fail(error: unknown): void {
    this.trouble = troubleOf(error)
    setTimeout(() => this.schedule(), this.options.retryMilliseconds).unref()
  }
}

const acknowledge = (batch: Batch): void => {
  for (const { n, spool } of batch.marks) spool.acknowledge(n)
}
