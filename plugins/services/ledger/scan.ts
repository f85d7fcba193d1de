import { chainHash, HASH_BYTES, nextHash, SEAL_PREFIX, sealLine } from "./chain.ts"
import { HEADERS, isInstant, type LedgerRecord, parseRecord, SESSION_END } from "./record.ts"

/** A place in the chain: everything that what follows is checked against. Changed in place as a scan goes on. */
export interface Position {
  hash: Buffer
  seq: number
  /** Open sessions and how many records each has. */
  open: Map<string, number>
}

/** What is wrong, and with what. `index` counts the segment's records from 0. */
export interface Flaw {
  readonly index: number
  readonly offset: number
  readonly message: string
}

/** What a scan found; `position` is where the sealed part ends. */
export interface Scan {
  /** Where the last good seal ends. */
  readonly sealed: number
  /** Records up to there. */
  readonly records: number
  /** Records behind it that were never sealed. */
  readonly unsealed: number
  /** The first flaw, whether it is in the sealed part or behind it. A batch that a crash cut off is none. */
  readonly flaw: Flaw | undefined
}

/** Is told of each record of a sealed batch, and of each seal. A string is a flaw. */
export interface Visitor {
  record?(record: LedgerRecord, line: string): string | undefined
  sealed?(position: Position, offset: number): string | undefined
}

const NEWLINE = 10

/**
 * Walks one segment: lines of records, and after each batch its seal. Stops at the first flaw. A batch counts only
 * with its seal, so the visitor sees its records once the seal was found good.
 */
export const scanSegment = (bytes: Buffer, position: Position, visitor: Visitor): Scan => {
  let sealed = 0
  let records = 0
  let batch: Array<{ readonly record: LedgerRecord; readonly line: string; readonly from: number }> = []
  const flawed = (offset: number, index: number, message: string): Scan => ({
    sealed,
    records,
    unsealed: batch.length,
    flaw: { index, offset, message }
  })
  for (let from = 0;;) {
    const end = bytes.indexOf(NEWLINE, from)
    if (end < 0) return { sealed, records, unsealed: batch.length, flaw: undefined }
    const line = bytes.toString("utf8", from, end)
    if (!isSeal(bytes, from)) {
      const record = parseRecord(line)
      const wrong = typeof record === "string" ? record : misplaced(record, position.seq + batch.length + 1)
      if (wrong !== undefined) return flawed(from, records + batch.length, wrong)
      batch.push({ record: record as LedgerRecord, line, from })
      from = end + 1
      continue
    }
    const hash = hashOf(bytes, sealed, from, position.hash)
    if (batch.length === 0) return flawed(from, records, "a seal without records")
    if (`${line}\n` !== sealLine(batch.length, hash)) return flawed(batch[0]!.from, records, brokenSeal(batch))
    for (let i = 0; i < batch.length; i++) {
      const wrong = outOfTurn(batch[i]!.record, position.open) ?? visitor.record?.(batch[i]!.record, batch[i]!.line)
      if (wrong !== undefined) return flawed(batch[i]!.from, records + i, wrong)
    }
    position.hash = hash
    position.seq += batch.length
    records += batch.length
    const first = batch[0]!.from
    batch = []
    sealed = from = end + 1
    const wrong = visitor.sealed?.(position, sealed)
    if (wrong !== undefined) return flawed(first, records - 1, wrong)
  }
}

const isSeal = (bytes: Buffer, from: number): boolean =>
  bytes.compare(SEAL_PREFIX, 0, SEAL_PREFIX.length, from, Math.min(from + SEAL_PREFIX.length, bytes.length)) === 0

/** Where room was left in front of the lines the hash before is put there, and the whole is hashed in one call. */
const hashOf = (bytes: Buffer, from: number, to: number, before: Buffer): Buffer => {
  if (to - from > 16_384) return nextHash(before, bytes.subarray(from, to))
  const scratch = Buffer.allocUnsafe(HASH_BYTES + to - from)
  before.copy(scratch)
  bytes.copy(scratch, HASH_BYTES, from, to)
  return chainHash(scratch)
}

const brokenSeal = (batch: ReadonlyArray<{ readonly record: LedgerRecord }>): string => {
  const [first, last] = [batch[0]!.record.seq, batch.at(-1)!.record.seq]
  return `the seal does not fit records ${first} to ${last}: one of them, or what was before, is not as it was written`
}

const misplaced = (record: LedgerRecord, seq: number): string | undefined => {
  if (record.seq !== seq) return `record ${seq} is expected here, and ${record.seq} was found`
  return isInstant(record.at) ? undefined : "the record's time is not in canonical form"
}

/** Whether a record is its session's next; keeps count. A header's place is checked by whoever reads headers. */
const outOfTurn = (record: LedgerRecord, open: Map<string, number>): string | undefined => {
  if (record.session === HEADERS) return undefined
  const n = (open.get(record.session) ?? 0) + 1
  if (record.n !== n) return `record ${n} of session ${record.session} is expected here, and ${record.n} was found`
  if (record.type === SESSION_END) open.delete(record.session)
  else open.set(record.session, n)
  return undefined
}
