import type { CopyFormat } from "../../../core/family/sql/index.ts"
import { Offsets, singleByte } from "./fields.ts"

export const NEWLINE = 0x0a
export const RETURN = 0x0d

/** What the text format and CSV have in common: a row is a line, and its fields stand between delimiters. */
export abstract class DelimitedFields {
  protected readonly offsets = new Offsets()
  protected readonly delimiter: number
  protected readonly nullText: Uint8Array
  protected chunk: Uint8Array = new Uint8Array(0)
  protected count = 0

  constructor(format: CopyFormat) {
    this.delimiter = singleByte("DELIMITER", format.delimiter)
    this.nullText = Buffer.from(format.null, "utf8")
  }

  start(index: number): number {
    return this.offsets.starts[index]!
  }

  end(index: number): number {
    return this.offsets.ends[index]!
  }

  overhead(): number {
    return Math.max(0, this.count - 1) + 1
  }

  writeStart(_to: Uint8Array, at: number): number {
    return at
  }

  writeBetween(to: Uint8Array, at: number): number {
    to[at] = this.delimiter
    return at + 1
  }

  writeEnd(to: Uint8Array, at: number): number {
    to[at] = NEWLINE
    return at + 1
  }
}
