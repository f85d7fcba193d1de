import * as fs from "node:fs"
import { join } from "node:path"
import { digestOf, GENESIS, SEAL_PREFIX } from "./chain.ts"
import { type Extent, parseHeader, type Previous } from "./header.ts"
import { isUnborn } from "./recover.ts"
import { declaredExtent } from "./declared-extent.ts"
import { KeptCheckpoints } from "./kept-checkpoints.ts"
import { layout } from "./layout.ts"
import { checkNotes, type NoteTrail } from "./check-notes.ts"
import type { NoteKey } from "./note.ts"
import { HEADERS, type LedgerRecord, OWN, recordLine } from "./record.ts"
import type { Found, Progress, Report } from "./report.ts"
import { DELETED } from "./retention.ts"
import { type Position, type Scan, scanSegment } from "./scan.ts"
import { parseStub, type Stub } from "./stub.ts"

type Seals = Map<number, { readonly hash: string; readonly offset: number }>

/** What is known of the segment just checked, for the header that follows it to agree with. */
interface Before {
  readonly segment: number
  readonly log: Buffer
  readonly notes: Buffer
  readonly sealed: number
}

/** One run over a folder, a segment at a time. */
export class Verification {
  private readonly folder: string
  private readonly key: NoteKey
  private readonly kept: KeptCheckpoints
  private readonly findings: Array<Found> = []
  private readonly failures: Array<Found> = []
  private readonly position: Position = { hash: GENESIS, seq: 0, open: new Map() }
  private readonly trail: NoteTrail
  private readonly segments: Array<number> = []
  private readonly stubs = new Map<number, { readonly stub: Stub; readonly digest: string }>()
  private readonly deletions = new Map<number, { readonly digest: string; readonly seq: number }>()
  private stub: Stub | undefined
  private before: Before | undefined
  private at = 0
  private records = 0
  private origin: string | undefined

  constructor(folder: string, key: NoteKey, checkpoints: ReadonlyArray<string>) {
    this.folder = folder
    this.key = key
    this.kept = new KeptCheckpoints(checkpoints, key, this.failures)
    this.trail = { previous: "-", seq: 0, count: 0, at: undefined }
    this.list()
  }

  /** Checks the next segment; false when there was none. */
  step(progress?: (progress: Progress) => void): boolean {
    const segment = this.segments[this.at]
    if (segment === undefined) return false
    progress?.({ segment: this.at + 1, segments: this.segments.length, records: this.records })
    this.at++
    // Behind a break in the chain nothing can be judged: the first failure is the one to look at.
    const broken = this.failures.length > 0
    if (!broken) this.segment(segment, this.at === this.segments.length)
    return !broken
  }

  report(): Report {
    const open = [...this.position.open.keys()].filter((session) => session !== OWN)
    if (this.failures.length === 0) {
      this.kept.finish(this.position.seq)
      this.agreeOnStub()
    }
    const last = layout.log(this.segments.at(-1) ?? 1)
    const unsigned = this.position.seq - this.trail.seq
    const note = (message: string): void => void this.findings.push({ file: last, index: 0, offset: 0, message })
    if (unsigned > 0) note(`${unsigned} records are not yet under a checkpoint`)
    if (open.length > 0) note(`${open.length} sessions are open`)
    return {
      ok: this.failures.length === 0,
      origin: this.origin,
      records: this.records,
      segments: this.segments.length,
      checkpoints: this.trail.count,
      unsigned,
      deleted: this.stub?.segments.length ?? 0,
      openSessions: open,
      lastCheckpoint: this.trail.at,
      findings: this.findings,
      failures: this.failures
    }
  }

  private fail(file: string, index: number, offset: number, message: string): void {
    this.failures.push({ file, index, offset, message })
  }

  private read(name: string): Buffer {
    return fs.readFileSync(join(this.folder, name))
  }

  private list(): void {
    const notes = new Set<number>()
    for (const entry of fs.readdirSync(this.folder, { withFileTypes: true })) {
      const file = entry.isFile() ? layout.parse(entry.name) : undefined
      if (file === undefined) this.fail(entry.name, 0, 0, "this is not a file of the ledger")
      else if (file.kind === "log") this.segments.push(file.segment)
      else if (file.kind === "notes") notes.add(file.segment)
      else this.readStub(entry.name, file.segment)
    }
    this.segments.sort((a, b) => a - b)
    const newest = Math.max(0, ...this.stubs.keys())
    if (newest > 0) this.beginAt(this.stubs.get(newest)!.stub)
    for (const segment of this.segments.filter((each) => each <= newest)) this.leftover(segment)
    this.segments.forEach((segment, i) => {
      if (segment !== newest + 1 + i) this.missing(newest + 1 + i, newest + i)
      if (!notes.has(segment) && !this.isNewborn(segment)) {
        this.fail(layout.notes(segment), 0, 0, "the segment's checkpoints are missing")
      }
    })
    for (const segment of notes) {
      if (segment <= newest) this.leftoverNotes(segment)
      if (segment > newest && !this.segments.includes(segment)) this.missing(segment, segment - 1)
    }
    if (this.segments.length === 0) this.fail(layout.log(newest + 1), 0, 0, "there is no segment")
  }

