import { describeOperators } from "./operators/describe.ts"

/** What a kind of column is, and what stands in its place. */
export interface Kind {
  /** Constant: it keeps nothing of the value, not its length, nor whether two values are the same. */
  readonly mask: string
  /** For operators: what the kind is for. */
  readonly describe: string
}

const kind = (mask: string, describe: string): Kind => ({ mask, describe })

/**
 * The kinds that a data set may give a column. A mask is text: where the column's type cannot hold it, as in a number
 * or a date, NULL stands in its place.
 */
export const kinds: ReadonlyMap<string, Kind> = new Map([
  ["email", kind("****@****.***", "electronic mail addresses")],
  ["phone", kind("***-***-****", "telephone and fax numbers")],
  ["name", kind("****", "names of people")],
  ["address", kind("****", "postal addresses and their parts")],
  ["date_of_birth", kind("****-**-**", "dates of birth; NULL in a date column")],
  ["us_ssn", kind("***-**-****", "social security numbers of the United States")],
  ["national_id", kind("****", "national identity, passport, tax and licence numbers")],
  ["iban", kind("****", "international bank account numbers")],
  ["card", kind("****-****-****-****", "payment card numbers")],
  ["ip", kind("0.0.0.0", "network addresses; 0.0.0.0 in an inet column too")],
  ["secret", kind("****", "passwords, keys and tokens")],
  ["free_text", kind("****", "text that people wrote: notes, messages, comments")],
  ["text", kind("****", "text of any other sort")],
  ["redact", kind("****", "anything; what has no better kind")]
])

/** The names of the kinds, as the file spells them. Any other is refused. */
export const kindNames: ReadonlyArray<string> = [...kinds.keys()]

/** Tables of the kinds with their masks and of the operators, for people. */
export const describeKinds = (): string => `${kindTable()}\n\n${describeOperators()}`

const kindTable = (): string => {
  const width = Math.max(...kindNames.map((name) => name.length))
  const maskWidth = Math.max(...[...kinds.values()].map(({ mask }) => mask.length))
  return [...kinds].map(([name, { describe, mask }]) => `${name.padEnd(width)}  ${mask.padEnd(maskWidth)}  ${describe}`)
    .join("\n")
}
