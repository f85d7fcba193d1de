import { chainHash, HASH_BYTES, sealLine } from "./chain.ts"
import { LINE_END, recordLine, type Rest } from "./record.ts"
import type { Position } from "./scan.ts"
import type { SessionSpool } from "./session-spool.ts"
import type { Slab } from "./slabs.ts"

/** How far a session has come with a batch. */
export interface Mark {
  readonly spool: SessionSpool
  readonly n: number
  readonly ended: boolean
}

/** Records that are written in one piece and sealed together. */
export interface Batch {
  readonly rests: ReadonlyArray<Rest>
  readonly marks: ReadonlyArray<Mark>
}

/** A batch that is in the file. */
export interface Written extends Batch {
  /** The place in the chain behind the batch, and where its seal ends in the file. */
  readonly hash: Buffer
  readonly seq: number
  readonly offset: number
  /** What its bodies lie in. */
  readonly slabs: ReadonlyArray<Slab>
}

/** A batch as bytes: `from` to `to` go to the file. */
export interface Sealed {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly hash: Buffer
}

const SEAL_BYTES_MAX = 128
const scratch = Buffer.allocUnsafeSlow(1 << 22)

/** Encodes and seals lines behind a place in the chain. The bytes are good until the next call. */
export const sealBatch = (rests: ReadonlyArray<Rest>, position: Pick<Position, "hash" | "seq">): Sealed => {
  const pieces = piecesOf(rests, position.seq)
  const bytes = roomFor(pieces)
  position.hash.copy(bytes)
  let end = HASH_BYTES
  for (const piece of pieces) {
    if (typeof piece === "string") end += bytes.write(piece, end, "utf8")
    else {
      bytes.set(piece, end)
      end += piece.length
    }
  }
  const hash = chainHash(bytes.subarray(0, end))
  const to = end + bytes.write(sealLine(rests.length, hash), end, "latin1")
  return { bytes, from: HASH_BYTES, to, hash }
}

/** Lines as text, which is nearly always all there is; bodies that are bytes stand between. */
const piecesOf = (rests: ReadonlyArray<Rest>, seq: number): ReadonlyArray<string | Uint8Array> => {
  const pieces: Array<string | Uint8Array> = []
  let text = ""
  for (const rest of rests) {
    seq++
    if (typeof rest === "string") text += recordLine(seq, rest)
    else {
      pieces.push(text + recordLine(seq, rest.head), rest.body)
      text = LINE_END
    }
  }
  pieces.push(text)
  return pieces
}

const roomFor = (pieces: ReadonlyArray<string | Uint8Array>): Buffer => {
  let most = HASH_BYTES + SEAL_BYTES_MAX
  for (const piece of pieces) most += typeof piece === "string" ? piece.length * 3 : piece.length
  if (most <= scratch.length) return scratch
  let exact = HASH_BYTES + SEAL_BYTES_MAX
  for (const piece of pieces) exact += typeof piece === "string" ? Buffer.byteLength(piece) : piece.length
  return exact > scratch.length ? Buffer.allocUnsafe(exact) : scratch
}

/** Tells the sessions of a batch that their records are kept. */
export const acknowledge = ({ marks }: Batch): void => {
  for (const { n, spool } of marks) spool.acknowledge(n)
}
