/** A text, sorted into what its writer chose freely and what its language and its upstream prescribe. */
export interface Tokens {
  /** Of each value, comment, operator and free name: its length in bytes. */
  readonly own: ReadonlyArray<number>
  /** What the others say by their order and by how they are written, in bits. */
  readonly manner: number
}

const spaces = /[\s]+/y
/** As people indent. Every other mixture of spaces is one that somebody chose. */
const indentation = /^(\r?\n)* *$/
/** Comments, dollar quotes and quotes that never end reach to the end. */
const own: ReadonlyArray<RegExp> = [
  /--[^\n]*/y,
  /\/\*[\s\S]*?(\*\/|$)/y,
  /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(\$\1\$|$)/y,
  /[eE]'([^'\\]|\\[\s\S]|'')*('|$)/y,
  /([bBxXnN]|[uU]&)?'([^']|'')*('|$)/y,
  /\d[\w.]*([eE][+-]?\d+)?|\.\d+/y,
  /[-+<>=~!@#%^&|`?/:]{2,}|[-+<>~!@#%^&|`?/:]/y
]
const name = /([uU]&)?"([^"]|"")*("|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const placeholder = /\$\d+/y

/** Of longer texts, only so much is sorted, in UTF-16 units: the rest is its writer's own. */
const SORTED_MAX = 16_384

/** Sorts an SQL text. Never fails: what it does not understand is its writer's own. */
export const tokensOf = (whole: string, names: ReadonlySet<string>): Tokens => {
  const text = whole.slice(0, SORTED_MAX)
  const rest = Buffer.byteLength(whole) - Buffer.byteLength(text)
  const lengths: Array<number> = rest > 0 ? [rest] : []
  let manner = 0
  for (let at = 0; at < text.length;) {
    const length = match(spaces, text, at)
    if (length > 0) {
      // Line breaks and indentation can be counted, too; of six kinds of space each says up to three bits.
      const space = text.slice(at, at + length)
      if (length > 1) lengths.push(Math.ceil(length * (indentation.test(space) ? 1 : 3) / 8))
      else if (space !== " ") manner += 3
      at += length
      continue
    }
    const value = own.reduce((longest, pattern) => longest > 0 ? longest : match(pattern, text, at), 0)
    const word = value > 0 ? 0 : Math.max(match(name, text, at), match(placeholder, text, at))
    const end = at + Math.max(1, value, word)
    const token = text.slice(at, end)
    if (value > 0 || (word > 0 && isFree(token, names))) lengths.push(Buffer.byteLength(token))
    else manner += 1 + spelling(token)
    at = end
  }
  return { own: lengths, manner }
}

/** How many bits lie in large letters, and in quotes that a name does without. */
const spelling = (token: string): number => {
  if (token.startsWith("\"")) return 1
  if (token === token.toLowerCase()) return 0
  return token === token.toUpperCase() ? 1 : token.length
}

const match = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

const isFree = (token: string, names: ReadonlySet<string>): boolean => {
  if (token.startsWith("$")) return false
  if (token.startsWith("\"")) return !names.has(token.slice(1, -1))
  const lower = token.toLowerCase()
  return !language.has(lower) && !names.has(lower)
}

/** Words of the language, and functions that everyone uses. A word that is missing here costs its length, no more. */
const language = new Set(
  (`select from where and or not in is null true false as on join inner left right full outer cross natural lateral
  group by order having limit offset fetch first next row rows only distinct all any some exists between like ilike
  similar to case when then else end union intersect except with recursive asc desc nulls last using cast interval
  date time timestamp timestamptz text varchar char int integer bigint smallint numeric real double precision boolean
  uuid json jsonb bytea array values table over partition window filter within for update share of begin commit rollback
  start transaction isolation level read write committed repeatable serializable set local session show reset explain
  analyze verbose copy stdout format csv header binary count sum avg min max now coalesce nullif lower upper length
  current_date current_timestamp current_time extract year month day hour public`).split(/\s+/)
)
