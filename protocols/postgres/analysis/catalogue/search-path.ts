/**
 * The names in a `search_path` setting: separated by commas, quoted where they need to be (utils/varlena.c,
 * SplitIdentifierString). Folding is ASCII only.
 */
export const pathNames = (setting: string): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (const part of parts(setting)) {
    const item = part.trim()
    if (item === "") continue
    names.push(item.startsWith("\"") ? item.slice(1, -1).replaceAll("\"\"", "\"") : fold(item))
  }
  return names
}

const parts = function*(setting: string): Generator<string> {
  let start = 0
  let quoted = false
  for (let at = 0; at < setting.length; at++) {
    if (setting[at] === "\"") quoted = !quoted
    else if (setting[at] === "," && !quoted) {
      yield setting.slice(start, at)
      start = at + 1
    }
  }
  yield setting.slice(start)
}

const fold = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The schemas that a setting means for a role: `$user` filled in, those that do not exist left out, `pg_temp` too. */
export const resolvePath = (setting: string, role: string, schemas: ReadonlySet<string>): ReadonlyArray<string> => [
  ...new Set(
    pathNames(setting).map((name) => name === "$user" ? role : name).filter((name) => schemas.has(name))
  )
]
