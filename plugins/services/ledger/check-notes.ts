import { digestOf } from "./chain.ts"
import { type NoteKey, openNote } from "./note.ts"
import { splitNotes } from "./notes.ts"

/** The chain of checkpoints so far. Changed in place. */
export interface NoteTrail {
  /** Digest of the last one, in hex, or `-`. */
  previous: string
  seq: number
  count: number
  at: string | undefined
}

interface Surroundings {
  readonly key: NoteKey
  readonly segment: number
  /** Chain hash (base64) and end in the file of each seal of the segment, by the record it follows. */
  readonly seals: ReadonlyMap<number, { readonly hash: string; readonly offset: number }>
  readonly trail: NoteTrail
  /** Whether this is the last segment, where a crash may have cut a checkpoint off. */
  readonly last: boolean
  /** Is told of each good one. */
  readonly kept: (text: string) => void
  readonly fail: (index: number, offset: number, message: string) => void
  readonly find: (index: number, offset: number, message: string) => void
}

/** Checks a segment's checkpoints: signatures, their chain, and that each is of this ledger. */
export const checkNotes = (bytes: Buffer, around: Surroundings): void => {
  const { end, notes } = splitNotes(bytes)
  let offset = 0
  for (const [index, text] of notes.entries()) {
    const wrong = checkNote(bytes.subarray(offset, offset + Buffer.byteLength(text)), text, around)
    if (wrong !== undefined) return around.fail(index, offset, wrong)
    offset += Buffer.byteLength(text)
  }
  // A tail in an earlier segment is compared with what the next header says of it.
  if (end === bytes.length || !around.last) return
  if (isCutOff(bytes.toString("utf8", end), around.key.origin)) {
    around.find(notes.length, end, "a checkpoint was cut off by a crash")
  } else around.fail(notes.length, end, "the checkpoint is not a signed note")
}

/** Whether a text is the beginning of a note: each of its whole lines is what such a line can be. */
const isCutOff = (text: string, origin: string): boolean => {
  const lines = text.split("\n")
  const whole = lines.slice(0, -1).every((line, i) => i === 0 ? line === origin : LINES[i]?.test(line))
  return whole && (lines.length > 1 || origin.startsWith(text))
}

const LINES: ReadonlyArray<RegExp> = [
  /^/,
  /^[0-9]+$/,
  /^[A-Za-z0-9+/]{43}=$/,
  /^segment [0-9]+ [0-9]+$/,
  /^time [0-9TZ:.-]+$/,
  /^previous (-|[0-9a-f]{64})$/,
  /^$/
]

const checkNote = (bytes: Buffer, text: string, around: Surroundings): string | undefined => {
  const { key, seals, segment, trail } = around
  if (!Buffer.from(text).equals(bytes)) return "the checkpoint is not text"
  const note = openNote(text, key)
  if (typeof note === "string") return note
  if (note.previous !== trail.previous) return "the checkpoint does not follow the one before: one is missing or moved"
  if (note.segment !== segment || note.seq <= trail.seq) return "the checkpoint is of another place"
  const seal = seals.get(note.seq)
  if (seal === undefined) return `the checkpoint covers ${note.seq} records, and the ledger was cut back or changed`
  if (seal.hash !== note.hash.toString("base64") || seal.offset !== note.offset) {
    return `the checkpoint is of another ledger than this: at record ${note.seq} they differ`
  }
  trail.previous = digestOf(text)
  trail.seq = note.seq
  trail.count++
  around.kept(text)
  trail.at = note.at
  return undefined
}
