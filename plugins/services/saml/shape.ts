import { localOf, type Tag } from "./markup.ts"

/** What signatures may be made of. Comments are never canonicalised in: there are none. */
const ALGORITHMS: ReadonlySet<string> = new Set([
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "http://www.w3.org/2001/04/xmlenc#sha256",
  "http://www.w3.org/2001/04/xmlenc#sha512",
  "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
  "http://www.w3.org/2001/10/xml-exc-c14n#"
])
const SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"

/** Elements that come exactly once, in whatever namespace, and what they stand in. */
const ONCE: ReadonlyArray<readonly [name: string, parent: string | undefined]> = [
  ["Response", undefined],
  ["Assertion", "Response"],
  ["Subject", "Assertion"],
  ["NameID", "Subject"],
  ["Conditions", "Assertion"]
]
/** Elements that never come: what is encrypted cannot be looked at here. */
const NEVER = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "Object", "Manifest"]

const VERSIONED: ReadonlySet<string> = new Set(["Response", "Assertion"])

/** Whom a response is for, and who may have sent it. */
export interface Parties {
  /** Where it is to be sent. */
  readonly consumer: string
  /** The provider's name. */
  readonly provider: string
}

/** What makes a response of these tags unfit to be parsed; undefined when nothing does. */
export const shapeFault = (tags: ReadonlyArray<Tag>, { consumer, provider }: Parties): string | undefined => {
  for (const [name, parent] of ONCE) {
    const found = tags.filter((tag) => tag.name === name)
    if (found.length !== 1 || found[0]!.parent?.name !== parent) {
      return `The response must have exactly one ${name} element, in its place.`
    }
  }
  if (tags.some(({ attributes, name }) => VERSIONED.has(name) && attributes.get("Version") !== "2.0")) {
    return "The response is not of SAML 2.0."
  }
  for (const name of NEVER) {
    if (tags.some((tag) => tag.name === name)) return `The response may have no ${name} element.`
  }
  if (!valuesOf(tags, "Algorithm").every((algorithm) => ALGORITHMS.has(algorithm))) {
    return "The response is signed with an algorithm that is not allowed. RSA with SHA-256 or SHA-512 is."
  }
  if (!valuesOf(tags, "Destination").every((destination) => destination === consumer)) {
    return "The response is for another destination."
  }
  if (new Set(valuesOf(tags, "InResponseTo")).size > 1) return "The response answers several requests."
  if (!tags.filter(({ name }) => name === "Issuer").every(({ text }) => plainOf(text) === provider)) {
    return "The assertion is from another identity provider."
  }
  const codes = tags.filter(({ name }) => name === "StatusCode")
  if (codes.length === 0 || codes.some(({ attributes }) => attributes.get("Value") !== SUCCESS)) {
    return "The identity provider did not let this login succeed."
  }
  return namesFault(tags) ?? signatureFault(tags)
}

/** Names by which elements are found: each means one thing to every reader. */
const namesFault = (tags: ReadonlyArray<Tag>): string | undefined => {
  const seen = new Set<string>()
  for (const { attributes } of tags) {
    for (const [name, value] of attributes) {
      const declares = name === "xmlns" || name.startsWith("xmlns:")
      if (declares && !value.includes(":") && (value !== "" || name !== "xmlns")) {
        return "The response has a namespace with a relative name."
      }
      if (declares || localOf(name).toLowerCase() !== "id") continue
      if (name.includes(":") || name === "id" || seen.has(value)) return "The response names two things alike (`ID`)."
      seen.add(value)
    }
  }
  return undefined
}

/** A signature stands in what it signs, and signs that as a whole. */
const signatureFault = (tags: ReadonlyArray<Tag>): string | undefined => {
  const signatures = tags.filter(({ name }) => name === "Signature")
  if (signatures.length > 2) return "The response has more signatures than parts."
  const within = (tag: Tag | undefined, outer: Tag): boolean =>
    tag !== undefined && (tag.parent === outer || within(tag.parent, outer))
  for (const signature of signatures) {
    const { parent } = signature
    const of = (wanted: string) => tags.filter((tag) => tag.name === wanted && within(tag, signature))
    const [reference, ...references] = of("Reference")
    const isOne = references.length === 0 && of("SignedInfo").length === 1 && of("SignatureValue").length === 1
      && signatures.filter((other) => other.parent === parent).length === 1
    const signs = reference?.attributes.get("URI") === `#${parent?.attributes.get("ID")}`
    if (!isOne || !signs || (parent?.name !== "Assertion" && parent?.name !== "Response")) {
      return "The response has a signature that does not sign what it stands in."
    }
  }
  return undefined
}

/** The values of every attribute of that name, with whatever prefix. */
const valuesOf = (tags: ReadonlyArray<Tag>, attribute: string): ReadonlyArray<string> =>
  tags.flatMap(({ attributes }) =>
    [...attributes].filter(([name]) => localOf(name) === attribute).map(([, value]) => value)
  )

const PLAIN: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }
const plainOf = (text: string): string => text.replace(/&([a-z]+);/g, (whole, name: string) => PLAIN[name] ?? whole)
