import { isDeepStrictEqual } from "node:util"
import { isMap, LineCounter, parseDocument } from "yaml"
import type { Path } from "../problem.ts"
import { type Addition, type Additions, isEntry, isWords } from "./additions.ts"
import { editsOf } from "./edit.ts"
import { revise, type Revision } from "./revision.ts"

/**
 * The operator's text with something added, every other character as it was; undefined where it cannot be added in
 * place. What came out is read again, and counts only when it says what the old text said and the additions, no more.
 */
export const propose = (file: string, text: string, under: Path, additions: Additions): Revision | undefined => {
  const counter = new LineCounter()
  const options = { version: "1.2", schema: "core", merge: false } as const
  const document = parseDocument(text, { ...options, lineCounter: counter })
  const root = under.length === 0 ? document.contents : document.getIn(under, true)
  if (document.errors.length > 0 || !isMap(root) || text.startsWith("\uFEFF")) return undefined
  const edits = editsOf(root, additions, { text, counter, isJson: isJson(text) })
  if (edits === undefined) return undefined
  const revision = revise(file, text, edits)
  const again = parseDocument(revision.text, options)
  if (again.errors.length > 0) return undefined
  const said = under.reduce<any>((parent, step) => parent?.[step], again.toJS())
  const wanted = merged(root.toJS(document) as Tree, additions)
  return isDeepStrictEqual(plain(said), plain(wanted)) ? revision : undefined
}

interface Tree {
  readonly [key: string]: unknown
}

/** In objects and lists of the usual making: prototypes are not part of what a file says. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const merged = (tree: Tree, additions: Additions): Tree => {
  const added = Object.entries(additions).map(([key, addition]) => [key, valueOf(tree[key], addition)] as const)
  return { ...tree, ...Object.fromEntries(added) }
}

const valueOf = (old: unknown, addition: Addition): unknown => {
  if (isEntry(addition)) return addition.word
  return isWords(addition) ? addition : merged((old ?? {}) as Tree, addition)
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
