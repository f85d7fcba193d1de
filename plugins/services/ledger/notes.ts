const NOTE_LINES = 8
const NEWLINE = 10

/** The checkpoints in a file of them, as texts, and where the last whole one ends. */
export const splitNotes = (bytes: Buffer): { readonly notes: ReadonlyArray<string>; readonly end: number } => {
  const notes: Array<string> = []
  let end = 0
  for (;;) {
    let at = end
    for (let lines = 0; lines < NOTE_LINES && at >= 0; lines++) {
      const newline = bytes.indexOf(NEWLINE, at)
      at = newline < 0 ? -1 : newline + 1
    }
    if (at < 0) return { notes, end }
    notes.push(bytes.toString("utf8", end, at))
    end = at
  }
}
