import { inTable, stringprep } from "./stringprep.ts"

/**
 * A password as SCRAM hashes it: SASLprep (RFC 4013) where that is possible, else the bytes as they are. PostgreSQL
 * treats what SASLprep refuses, and everything that is plain ASCII, as raw bytes, and so must whoever logs in to it.
 */
export const saslPrep = (password: string): Uint8Array => Buffer.from(prepared(password) ?? password, "utf8")

const prepared = (password: string): string | undefined => {
  // oxlint-disable-next-line no-control-regex
  if (/^[\0-\x7f]*$/.test(password)) return password
  let mapped = ""
  for (const character of password) {
    const codePoint = character.codePointAt(0)!
    if (inTable(stringprep.spaces, codePoint)) mapped += " "
    else if (!inTable(stringprep.nothing, codePoint)) mapped += character
  }
  const normal = mapped.normalize("NFKC")
  return normal !== "" && isPermitted(normal) ? normal : undefined
}

/** The checks of RFC 4013 sections 2.3 to 2.5, bidirectional text included. */
const isPermitted = (text: string): boolean => {
  const codePoints = Array.from(text, (character) => character.codePointAt(0)!)
  const refused = (codePoint: number): boolean =>
    inTable(stringprep.prohibited, codePoint) || inTable(stringprep.unassigned, codePoint)
  if (codePoints.some(refused)) return false
  const runsLeft = (codePoint: number): boolean => inTable(stringprep.rightToLeft, codePoint)
  if (!codePoints.some(runsLeft)) return true
  return !codePoints.some((codePoint) => inTable(stringprep.leftToRight, codePoint))
    && runsLeft(codePoints[0]!)
    && runsLeft(codePoints[codePoints.length - 1]!)
}
