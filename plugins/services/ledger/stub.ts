/** What is left of the oldest segments: enough to join the chain, and to prove what a kept copy of them was. */
export interface Stub {
  readonly format: string
  readonly version: number
  /** The last segment that was deleted: all before it are, too. */
  readonly last: number
  /** The last record in it, and the chain hash behind that, in hex. */
  readonly seq: number
  readonly hash: string
  /** Digest of the last checkpoint in it, or `-`. */
  readonly checkpoint: string
  readonly segments: ReadonlyArray<{
    readonly segment: number
    /** Its first record. */
    readonly first: number
    /** SHA-256 of its two files. */
    readonly log: string
    readonly notes: string
    /** When it was deleted. */
    readonly deleted: string
  }>
}

export const stubText = (stub: Stub): string => `${JSON.stringify(stub)}\n`

/** Reads a stub; a string says what is wrong with it. */
export const parseStub = (text: string): Stub | string => {
  let stub: Stub
  try {
    stub = JSON.parse(text)
  } catch {
    return "the stub is not JSON"
  }
  if (stub?.format !== "sluice/ledger/stub") return "this is not a stub"
  if (stub.version !== 1) return `the stub is in version ${stub.version}, and this program knows version 1`
  const well = Number.isSafeInteger(stub.last) && Number.isSafeInteger(stub.seq) && /^[0-9a-f]{64}$/.test(stub.hash)
    && Array.isArray(stub.segments) && stubText(stub) === text
  return well ? stub : "the stub is not in canonical form"
}
