/** What a statement compares with. */
export interface Hints {
  /** Its constants and parameters, what matches its patterns, and what is beside them. */
  readonly all: ReadonlyArray<string>
  /** By a column's name: the constants that stand right behind it and a sign. */
  readonly byColumn: ReadonlyMap<string, ReadonlyArray<string>>
  /** The names of columns that are compared with others. */
  readonly joined: ReadonlySet<string>
}

const name = String.raw`(?:[\w"]+\.)*"?(\w+)"?(?:::\w+)?`
const constant = String.raw`(?:date |timestamp )?('(?:[^']|'')*'|\d+(?:\.\d+)?|\$\d+)`
const compared = new RegExp(
  String.raw`${name}\)?\s*(?:[<>=!]+|like|ilike|between|in\s*\(|= any\s*\()\s*${constant}`,
  "gi"
)
const equated = new RegExp(String.raw`${name}\s*=\s*${name}`, "gi")

/** Reads a statement's text for what its conditions may want: a guess, that costs nothing where it is wrong. */
export const hintsOf = (text: string, params: ReadonlyArray<unknown> = []): Hints => {
  const valueOf = (spelt: string): ReadonlyArray<string> =>
    spelt.startsWith("$")
      ? [params[Number(spelt.slice(1)) - 1]].flat().map(String)
      : spelt.startsWith("'")
      ? variants(spelt.slice(1, -1).replaceAll("''", "'"))
      : [spelt, String(Number(spelt) + 1), String(Number(spelt) - 1)]
  const byColumn = new Map<string, Array<string>>()
  for (const [, column, spelt] of text.matchAll(compared)) {
    byColumn.set(column!, [...byColumn.get(column!) ?? [], ...valueOf(spelt!)])
  }
  const strings = [...text.matchAll(/'((?:[^']|'')*)'/g)].flatMap(([, value]) => variants(value!.replaceAll("''", "'")))
  const numbers = [...text.matchAll(/\b\d+(?:\.\d+)?\b/g)].flatMap(([value]) => [value, `-${value}`, `${+value + 1}`])
  return {
    all: [...new Set([...strings, ...params.flat().map(String), ...numbers])],
    byColumn,
    joined: new Set([...text.matchAll(equated)].flatMap(([, left, right]) => [left!, right!]))
  }
}

/** A constant, what a pattern matches, what is just not it, and dates on either side. */
const variants = (value: string): ReadonlyArray<string> => {
  const year = /^[12]\d{3}(?=-)/.exec(value)?.[0]
  const dates = year === undefined ? [] : [-1, 1].map((more) => `${Number(year) + more}${value.slice(4)}`)
  return [value.replaceAll("%", "").replaceAll("_", "x"), value, value.toUpperCase(), `${value}z`, ...dates]
}
