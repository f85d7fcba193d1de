import { createHash } from "node:crypto"
import { assertionXml, type Key, responseXml, type Said, sign, type SignOptions } from "../identity-provider.ts"

/** A response, and what must come of it: a token, or a refusal that says why. */
export interface Case {
  readonly name: string
  readonly xml: string
  /** The request that it answers, which waits. */
  readonly request: string
  /** The pattern of the refusal; undefined where a token is right. */
  readonly why?: string
  /** The groups that the token must have, where that is what is tried. */
  readonly groups?: ReadonlyArray<string>
}

/** Makes responses to requests of their own. */
export interface Bench {
  readonly idp: Key
  readonly attacker: Key
  readonly next: Key
}

let serial = 0
const fresh = (): { readonly request: string; readonly id: string } => {
  const request = `_${createHash("sha1").update(String(++serial)).digest("hex")}`
  return { request, id: `_a${serial}` }
}

type Edit = (xml: string, said: Said) => string

/** How a response comes to be: what is said, changed before it is signed, signed, changed behind the signer's back. */
export interface Recipe {
  readonly say?: Said
  readonly before?: Edit
  readonly around?: Edit
  readonly after?: Edit
  readonly by?: Key
  readonly signing?: SignOptions
  readonly element?: "Assertion" | "Response"
  /** The request that waits, where it is not the one that is answered. */
  readonly waiting?: string
  readonly groups?: ReadonlyArray<string>
}

/** Recipes of what is refused, and the pattern of why. */
export type Recipes = Readonly<Record<string, readonly [recipe: Recipe, why: string]>>

const same: Edit = (xml) => xml

export const made = (bench: Bench, name: string, recipe: Recipe, why?: string): Case => {
  const { id, request } = fresh()
  const said: Said = { id, inResponseTo: request, ...recipe.say }
  const { after = same, around = same, before = same, by = bench.idp, element = "Assertion" } = recipe
  const response = around(responseXml(before(assertionXml(said), said)), said)
  const xml = after(sign(response, element, by, recipe.signing), said)
  return {
    name,
    xml,
    request: recipe.waiting ?? request,
    ...(why === undefined ? {} : { why }),
    ...(recipe.groups === undefined ? {} : { groups: recipe.groups })
  }
}

/** Replaces text that must be there. */
export const swap = (from: string | RegExp, to: string): Edit => (xml) => {
  const changed = xml.replace(from, () => to)
  if (changed === xml) throw new Error(`There is no ${String(from)} to change.`)
  return changed
}
