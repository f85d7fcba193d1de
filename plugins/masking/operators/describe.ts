/** What each operator does, which types it has masks for, and what it needs: for people. */
const operators: ReadonlyArray<readonly [use: string, types: string, describe: string]> = [
  ["redact", "every type that can hold it", "the kind's constant; the default"],
  ["replace", "every scalar type", "a constant of your own; enums, too"],
  ["null", "every type", "NULL"],
  ["partial", "text, integers, uuid", "the ends; of mail the beginning and the domain, of cards at most six and four"],
  ["hash", "text, int4, int8, numeric, uuid, bytea, json", "HMAC-SHA-256; needs a key"],
  ["token", "text, int4, int8, numeric, uuid, bytea, json, inet", "a stand-in of the kind's shape; needs a key"],
  ["fpe", "text, int4, int8, numeric(p, s), uuid", "FF1, which `sluice unmask` undoes; needs a key"],
  ["generalise", "dates, numbers, inet, text", "the year, month, region, network or band"],
  ["shift", "dates, text with dates", "moved by days, alike for one subject; needs a key"],
  ["noise", "numbers", "off by some percent; needs a key"],
  ["json", "json, jsonb, text", "kinds by JSON pointers; the rest is shown"],
  ["deny", "every type", "whoever asks for the column is refused"]
]

/** A table of the operators, for people. */
export const describeOperators = (): string => {
  const width = Math.max(...operators.map(([use]) => use.length))
  const typesWidth = Math.max(...operators.map(([, types]) => types.length))
  return operators.map(([use, types, describe]) => `${use.padEnd(width)}  ${types.padEnd(typesWidth)}  ${describe}`)
    .join("\n")
}
