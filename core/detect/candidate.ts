import { classAt, DIGIT, LETTER, SEPARATOR, WORD } from "./bytes.ts"

/** How many letters and digits a candidate may have, and how many groups they may stand in. */
const longest = 40
const groupsMost = 12

/**
 * Groups of letters and digits with single separators between them, from which candidates are taken: `12-34 x` is
 * three groups. One object for a whole scan, so that nothing is made per number.
 */
export class Candidate {
  /** Letters and digits, letters in upper case. */
  readonly text = new Uint8Array(longest)
  length = 0
  /** Bit i: the character at i is a letter. */
  letters = 0
  /** Bit i: a separator stands before the character at i. */
  separators = 0
  /** The separators in order. */
  readonly separatorAt = new Uint8Array(groupsMost + 2)

  /** Takes the groups from `first` up to and with `last`. False where they are too long to be anything. */
  take(bytes: Uint8Array, groups: Groups, first: number, last: number): boolean {
    let length = 0
    let letters = 0
    let separators = 0
    for (let group = first; group <= last; group++) {
      const end = groups.ends[group]!
      const start = groups.starts[group]!
      if (length + end - start > longest) return false
      if (group > first) {
        separators |= 1 << length
        this.separatorAt[group - first - 1] = bytes[start - 1]!
      }
      for (let at = start; at < end; at++) {
        const byte = bytes[at]!
        if (byte > 57) letters |= 1 << length
        this.text[length++] = byte > 90 ? byte - 32 : byte
      }
    }
    this.length = length
    this.letters = letters
    this.separators = separators
    return length < 31
  }
}

/** The groups of one stretch of text. */
export class Groups {
  readonly starts = new Int32Array(groupsMost + 1)
  readonly ends = new Int32Array(groupsMost + 1)
  /**
   * Whether a candidate may begin, or end, with this group: nothing but a blank or a bracket joins it to its
   * neighbour.
   */
  readonly opens = new Uint8Array(groupsMost + 1)
  readonly closes = new Uint8Array(groupsMost + 1)
  count = 0

  /** Reads groups from `start`, the start of a word, and says where they end. */
  read(bytes: Uint8Array, start: number): number {
    let count = 0
    let at = start
    let open = !isJoined(bytes, start)
    for (;;) {
      const from = at
      let digits = 0
      while ((classAt(bytes, at) & WORD) !== 0) {
        digits |= classAt(bytes, at) & DIGIT
        at++
      }
      if (at === from) break
      // A word without digits belongs only where it is short: the letters of a number, not the next word.
      if (count > 0 && digits === 0 && at - from > 4) {
        at = this.ends[count - 1]!
        break
      }
      this.starts[count] = from
      this.ends[count] = at
      this.opens[count] = open ? 1 : 0
      count++
      const separator = bytes[at]
      const goesOn = (classAt(bytes, at) & SEPARATOR) !== 0 && (classAt(bytes, at + 1) & WORD) !== 0
      const isBlank = separator === 32
      this.closes[count - 1] = goesOn ? (isBlank ? 1 : 0) : isTail(bytes, at) ? 0 : 1
      if (!goesOn || count === groupsMost) break
      open = isBlank
      at++
    }
    this.count = count
    return at
  }
}

/** Something before the word makes it part of a longer thing: a name with an underscore, a letter, a time. */
const isJoined = (bytes: Uint8Array, start: number): boolean => {
  const before = bytes[start - 1]
  if (before === undefined) return false
  if (before > 127) return isLatinLetter(leadBefore(bytes, start))
  // An underscore, a price, a percentage, the host of an address.
  if (before === 95 || before === 36 || before === 37 || before === 64) return true
  const beyond = classAt(bytes, start - 2)
  if (before === 45 || before === 46 || before === 47) return (beyond & WORD) !== 0
  return before === 58 && (beyond & DIGIT) !== 0
}

/** The first byte of the letter that ends before `at`. */
const leadBefore = (bytes: Uint8Array, at: number): number => {
  let lead = at - 1
  while (lead > at - 4 && lead > 0 && (bytes[lead]! & 0xc0) === 0x80) lead--
  return bytes[lead]!
}

/** What follows the word makes it part of a longer thing. */
const isTail = (bytes: Uint8Array, end: number): boolean => {
  const after = bytes[end]
  if (after === undefined) return false
  if (after === 95 || after === 64 || after === 37) return true
  if (after > 127) return isLatinLetter(after)
  return after === 58 && (classAt(bytes, end + 1) & (DIGIT | LETTER)) !== 0
}

/** The first bytes of Latin, Greek and Cyrillic letters; other scripts set no blanks between numbers and words. */
const isLatinLetter = (byte: number): boolean => byte >= 0xc3 && byte <= 0xd1
