/** A piece of a text, by bytes, and what comes in its place. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with its pieces replaced and everything else as it was; undefined where two pieces overlap. */
export const spliced = (text: string, splices: Iterable<Splice>): string | undefined => {
  const bytes = Buffer.from(text)
  const pieces: Array<Uint8Array> = []
  let at = 0
  for (const { start, end, text: piece } of [...splices].toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at || end < start || end > bytes.length) return undefined
    pieces.push(bytes.subarray(at, start), Buffer.from(piece))
    at = end
  }
  pieces.push(bytes.subarray(at))
  return Buffer.concat(pieces).toString("utf8")
}
