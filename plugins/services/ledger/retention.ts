import { join } from "node:path"
import { digestOf } from "./chain.ts"
import type { Disk } from "./disk.ts"
import { layout } from "./layout.ts"
import { parseRecord } from "./record.ts"
import { startOf } from "./recover.ts"
import { parseStub, type Stub, stubText } from "./stub.ts"
import type { Writer } from "./writer.ts"

const SWEEP_MILLISECONDS = 3_600_000
/** Pipelines open one after another: nothing is deleted before all had time to say for how long they keep records. */
const PATIENCE_MILLISECONDS = 60_000
const DAY_MILLISECONDS = 86_400_000

/** The type of record that commits to a stub: it is written before the segments are deleted. */
export const DELETED = "ledger.deleted"

/** Deletes whole segments once all that is in them is older than everyone wishes to keep it, and leaves a stub. */
export class Retention {
  private readonly disk: Disk
  private readonly folder: string
  private readonly writer: Pick<Writer, "own" | "segmentNumber" | "whenSigned">
  private readonly wishes = new Set<{ readonly days: number }>()
  private readonly timers: ReadonlyArray<NodeJS.Timeout>

  constructor(disk: Disk, folder: string, writer: Pick<Writer, "own" | "segmentNumber" | "whenSigned">) {
    this.disk = disk
    this.folder = folder
    this.writer = writer
    const sweep = (): void => this.sweep(Date.now())
    this.timers = [setTimeout(sweep, PATIENCE_MILLISECONDS), setInterval(sweep, SWEEP_MILLISECONDS)]
    for (const timer of this.timers) timer.unref()
  }

  /** Notes for how long someone wants records; returns what takes the wish back. */
  wish(days: number | undefined): () => void {
    const wish = { days: days ?? Number.POSITIVE_INFINITY }
    this.wishes.add(wish)
    return () => void this.wishes.delete(wish)
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer)
  }

  /** Deletes what is due at `now`. What fails is tried again at the next sweep. */
  sweep(now: number): void {
    try {
      this.finish()
      const days = this.wishes.size === 0 ? Number.POSITIVE_INFINITY : Math.max(...[...this.wishes].map((w) => w.days))
      if (days === Number.POSITIVE_INFINITY) return
      const due = this.due(new Date(now - days * DAY_MILLISECONDS).toISOString())
      if (due.length > 0) this.remove(due, new Date(now).toISOString())
    } catch {
      // A segment that cannot be read or deleted now stays, whole and verifiable.
    }
  }

  /** Complete segments, the oldest first, whose successor began before `before`. The last two always stay. */
  private due(before: string): ReadonlyArray<number> {
    const logs = this.files("log").filter((segment) => segment < this.writer.segmentNumber)
    const due: Array<number> = []
    for (let i = 0; i + 1 < logs.length && this.began(logs[i + 1]!) < before; i++) due.push(logs[i]!)
    return due
  }

  private began(segment: number): string {
    const bytes = this.read(layout.log(segment))
    const record = parseRecord(bytes.toString("utf8", 0, Math.max(0, bytes.indexOf("\n"))))
    return typeof record === "string" ? "~" : record.at
  }

  private remove(segments: ReadonlyArray<number>, at: string): void {
    const before = this.stub()
    const last = segments.at(-1)!
    const successor = startOf(this.read(layout.log(last + 1)), layout.log(last + 1))
    const gone = segments.map((segment) => ({
      segment,
      first: startOf(this.read(layout.log(segment)), layout.log(segment)).position.seq + 1,
      log: digestOf(this.read(layout.log(segment))),
      notes: digestOf(this.read(layout.notes(segment))),
      deleted: at
    }))
    const stub: Stub = {
      format: "sluice/ledger/stub",
      version: 1,
      last,
      seq: successor.position.seq,
      hash: successor.position.hash.toString("hex"),
      checkpoint: successor.header.checkpoint,
      segments: [...before?.segments ?? [], ...gone]
    }
    const text = stubText(stub)
    this.writer.own.append(DELETED, { last, sha256: digestOf(text) })
    // The files go only once the record that says so is signed: anybody can write one.
    this.writer.own.whenWritten(() => this.writer.whenSigned(() => this.replace(last, text)))
  }

  private replace(last: number, text: string): void {
    try {
      this.write(layout.stub(last), text)
      this.finish()
    } catch {
      // The next sweep finishes it; until then the files are whole, and verify says that the deletion is not done.
    }
  }

  /** Deletes what the newest stub stands for. */
  private finish(): void {
    const last = this.files("stub").at(-1)
    if (last === undefined) return
    const { position } = startOf(this.read(layout.log(last + 1)), layout.log(last + 1))
    const stub = this.stub()!
    if (stub.seq !== position.seq || stub.hash !== position.hash.toString("hex")) return
    for (const name of this.disk.list(this.folder)) {
      const file = layout.parse(name)
      const covered = file !== undefined && (file.kind === "stub" ? file.segment < last : file.segment <= last)
      if (covered) this.disk.remove(join(this.folder, name))
    }
    this.disk.syncFolder(this.folder)
  }

  private stub(): Stub | undefined {
    const last = this.files("stub").at(-1)
    const stub = last === undefined ? undefined : parseStub(this.read(layout.stub(last)).toString())
    if (typeof stub === "string") throw new Error(stub)
    return stub
  }

  /** The stub appears whole or not at all. */
  private write(name: string, text: string): void {
    const fresh = `${this.folder}.stub.new`
    const file = this.disk.open(fresh, "w")
    try {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length;) at += this.disk.write(file, bytes, at, bytes.length - at, at)
      this.disk.syncNow(file)
    } finally {
      this.disk.close(file)
    }
    this.disk.rename(fresh, join(this.folder, name))
  }

  private files(kind: "log" | "stub"): ReadonlyArray<number> {
    return this.disk.list(this.folder).map((name) => layout.parse(name)).filter((file) => file?.kind === kind)
      .map((file) => file!.segment)
  }

  private read(name: string): Buffer {
    const bytes = this.disk.read(join(this.folder, name))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
}
