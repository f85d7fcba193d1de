import { isMap, isScalar, type LineCounter, type Node, type Pair, type YAMLMap } from "yaml"
import { type Addition, type Additions, isEntry, isWords } from "./additions.ts"
import { scalar } from "../scalar.ts"

/** A change to a text, by its lines, which count from 0: whole lines more, or something more within one. */
export type Edit =
  | { readonly _tag: "Lines"; readonly before: number; readonly depth: number; readonly lines: ReadonlyArray<string> }
  | { readonly _tag: "Within"; readonly line: number; readonly column: number; readonly text: string }

/** How a file is written. JSON has no comments, and quotes everything. */
export interface Manner {
  readonly text: string
  readonly counter: LineCounter
  readonly isJson: boolean
}

/**
 * The edits that add to a map what is not there yet; what is there is never touched. Undefined where that cannot be
 * done in place: what should be a map is something else, or repeats another by an alias.
 */
export const editsOf = (map: YAMLMap, additions: Additions, manner: Manner): ReadonlyArray<Edit> | undefined => {
  const edits: Array<Edit> = []
  const fresh: Array<readonly [string, Addition]> = []
  for (const [key, addition] of Object.entries(additions)) {
    const pair = pairOf(map, key)
    if (pair === undefined) {
      fresh.push([key, addition])
      continue
    }
    if (isEntry(addition) || isWords(addition) || !isMap(pair.value)) return undefined
    const below = editsOf(pair.value, addition, manner)
    if (below === undefined) return undefined
    edits.push(...below)
  }
  if (fresh.length === 0) return edits
  return [...edits, ...(map.flow === true ? inFlow(map, fresh, manner) : inBlock(map, fresh, manner))]
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)

const inBlock = (
  map: YAMLMap,
  fresh: ReadonlyArray<readonly [string, Addition]>,
  { counter, text }: Manner
): ReadonlyArray<Edit> => {
  const indent = counter.linePos((map.items[0]!.key as Node).range![0]).col - 1
  const end = endOf(map)
  // A text block ends where the next line begins.
  const last = counter.linePos(text[end - 1] === "\n" ? end - 1 : end).line
  const lines = fresh.flatMap(([key, addition]) => blockLines(key, addition, indent))
  return [{ _tag: "Lines", before: last, depth: indent, lines }]
}

/** Where the last thing in a node ends. A block's own range may reach over blank lines and comments behind it. */
const endOf = (node: Node): number => {
  if (isMap(node) && node.flow !== true && node.items.length > 0) {
    const { key, value } = node.items.at(-1)!
    return endOf((value ?? key) as Node)
  }
  if ("items" in node && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1) as Node)
  return node.range![1]
}

const blockLines = (key: string, addition: Addition, indent: number): ReadonlyArray<string> => {
  const head = `${" ".repeat(indent)}${scalar(key)}:`
  if (isEntry(addition)) return [`${head} ${scalar(addition.word)} # ${addition.because}`]
  if (isWords(addition)) return [`${head} [${addition.map(scalar).join(", ")}]`]
  return [head, ...Object.entries(addition).flatMap(([below, more]) => blockLines(below, more, indent + 2))]
}

/** Behind the last item, with the reasons in lines of their own above. */
const inFlow = (
  map: YAMLMap,
  fresh: ReadonlyArray<readonly [string, Addition]>,
  { counter, isJson, text }: Manner
): ReadonlyArray<Edit> => {
  const last = map.items.at(-1)
  const offset = last === undefined ? map.range![0] + 1 : ((last.value ?? last.key) as Node).range![1]
  const { col, line } = counter.linePos(offset)
  const items = fresh.map(([key, addition]) => flowItem(key, addition, isJson)).join(", ")
  const within = last === undefined ? ` ${items} ` : `, ${items}`
  const edit: Edit = { _tag: "Within", line: line - 1, column: col - 1, text: within }
  if (isJson) return [edit]
  const indent = /^[ \t]*/.exec(text.slice(counter.lineStarts[line - 1]))![0]
  const reasons = fresh.flatMap(([key, addition]) => reasonLines(key, addition)).map((line) => `${indent}# ${line}`)
  return reasons.length === 0
    ? [edit]
    : [edit, { _tag: "Lines", before: line - 1, depth: -1, lines: reasons }]
}

const flowItem = (key: string, addition: Addition, isJson: boolean): string => {
  const written = isJson ? JSON.stringify : scalar
  if (isEntry(addition)) return `${written(key)}: ${written(addition.word)}`
  if (isWords(addition)) return `${written(key)}: [${addition.map((word) => written(word)).join(", ")}]`
  const items = Object.entries(addition).map(([below, more]) => flowItem(below, more, isJson))
  return `${written(key)}: { ${items.join(", ")} }`
}

const reasonLines = (key: string, addition: Addition): ReadonlyArray<string> => {
  if (isEntry(addition)) return [`${scalar(key)}: ${addition.because}`]
  return isWords(addition)
    ? []
    : Object.entries(addition).flatMap(([below, more]) => reasonLines(below, more))
}
