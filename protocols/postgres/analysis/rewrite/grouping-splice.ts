import type { Mentions } from "../resolve/mentions.ts"
import type { Entry } from "../resolve/scope.ts"
import { quoted } from "./constant.ts"
import type { Splice } from "./splices.ts"
import type { Tokens } from "./tokens.ts"

/** Types whose values PostgreSQL cannot compare for equality, and so not group by. */
const ungroupable = new Set(["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"])

/**
 * `GROUP BY id` lets a query show every column of the table whose primary key `id` is. Read through a query, a table
 * has no key: so the columns that are referred to are added to the list. No group changes, since the key decides them.
 */
export const groupingSplices = (
  tokens: Tokens,
  mentions: Mentions,
  isProjected: (mention: number) => boolean
): ReadonlyArray<Splice> =>
  [...mentions.groupings.values()].flatMap(({ at, entries, places }) => {
    const added = entries.flatMap((entry) => {
      const { mention } = entry
      if (mention === undefined || !entry.named || !isProjected(mention)) return []
      const held = new Set(places.filter((place) => place.mention === mention).map(({ name }) => name))
      const key = mentions.all.get(mention)?.relation.key ?? []
      if (key.length === 0 || !key.every((name) => held.has(name))) return []
      return dependents(entry, mentions.referred.get(mention) ?? new Set(), held)
    })
    const isList = tokens.word(tokens.at(at) - 1) === "by"
    return added.length === 0 || !isList ? [] : [{ start: at, end: at, text: `${added.join(", ")}, ` }]
  })

const dependents = (entry: Entry, referred: ReadonlySet<string>, held: ReadonlySet<string>): ReadonlyArray<string> =>
  entry.columns.flatMap(({ name, place, type }) =>
    place !== undefined && referred.has(place.name) && !held.has(place.name) && !ungroupable.has(type ?? "")
      ? [`${quoted(entry.name!)}.${quoted(name)}`]
      : []
  )
