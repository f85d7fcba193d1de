import { join } from "node:path"
import { digestOf, GENESIS } from "./chain.ts"
import type { Disk } from "./disk.ts"
import { type Extent, type Header, parseHeader, type Previous } from "./header.ts"
import { layout } from "./layout.ts"
import { type NoteKey, openNote } from "./note.ts"
import { splitNotes } from "./notes.ts"
import { OWN, parseRecord } from "./record.ts"
import { type Position, scanSegment } from "./scan.ts"

/** Where a writer goes on. */
export interface Start {
  readonly position: Position
  /** What the next segment's header says of the one before; null for a new ledger. */
  readonly previous: Previous | null
  /** Digest of the last checkpoint, in hex, or `-`. */
  readonly checkpoint: string
  /** False when the last writer did not close the ledger. */
  readonly clean: boolean
}

/** The type of record with which a writer closes the ledger. */
export const CLOSED = "ledger.closed"

/**
 * Reads the last segment of a folder to find where a new writer goes on. Whatever lies behind the last seal was never
 * acknowledged: it stays where it is, and the next header commits to it. Throws when the ledger is not what its last
 * checkpoint says, which no crash can cause.
 */
export const recover = (disk: Disk, folder: string, key: NoteKey): Start => {
  const segments = disk.list(folder).map((name) => layout.parse(name)).filter((file) => file?.kind === "log")
    .map((file) => file!.segment)
  let last = segments.at(-1)
  // A crash while a segment was begun: its header has no seal, so nothing in it was ever acknowledged.
  if (last !== undefined && isUnborn(read(disk, join(folder, layout.log(last))))) last = last > 1 ? last - 1 : undefined
  if (last === undefined) {
    return { position: { hash: GENESIS, seq: 0, open: new Map() }, previous: null, checkpoint: "-", clean: true }
  }
  return fromSegment(disk, folder, last, key)
}

const fromSegment = (disk: Disk, folder: string, segment: number, key: NoteKey): Start => {
  const file = join(folder, layout.log(segment))
  const bytes = read(disk, file)
  const { header, position } = startOf(bytes, file)
  if (header.origin !== key.origin) {
    throw new Error(
      `${file} belongs to ${header.origin}, and the key beside the folder to ${key.origin}: `
        + "put the right key back, or give this gateway a folder of its own"
    )
  }
  let lastType = ""
  const scan = scanSegment(bytes, position, { record: ({ type }) => void (lastType = type) })
  const notes = notesOf(disk, join(folder, layout.notes(segment)), key)
  const behind = notes.last !== undefined && notes.last.seq > position.seq
  if (behind) {
    throw new Error(
      `${file} is damaged before its last checkpoint (at byte ${scan.flaw?.offset ?? scan.sealed}). `
        + "No crash does that. Run `sluice audit verify`, keep the folder as evidence, and start with another one"
    )
  }
  const log = extent(bytes, scan.sealed)
  return {
    position,
    previous: { segment, hash: position.hash.toString("hex"), log, notes: notes.extent },
    checkpoint: notes.last === undefined ? header.checkpoint : notes.digest,
    clean: lastType === CLOSED && log.tail === null && notes.extent.tail === null
  }
}

/** Where a segment begins in the chain, as its own header says. Throws when it does not begin with a header. */
export const startOf = (bytes: Buffer, file: string): { readonly header: Header; readonly position: Position } => {
  const record = parseRecord(bytes.toString("utf8", 0, Math.max(0, bytes.indexOf("\n"))))
  const header = typeof record === "string" ? record : parseHeader(record)
  if (typeof record === "string" || typeof header === "string") throw new Error(`${file}: ${header as string}`)
  const hash = header.previous === null ? GENESIS : Buffer.from(header.previous.hash, "hex")
  const position = { hash, seq: record.seq - 1, open: new Map(Object.entries(header.open)) }
  return { header, position }
}

/** Whether a segment's header was never sealed: it has fewer than two whole lines. */
export const isUnborn = (bytes: Buffer): boolean =>
  bytes.indexOf("\n", bytes.indexOf("\n") + 1) < 0
  || bytes.indexOf("\n") < 0

/** Sessions that are open, other than the ledger's own. */
export const orphans = (position: Position): ReadonlyArray<string> =>
  [...position.open.keys()].filter((session) => session !== OWN)

const read = (disk: Disk, path: string): Buffer => {
  const bytes = disk.read(path)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

const extent = (bytes: Buffer, good: number): Extent => ({
  bytes: good,
  tail: good === bytes.length
    ? null
    : { bytes: bytes.length - good, sha256: digestOf(bytes.subarray(good)) }
})

const notesOf = (disk: Disk, path: string, key: NoteKey) => {
  const bytes = read(disk, path)
  const { end, notes } = splitNotes(bytes)
  const text = notes.at(-1)
  const last = text === undefined ? undefined : openNote(text, key)
  if (typeof last === "string") throw new Error(`${path}: ${last}. Run \`sluice audit verify\``)
  return {
    last,
    digest: text === undefined ? "-" : digestOf(text),
    extent: { ...extent(bytes, end), sha256: digestOf(bytes.subarray(0, end)) }
  }
}
