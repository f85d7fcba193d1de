import { createHash } from "node:crypto"
import type { Parameter, Statement } from "../../../core/family/sql/index.ts"
import type { Operation } from "../../../core/index.ts"
import type { Literals } from "../engine/inputs.ts"
import { tokensOf } from "./tokens.ts"

/** What an operation says in the caller's own words, and what of it the run has not said before. */
export interface Said extends Literals {
  /** Digests of the text and of the parameters, where they are new. */
  readonly news: ReadonlyArray<string>
}

/**
 * Measures what of an operation can carry data: values, comments, and names that the upstream does not have. A text
 * that the run has sent before, and parameters that it has sent with it, count nothing. Undefined for operations of a
 * family whose texts nobody here can read.
 */
export const measure = (operation: Operation, before: ReadonlySet<string>, spent: number): Said | undefined => {
  if (!isStatement(operation)) return undefined
  const { parameters = [], text } = operation
  const news: Array<string> = []
  let bytes = 0
  let longest = 0
  const count = (lengths: ReadonlyArray<number>, extra: number, ...said: ReadonlyArray<string | Uint8Array>): void => {
    for (const length of lengths) longest = Math.max(longest, length)
    const digest = digestOf(said)
    if (before.has(digest)) return
    news.push(digest)
    bytes += Math.max(1, lengths.reduce((sum, length) => sum + length, extra))
  }
  const { manner, own } = tokensOf(text, namesOf(operation))
  count(own, Math.floor(manner / 8), text)
  if (parameters.length > 0) count(parameters.map(lengthOf), 0, text, ...parameters.map(({ value }) => value ?? ""))
  return { bytes, longest, spent, news }
}

const isStatement = (operation: Operation): operation is Statement =>
  typeof (operation as Partial<Statement>).text === "string"

const lengthOf = ({ value }: Parameter): number => value?.length ?? 1

const digestOf = (parts: ReadonlyArray<string | Uint8Array>): string => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest("base64")
}

/** Names that the upstream itself has: of what is read, and of its fields. */
const namesOf = ({ reads }: Operation): ReadonlySet<string> =>
  new Set(
    reads.flatMap(({ fields = [], name, within = [] }) =>
      [name, ...within].flatMap((one) => one.split(".")).concat(fields)
    )
  )
