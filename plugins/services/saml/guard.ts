import { type LoginRefused, refused } from "./refused.ts"

const BYTES_MAX = 131_072

/** What signatures may be made of. Comments are never canonicalised in: there are none. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "http://www.w3.org/2001/04/xmlenc#sha256",
  "http://www.w3.org/2001/04/xmlenc#sha512",
  "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
  "http://www.w3.org/2001/10/xml-exc-c14n#"
])

/** The one declaration that may be there: another encoding would make another text of the same bytes. */
const DECLARATION =
  /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?:utf-8|UTF-8)\2)?(?: standalone=(["'])(?:yes|no)\3)?\s*\?>/

/** Elements that come exactly so often, in whatever namespace. */
const ONCE = ["Response", "Assertion", "Subject", "NameID", "Conditions"]
/** Elements that never come: what is encrypted cannot be looked at here. */
const NEVER = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "Object"]

/**
 * Reads `SAMLResponse` into XML that is fit to be parsed. It looks at text alone, before any parser does: parsers
 * differ in what they make of declarations, comments and second elements, and that is what attacks are made of.
 */
export const guard = (encoded: string, consumer: string): string | LoginRefused => {
  const xml = decode(encoded)
  if (typeof xml !== "string") return xml
  const body = xml.replace(DECLARATION, "")
  if (body.includes("<?")) return refused("The response has processing instructions, or is not declared as UTF-8.")
  if (body.includes("<!")) return refused("The response has a document type, an entity, a comment or a CDATA section.")
  const counts = countElements(body)
  for (const name of ONCE) {
    if (counts.get(name) !== 1) return refused(`The response must have exactly one ${name} element.`)
  }
  for (const name of NEVER) {
    if (counts.has(name)) return refused(`The response may have no ${name} element.`)
  }
  if (!valuesOf(body, "Algorithm").every((algorithm) => ALGORITHMS.has(algorithm))) {
    return refused("The response is signed with an algorithm that is not allowed. RSA with SHA-256 or SHA-512 is.")
  }
  if (!valuesOf(body, "Destination").every((destination) => destination === consumer)) {
    return refused("The response is for another destination.")
  }
  if (new Set(valuesOf(body, "InResponseTo")).size > 1) return refused("The response answers several requests.")
  return xml
}

/** The values of every attribute of that name, as they are written. */
const valuesOf = (xml: string, attribute: string): ReadonlyArray<string> =>
  [...xml.matchAll(new RegExp(`\\b${attribute}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "g"))]
    .map(([, double, single]) => double ?? single ?? "")

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

/** How often each name stands after a `<`, without its prefix. */
const countElements = (xml: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const [, name = ""] of xml.matchAll(/<([^\s<>/]+)/g)) {
    const local = name.slice(name.lastIndexOf(":") + 1)
    counts.set(local, (counts.get(local) ?? 0) + 1)
  }
  return counts
}
