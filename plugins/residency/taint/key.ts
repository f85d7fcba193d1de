import { createHash } from "node:crypto"

/** Where labels lie in the state. */
export const SPACE = "taint"

/**
 * Whose label it is. `run`: a run, by the claim that names it. `agent`: what an identity has seen without a run.
 * `runs`: what all runs of an identity have seen. `store`: a table or topic. `upstream`: all of an upstream that is no
 * table.
 */
export type Bearer = "run" | "agent" | "runs" | "store" | "upstream"

/** A label's key: JSON, so that no name can be mistaken for another. */
export const keyOf = (bearer: Bearer, ...names: ReadonlyArray<string>): string =>
  JSON.stringify([bearer, ...names.map(bounded)])

const NAME_LENGTH_MAX = 256

/** A name as it may stand in a key: a long one by its digest. */
const bounded = (name: string): string =>
  name.length <= NAME_LENGTH_MAX ? name : `sha256:${createHash("sha256").update(name).digest("hex")}`

/** The parts of a key. */
export const partsOf = (key: string): { readonly bearer: Bearer; readonly names: ReadonlyArray<string> } => {
  const [bearer, ...names] = JSON.parse(key) as [Bearer, ...Array<string>]
  return { bearer, names }
}

/** A key as people read it. */
export const nameOf = (key: string): string => {
  const { bearer, names: [name = "", within = ""] } = partsOf(key)
  if (bearer === "runs") return `the runs of ${name}`
  return bearer === "store" ? `store ${within} at ${name}` : `${bearer} ${name}`
}

/** What starts the keys of every label with this bearer. */
export const prefixOfBearer = (bearer: Bearer): string => `${keyOf(bearer).slice(0, -1)},`

/** What starts the keys of every label with this bearer and first name. */
export const prefixOf = (bearer: Bearer, name: string): string => `${keyOf(bearer, name).slice(0, -1)},`