  private missing(segment: number, before: number): void {
    const where = before === 0 ? "at the beginning" : `behind segment ${before}`
    this.fail(layout.log(segment), 0, 0, `a segment is missing ${where}`)
  }

  private readStub(name: string, segment: number): void {
    const text = this.read(name)
    const stub = parseStub(text.toString("utf8"))
    if (typeof stub === "string") this.fail(name, 0, 0, stub)
    else if (stub.last !== segment || !Buffer.from(text.toString("utf8")).equals(text)) {
      this.fail(name, 0, 0, "the stub is not the one of its name")
    } else this.stubs.set(segment, { stub, digest: digestOf(text) })
  }

  private beginAt(stub: Stub): void {
    this.stub = stub
    this.position.hash = Buffer.from(stub.hash, "hex")
    this.position.seq = stub.seq
    this.trail.previous = stub.checkpoint
    this.kept.beginAt(stub.seq)
  }

  /** A segment that a stub stands for, and that a crash kept from being deleted: it must be the one that was meant. */
  private leftover(segment: number): void {
    this.segments.splice(this.segments.indexOf(segment), 1)
    const file = layout.log(segment)
    const meant = this.stub?.segments.find((gone) => gone.segment === segment)
    if (meant?.log !== digestOf(this.read(file))) this.fail(file, 0, 0, "the segment is not the one that was deleted")
    else this.findings.push({ file, index: 0, offset: 0, message: "the segment was to be deleted, and still is here" })
  }

  private leftoverNotes(segment: number): void {
    const file = layout.notes(segment)
    const meant = this.stub?.segments.find((gone) => gone.segment === segment)
    if (meant?.notes !== digestOf(this.read(file))) this.fail(file, 0, 0, "the file is not the one that was deleted")
  }

  /** A crash may fall between the making of a segment's two files. */
  private isNewborn(segment: number): boolean {
    return segment === this.segments.at(-1) && this.read(layout.log(segment)).length === 0
  }

  private segment(segment: number, last: boolean): void {
    const file = layout.log(segment)
    const log = this.read(file)
    const notes = last && log.length === 0 ? Buffer.alloc(0) : this.read(layout.notes(segment))
    const next = this.next(segment)
    // What the next header does not count is compared with what it says of it when its turn comes.
    const counted = log.subarray(0, declaredExtent(next)?.bytes ?? log.length)
    const seals: Seals = new Map()
    let first = true
    const scan = scanSegment(counted, this.position, {
      record: (record) => {
        const wrong = first ? this.header(record, segment) : this.inner(record)
        first = false
        return wrong
      },
      sealed: (position, offset) => {
        seals.set(position.seq, { hash: position.hash.toString("base64"), offset })
        return this.kept.meet(position)
      }
    })
    this.records += scan.records
    const uncounted = log.length - counted.length
    if (log.length === 0) this.found(file, 0, 0, "the segment was only begun: a crash")
    if (uncounted > 0) this.found(file, scan.records, counted.length, `${uncounted} bytes count no more: a crash`)
    this.behindSeals(file, counted, scan, next === undefined && (last || this.at + 1 === this.segments.length))
    this.notes(segment, notes, seals, next === undefined)
    this.before = { segment, log, notes, sealed: scan.sealed }
  }

  private notes(segment: number, notes: Buffer, seals: Seals, last: boolean): void {
    const file = layout.notes(segment)
    checkNotes(notes, {
      key: this.key,
      segment,
      seals,
      trail: this.trail,
      last,
      kept: (text) => this.kept.found(text),
      fail: (index, offset, message) => this.fail(file, index, offset, message),
      find: (index, offset, message) => this.found(file, index, offset, message)
    })
  }

  /** A flaw, or records without a seal. At the ledger's end a crash explains a batch that was cut off, no more. */
  private behindSeals(file: string, counted: Buffer, scan: Scan, atEnd: boolean): void {
    const { flaw, records, sealed, unsealed } = scan
    if (flaw !== undefined) return this.fail(file, flaw.index, flaw.offset, flaw.message)
    if (counted.length === sealed) return
    const torn = atEnd && this.isCutOff(counted.subarray(counted.lastIndexOf("\n") + 1), scan)
    if (torn) this.found(file, records, sealed, `${counted.length - sealed} bytes were cut off by a crash`)
    else this.fail(file, records + unsealed, sealed, "records without a seal, or what is not the beginning of one")
  }

