import type { Identity } from "../../core/index.ts"

/** Someone, as far as it matters who is whom. */
export interface Person {
  readonly issuer: string
  readonly subject: string
  /** Every name that they go by, in the form of `canonical`, sorted: whoever shares one is taken for the same. */
  readonly names: ReadonlyArray<string>
}

/** Claims that name their bearer. */
const NAMING = ["email", "preferred_username", "upn", "unique_name", "username", "login"]

export const personOf = ({ claims, issuer, subject }: Identity): Person => {
  const names = [subject, ...NAMING.map((name) => Object.hasOwn(claims, name) ? claims[name] : undefined)]
    .filter((name): name is string => typeof name === "string" && name !== "")
  return { issuer, subject, names: [...new Set(names.map(canonical))].toSorted() }
}

/**
 * One spelling for the names of one person: compatibility forms, case, invisible characters and, in addresses, what
 * stands behind `+` make no difference.
 */
export const canonical = (name: string): string => {
  const plain = name.normalize("NFKC").replace(/[\p{Cc}\p{Cf}\s]/gu, "").toLowerCase()
  const at = plain.lastIndexOf("@")
  if (at < 1) return plain
  return plain.slice(0, at).replace(/\+.*$/, "") + plain.slice(at)
}

/** Whether two may be one. In doubt they are: an approval more is cheap, an approval of one's own is not. */
export const samePerson = (one: Person, other: Person): boolean =>
  one.issuer === other.issuer && one.subject === other.subject
  || one.names.some((name) => other.names.includes(name))
