import type { RecordBody, SessionLog } from "../../../core/index.ts"
import { acknowledge, type Mark, sealBatch, type Written } from "./batch.ts"
import { Checkpoints } from "./checkpoints.ts"
import type { Disk } from "./disk.ts"
import { headerRest, type Previous } from "./header.ts"
import type { Keys } from "./keys.ts"
import { encodeBody, OWN, quoted, recordRest, type Rest, SESSION_END } from "./record.ts"
import { CLOSED, orphans, type Start } from "./recover.ts"
import type { Position } from "./scan.ts"
import { Segment } from "./segment.ts"
import type { WriterOptions } from "./writer-options.ts"
import { Slabs } from "./slabs.ts"
import { type Desk, SessionSpool } from "./session-spool.ts"
import { troubleOf } from "./trouble.ts"
import { Unsigned } from "./unsigned.ts"

const CLOSE_ATTEMPTS = 3
/** How long what holds nothing up may wait for company, in milliseconds. */
const LATER_MILLISECONDS = 5

/** From so many bytes on that are not durable, the disk is not given until the next tick: they are kept in memory. */
const UNSYNCED_BYTES_MAX = 8_388_608

/**
 * The one writer of a ledger.
 *
 * Records wait in `rests` until the turn of the event loop ends; then all of them go to the file in one write, behind
 * which stands their seal. `written` are batches that the disk has taken and not yet made durable: should it fail to,
 * the segment ends at what is durable (`position`, `offset`), and they are written again to a new one.
 */
export class Writer implements Desk {
  trouble: string | undefined
  /** The ledger's own voice. */
  readonly own: SessionSpool
  /** The durable end of the chain, and where it lies in the segment. */
  private readonly position: Position
  private offset = 0
  private rests: Array<Rest> = []
  private readonly slabs = new Slabs()
  private touched: Array<SessionSpool> = []
  private marks: Array<Mark> = []
  private waiting = 0
  private written: Array<Written> = []
  private segment: Segment | undefined
  private previous: Previous | null
  private readonly checkpoints: Checkpoints
  private readonly unsigned = new Unsigned()
  private scheduled = false
  private scheduledLater: NodeJS.Timeout | undefined
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
    this.checkpoints = new Checkpoints(keys, options.checkpointMilliseconds, start.checkpoint, start.position.seq)
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

  /** Signs soon; calls `then` once all that is written by now is under a durable checkpoint. See `Unsigned`. */
  whenSigned(then: () => void): void {
    this.unsigned.await((this.written.at(-1) ?? this.position).seq, then)
    this.checkpoints.hasten()
  }

  take(spool: SessionSpool, n: number, type: string, body: RecordBody, later: boolean): boolean {
    const text = encodeBody(body)
    if (text === undefined) return false
    if (this.waiting + text.length > this.options.waitingMax) {
      this.lostRecords++
      return false
    }
    const kept = typeof text === "string" ? text : this.slabs.keep(text)
    this.rests.push(
      recordRest(spool.id, n, this.instant(), Math.round(performance.now() * 1000), quoted(type), kept)
    )
    this.waiting += text.length
    if (!spool.touched) {
      spool.touched = true
      this.touched.push(spool)
    }
    if (later) this.scheduleLater()
    else this.schedule()
    return true
  }

  /** Writes what waits, and closes with a checkpoint. Where the disk refuses, what was written stays as it is. */
  async close(): Promise<void> {
    clearInterval(this.ticking)
    this.own.append(CLOSED, {})
    for (let attempt = 0; attempt < CLOSE_ATTEMPTS; attempt++) {
      await this.synced()
      this.flush()
      await this.synced()
      if (this.trouble === undefined && this.segment?.broken === false && this.finishWell(this.segment)) break
    }
    this.closed = true
    this.segment?.close()
    this.segment = undefined
  }

  private finishWell(segment: Segment): boolean {
    try {
      segment.syncNow()
      this.settle(this.written.length)
      this.note(segment)
      segment.syncNow()
      this.unsigned.settle(this.checkpoints.seq)
      return true
    } catch {
      this.syncFailed = segment.broken = true
      return false
    }
  }

  private async synced(): Promise<void> {
    while (this.syncing) await new Promise<void>((resolve) => this.afterSync = resolve)
  }

