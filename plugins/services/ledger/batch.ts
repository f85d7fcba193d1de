import { chainHash, HASH_BYTES, sealLine } from "./chain.ts"
import { recordLine } from "./record.ts"
import type { Position } from "./scan.ts"
import type { SessionSpool } from "./session-spool.ts"

/** How far a session has come with a batch. */
export interface Mark {
  readonly spool: SessionSpool
  readonly n: number
  readonly ended: boolean
}

/** Records that are written in one piece and sealed together. */
export interface Batch {
  readonly rests: ReadonlyArray<string>
  readonly marks: ReadonlyArray<Mark>
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
export const sealBatch = (rests: ReadonlyArray<string>, position: Pick<Position, "hash" | "seq">): Sealed => {
  let text = ""
  for (let i = 0; i < rests.length; i++) text += recordLine(position.seq + 1 + i, rests[i]!)
  let room = text.length * 3 + HASH_BYTES + SEAL_BYTES_MAX
  if (room > scratch.length) room = Buffer.byteLength(text) + HASH_BYTES + SEAL_BYTES_MAX
  const bytes = room > scratch.length ? Buffer.allocUnsafe(room) : scratch
  position.hash.copy(bytes)
  const end = HASH_BYTES + bytes.write(text, HASH_BYTES, "utf8")
  const hash = chainHash(bytes.subarray(0, end))
  const to = end + bytes.write(sealLine(rests.length, hash), end, "latin1")
  return { bytes, from: HASH_BYTES, to, hash }
}

/** Tells the sessions of a batch that their records are kept. */
export const acknowledge = ({ marks }: Batch): void => {
  for (const { n, spool } of marks) spool.acknowledge(n)
}
