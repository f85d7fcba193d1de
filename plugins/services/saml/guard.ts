import { readMarkup } from "./markup.ts"
import { type LoginRefused, refused } from "./refused.ts"
import { type Parties, shapeFault } from "./shape.ts"

const BYTES_MAX = 131_072

/** The one declaration that may be there: another encoding would make another text of the same bytes. */
const DECLARATION =
  /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?:utf-8|UTF-8)\2)?(?: standalone=(["'])(?:yes|no)\3)?\s*\?>/

/**
 * Reads `SAMLResponse` into XML that is fit to be parsed. It looks at text alone, before any parser does: parsers
 * differ in what they make of declarations, comments, second elements and what is not well-formed, and that is what
 * attacks are made of.
 */
export const guard = (encoded: string, parties: Parties): string | LoginRefused => {
  const xml = decode(encoded)
  if (typeof xml !== "string") return xml
  const body = xml.replace(DECLARATION, "")
  if (body.includes("<?")) return refused("The response has processing instructions, or is not declared as UTF-8.")
  if (body.includes("<!")) return refused("The response has a document type, an entity, a comment or a CDATA section.")
  const tags = readMarkup(body)
  if (tags === undefined) return refused("The response is not made of plain elements, attributes and text.")
  const fault = shapeFault(tags, parties)
  return fault === undefined ? xml : refused(fault)
}

const decode = (encoded: string): string | LoginRefused => {
  if (encoded.length > BYTES_MAX * 2) return refused("The response is too long.")
  const packed = encoded.replace(/[\r\n]/g, "")
  if (packed === "" || packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) {
    return refused("There is no SAML response in what was sent.")
  }
  const bytes = Buffer.from(packed, "base64")
  if (bytes.length > BYTES_MAX) return refused("The response is too long.")
  try {
    const xml = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    return /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml) || xml.startsWith("\ufeff")
      ? refused("The response has characters that XML does not have.")
      : xml
  } catch {
    return refused("The response is not UTF-8.")
  }
}