  private closeOrphans(start: Start): void {
    if (start.previous === null) return this.own.append("ledger.created", {})
    if (start.clean) return this.own.append("ledger.opened", {})
    const { log, notes, segment } = start.previous
    this.own.append("ledger.recovered", { segment, tail: log.tail, notes_tail: notes.tail })
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

  private scheduleLater(): void {
    if (this.scheduled || this.scheduledLater !== undefined) return
    this.scheduledLater = setTimeout(() => this.flush(), LATER_MILLISECONDS)
    this.scheduledLater.unref()
  }

  /** Writes everything that waits as one batch. On failure it all stays, and is tried again. */
  private flush(): void {
    this.scheduled = false
    clearTimeout(this.scheduledLater)
    this.scheduledLater = undefined
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
    this.wrote(hash, segment)
    if (this.options.sync === "interval") acknowledge(this.written.at(-1)!)
    const isDue = this.options.sync === "before_forward" || segment.log.bytes - this.offset > UNSYNCED_BYTES_MAX
    if (isDue && !this.syncing) this.sync(segment)
  }

  /** What waited is in the file. */
  private wrote(hash: Buffer, segment: Segment): void {
    const seq = (this.written.at(-1) ?? this.position).seq + this.rests.length
    const { rests, slabs } = this
    this.written.push({ rests, marks: this.takeMarks(), hash, seq, offset: segment.log.bytes, slabs: slabs.cut() })
    this.rests = []
    this.waiting = 0
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
    if (segment.isRemoved) {
      // What was written since the last tick will not be read there: it is written again, to a segment with a name.
      this.syncFailed = true
      this.afterSyncing(segment, Object.assign(new Error("removed"), { code: "ENOENT" }))
    } else if (this.written.length > 0) this.sync(segment)
    else {
      this.slabs.shrink()
      this.noteWhenDue(segment)
    }
  }

  private sync(segment: Segment): void {
    const count = this.written.length
    this.syncing = true
    segment.sync((error) => {
      // What the disk failed to keep it may never keep: the pages count as clean now (the fsync error of 2018).
      if (error !== null) this.syncFailed = true
      else {
        this.settle(count)
        if (this.noteWhenDue(segment)) return
      }
      this.afterSyncing(segment, error)
    })
  }

  private afterSyncing(segment: Segment, error: Error | null): void {
    this.syncing = false
    if (error !== null) {
      segment.broken = true
      this.fail(error)
    } else if (this.options.sync === "before_forward" && this.written.length > 0 && !segment.broken) this.sync(segment)
    const { afterSync } = this
    this.afterSync = undefined
    afterSync?.()
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
      this.slabs.release(batch.slabs)
      acknowledge(batch)
    }
  }

  /** True when a checkpoint was written: it is being made durable, and then `afterSyncing` goes on. */
  private noteWhenDue(segment: Segment): boolean {
    if (segment.broken || !this.checkpoints.isDue(this.position.seq)) return false
    try {
      this.note(segment)
      this.syncing = true
      segment.syncNotes((error) => {
        if (error === null) this.unsigned.settle(this.checkpoints.seq)
        this.afterSyncing(segment, error)
      })
      return true
    } catch (error) {
      this.noteFailed = true
      this.fail(error)
      return false
    }
  }

  /** Signs a checkpoint over what is durable. */
  private note(segment: Segment): void {
    const { checkpoints, offset, position } = this
    if (position.seq !== checkpoints.seq) {
      checkpoints.sign({ position, segment: segment.number, offset, at: this.instant() }, (note) => segment.note(note))
    }
    this.noteFailed = false
  }

  /**
   * Closes the segment, if there is one, and begins the next: its header, and in the same write all that waits. So what
   * a failed sync made us take back stops counting in the old segment only when it stands in the new one.
   */
  private rotate(): void {
    if (this.segment !== undefined) this.finish(this.segment)
    const segment = new Segment(this.disk, this.folder, (this.previous?.segment ?? 0) + 1)
    try {
      const { keys: { noteKey: { origin } }, position, previous } = this
      const open = Object.fromEntries(position.open)
      const bound = { segment: segment.number, origin, previous, checkpoint: this.checkpoints.last, open }
      const header = sealBatch([headerRest(bound, this.instant())], position)
      const bytes: Array<Uint8Array> = [Buffer.from(header.bytes.subarray(header.from, header.to))]
      const begun = { hash: header.hash, seq: this.position.seq + 1 }
      const batch = this.rests.length === 0 ? undefined : sealBatch(this.rests, begun)
      if (batch !== undefined) bytes.push(batch.bytes.subarray(batch.from, batch.to))
      const all = Buffer.concat(bytes)
      segment.append(all, 0, all.length)
      segment.syncNow()
      this.disk.syncFolder(this.folder)
      Object.assign(this.position, begun)
      this.offset = bytes[0]!.length
      this.segment = segment
      if (batch !== undefined) this.wrote(batch.hash, segment)
      this.settle(this.written.length)
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

  /**
   * What was written and is not durable will be written again, before what waits. It is not cut off where it is: until
   * the next segment stands, that is the only place where it may still be read.
   */
  private takeBack(segment: Segment): void {
    segment.log.abandon(this.offset)
    this.rests = [...this.written.flatMap(({ rests }) => rests), ...this.rests]
    this.marks = [...this.written.flatMap(({ marks }) => marks), ...this.marks]
    for (const { slabs } of this.written.toReversed()) this.slabs.takeBack(slabs)
    this.written = []
    this.unsigned.forget()
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