  /** Whether a line without its newline is what a crash leaves: the beginning of a record or a seal, or a hole. */
  private isCutOff(piece: Buffer, scan: Scan): boolean {
    const starts = [recordLine(this.position.seq + scan.unsealed + 1, ",\"session\":\""), SEAL_PREFIX.toString()]
    const text = piece.toString("latin1")
    return starts.some((start) => text.startsWith(start) || start.startsWith(text)) || piece.every((byte) => byte === 0)
  }

  private found(file: string, index: number, offset: number, message: string): void {
    this.findings.push({ file, index, offset, message })
  }

  /** The segment behind, when there is one whose header was finished. */
  private next(segment: number): Buffer | undefined {
    const next = this.segments.includes(segment + 1) ? this.read(layout.log(segment + 1)) : undefined
    return next !== undefined && segment + 1 === this.segments.at(-1) && isUnborn(next) ? undefined : next
  }

  private inner(record: LedgerRecord): string | undefined {
    if (record.session === HEADERS) return "a header in the middle of a segment"
    if (record.type === DELETED && record.session === OWN) {
      const { last, sha256 } = record.body
      if (typeof last === "number" && typeof sha256 === "string")
        this.deletions.set(last, { digest: sha256, seq: record.seq })
    }
    return undefined
  }

  private header(record: LedgerRecord, segment: number): string | undefined {
    if (record.session !== HEADERS) return "the segment does not begin with a header"
    const header = parseHeader(record)
    if (typeof header === "string") return header
    this.origin ??= header.origin
    if (header.origin !== this.key.origin) return `the ledger is ${header.origin}, and the key is of ${this.key.origin}`
    if (header.segment !== segment || record.n !== segment) return "the header is of another segment"
    if (header.checkpoint !== this.trail.previous) return "the header does not name the last checkpoint before it"
    if (this.before === undefined && this.stub !== undefined) {
      this.position.open = new Map(Object.entries(header.open))
      return header.previous?.segment === this.stub.last && header.previous.hash === this.stub.hash
        ? undefined
        : "the header does not join the stub"
    }
    if (!sameCounts(header.open, this.position.open)) return "the header names other open sessions than there are"
    return disagreement(header.previous, this.before, this.position)
  }

  /**
   * A stub counts when a record that was signed before the deletion names it: one that only continues the chain could
   * be of whoever deleted the segments, since it takes no key.
   */
  private agreeOnStub(): void {
    for (const [last, { digest }] of this.stubs) {
      const file = layout.stub(last)
      if (last !== this.stub?.last) {
        this.findings.push({ file, index: 0, offset: 0, message: "the stub is outdated, and was to be deleted" })
        continue
      }
      const named = this.deletions.get(last)
      if (named?.digest !== digest || named.seq > this.trail.seq) {
        this.fail(file, 0, 0, "no record under a checkpoint names this stub")
      }
    }
    for (const last of this.deletions.keys()) {
      if (last > (this.stub?.last ?? 0)) {
        this.findings.push({
          file: layout.stub(last),
          index: 0,
          offset: 0,
          message: "a deletion is recorded and not done"
        })
      }
    }
  }
}

const sameCounts = (said: { readonly [session: string]: number }, open: ReadonlyMap<string, number>): boolean => {
  const entries = Object.entries(said)
  return entries.length === open.size && entries.every(([session, n]) => open.get(session) === n)
}

const disagreement = (
  previous: Previous | null,
  before: Before | undefined,
  position: Position
): string | undefined => {
  if (previous === null || before === undefined) {
    return previous === null && before === undefined ? undefined : "the header does not follow the segment before"
  }
  const hash = position.hash.toString("hex")
  if (previous.segment !== before.segment) return "the header follows another segment than the one before"
  if (previous.hash !== hash) return "the header continues from another hash than the segment before ends with"
  if (previous.log.bytes !== before.sealed) return "the segment before is longer or shorter than the header says"
  const log = tailDisagrees(previous.log, before.log)
  const notes = tailDisagrees(previous.notes, before.notes)
  if (log !== undefined || notes !== undefined) return log ?? notes
  return digestOf(before.notes.subarray(0, previous.notes.bytes)) === previous.notes.sha256
    ? undefined
    : "the checkpoints of the segment before are not those that the header names"
}

const tailDisagrees = ({ bytes, tail }: Extent, file: Buffer): string | undefined => {
  const rest = file.subarray(bytes)
  if (tail === "abandoned") return undefined
  const good = tail === null
    ? rest.length === 0
    : rest.length === tail.bytes && digestOf(rest) === tail.sha256
  return good ? undefined : "what stands behind the end of the segment before is not what the header says"
}
