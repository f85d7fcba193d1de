import {
  type Document as YamlDocument,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit
} from "yaml"
import { error, type Path, type Problem } from "./problem.ts"

/** A stretch of a file: lines and columns count from 1; `length` in characters, at least 1, within its line. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly length: number
}

/** What the operator wrote: the value, and where each part of it stands. */
export interface Document {
  /** As messages name it. */
  readonly file: string
  /** Undefined when the text is broken. */
  readonly value: unknown
  readonly problems: ReadonlyArray<Problem>
  readonly lines: ReadonlyArray<string>
  /** Undefined where positions are not known, as in a module. */
  place(problem: Problem): Place | undefined
}

const characters_max = 4 * 1024 * 1024
const aliases_max = 100

/**
 * Reads YAML 1.2 with the core schema: `no`, `off`, `yes` and dates are strings. Duplicate keys, tabs as indentation,
 * tags, several documents and aliases that multiply (a few lines that expand to gigabytes) are errors. JSON is YAML.
 * `under` is where in the text the document stands, as in package.json.
 */
export const readText = (file: string, text: string, under: Path = []): Document => {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text
  const lines = source.split(/\r?\n/)
  if (source.length > characters_max) {
    const what = `the file is longer than ${characters_max} characters`
    return { file, value: undefined, problems: [error([], what)], lines: [], place: () => undefined }
  }
  const counter = new LineCounter()
  const yaml = parseDocument(source, {
    version: "1.2",
    schema: "core",
    lineCounter: counter,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    merge: false
  })
  const { value, problems } = contents(yaml, under)
  return { file, value, problems, lines, place: placing(yaml, counter, lines, under) }
}

/** A document whose positions are not known: what a module exports. */
export const readValue = (file: string, value: unknown): Document => ({
  file,
  value,
  problems: [],
  lines: [],
  place: () => undefined
})

const contents = (yaml: YamlDocument, under: Path): Pick<Document, "value" | "problems"> => {
  const problems = [...yaml.errors, ...yaml.warnings].map((fault): Problem => ({
    ...error([], ...inWords(fault.code, fault.message)),
    offset: fault.pos[0]
  }))
  if (problems.length > 0) return { value: undefined, problems }
  try {
    const value = under.reduce<any>((parent, step) => parent?.[step], yaml.toJS({ maxAliasCount: aliases_max }))
    return { value, problems }
  } catch (cause) {
    return { value: undefined, problems: [ofAliases(yaml, cause)] }
  }
}

/** The only faults that are found no earlier than when values are made. */
const ofAliases = (yaml: YamlDocument, cause: unknown): Problem => {
  let offset = 0
  visit(yaml, {
    Alias: (_key, alias) => {
      if (alias.resolve(yaml) !== undefined && String(cause).includes("Unresolved")) return undefined
      offset = alias.range?.[0] ?? 0
      return visit.BREAK
    }
  })
  if (String(cause).includes("Unresolved")) {
    return {
      ...error([], "no anchor has this name", "an alias repeats what was marked with `&name` further up"),
      offset
    }
  }
  const what = "aliases (`*name`) expand to too much"
  const why = `more than ${aliases_max} nodes would come of them: a few such lines can fill all memory`
  return { ...error([], what, why, "write the repeated parts out"), offset }
}

/** What is wrong, why, and what to do, for each code that the parser has; the parser's own words for the rest. */
const inWords = (code: string, message: string): [string, string?, string?] => {
  switch (code) {
    case "DUPLICATE_KEY":
      return [
        "this key stands twice in the same map",
        "which of the two would hold is anyone's guess",
        "remove one of them"
      ]
    case "TAB_AS_INDENT":
      return ["a tab is used as indentation", "YAML indents with spaces only", "replace the tab by spaces"]
    case "MULTIPLE_DOCS":
      return ["the file holds more than one document", "only one would be read", "remove the `---` and what follows it"]
    case "TAG_RESOLVE_FAILED":
      return ["tags (`!name`) are not known here", "the file is plain data", "remove the tag"]
    default:
      return [firstLine(message), "the text is not valid YAML 1.2"]
  }
}

const firstLine = (message: string): string => {
  const line = message.split("\n")[0] ?? message
  return line.charAt(0).toLowerCase() + line.slice(1)
}

/** Finds where a problem stands: its own offset, or the node at its path, or the closest ancestor that exists. */
const placing = (yaml: YamlDocument, counter: LineCounter, lines: ReadonlyArray<string>, under: Path) => {
  const at = (start: number, end: number): Place => {
    const { line, col } = counter.linePos(start)
    const column = Math.max(1, col)
    const rest = (lines[line - 1]?.length ?? 0) - column + 1
    return { line: Math.max(1, line), column, length: Math.max(1, Math.min(end - start, rest)) }
  }
  return (problem: Problem): Place | undefined => {
    if (problem.offset !== undefined) return at(problem.offset, problem.offset + 1)
    const range = find(yaml, [...under, ...problem.path], problem.key === true)
    return range === undefined ? at(0, 1) : at(range[0], range[1])
  }
}

/** The range of the node at `path`. What is missing is shown at the key of the map that should have it. */
const find = (yaml: YamlDocument, path: Path, wantsKey: boolean): readonly [number, number] | undefined => {
  let node: unknown = yaml.contents
  let key: Node | undefined
  for (const [depth, step] of path.entries()) {
    const resolved = (node as Node | undefined)?.toJS === undefined ? undefined : deref(yaml, node as Node)
    const next = child(resolved, step)
    if (next === undefined) return range(key ?? (resolved as Node | undefined))
    key = next.key ?? (next.value as Node | undefined)
    node = next.value
    if (depth === path.length - 1 && wantsKey) return range(key)
  }
  return range((node as Node | null) ?? key)
}

const deref = (yaml: YamlDocument, node: Node): unknown =>
  "source" in node && !isScalar(node)
    ? (node as unknown as { resolve: (doc: YamlDocument) => unknown }).resolve(yaml)
    : node

const child = (node: unknown, step: string | number): { key?: Node; value: unknown } | undefined => {
  if (isMap(node)) {
    const pair = node.items.find((item) =>
      isPair(item) && isScalar(item.key) && String(item.key.value) === String(step)
    )
    return pair === undefined ? undefined : { key: pair.key as Node, value: pair.value ?? pair.key }
  }
  if (isSeq(node)) {
    const value = node.items[Number(step)]
    return value === undefined ? undefined : { value }
  }
  return undefined
}

const range = (node: Node | undefined): readonly [number, number] | undefined =>
  node?.range === undefined || node.range === null ? undefined : [node.range[0], node.range[1]]
