import type { MessageReader } from "./message-reader.ts"

/** CommandComplete: `'C' int32 length, text tag NUL`; the tag's last word is the count of rows where there is one. */
export const decodeCommandComplete = (reader: MessageReader): { tag: string; rows: number } | undefined => {
  const tag = reader.text()
  if (!reader.complete || reader.garbled) return undefined
  const rows = Number(tag.slice(tag.lastIndexOf(" ") + 1))
  return { tag, rows: Number.isSafeInteger(rows) && rows > 0 ? rows : 0 }
}
