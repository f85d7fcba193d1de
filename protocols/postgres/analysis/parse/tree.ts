import { spend } from "../guard/work.ts"

/**
 * A node of PostgreSQL's raw parse tree (nodes/parsenodes.h, nodes/primnodes.h), as JSON: one key, the node's name,
 * over
 * its fields. Fields that hold their default are absent.
 */
export type Node = Readonly<Record<string, Body>>

/** A node's fields. What a field is depends on the node, and is known where it is read. */
export type Body = Readonly<Record<string, any>>

/** The node's name, such as `SelectStmt`; undefined for an empty list item. */
export const tagOf = (node: Node): string | undefined => {
  for (const tag in node) return tag
  return undefined
}

/** Every named node anywhere in a tree, from the outside in. */
export const nodesIn = function*(tree: unknown): Generator<readonly [tag: string, body: Body]> {
  if (typeof tree !== "object" || tree === null) return
  for (const [key, child] of Object.entries(tree)) {
    // Fields are spelt in small letters, nodes with a capital.
    if (/^[A-Z]/.test(key)) spend(1)
    if (/^[A-Z]/.test(key)) yield [key, child as Body]
    yield* nodesIn(child)
  }
}

/** Whether a node of that name stands anywhere in a tree. */
export const holds = (tree: unknown, tag: string): boolean => {
  for (const [name] of nodesIn(tree)) if (name === tag) return true
  return false
}

/** The strings in a list of String nodes: a qualified name. */
export const stringsOf = (nodes: ReadonlyArray<Node> | undefined): ReadonlyArray<string> =>
  (nodes ?? []).map((node) => node["String"]?.["sval"] as string ?? "")

/** The text of a string literal, or undefined for anything else. Casts of a literal are looked through. */
export const literalOf = (node: Node | undefined): string | undefined => {
  if (node === undefined) return undefined
  if ("TypeCast" in node) return literalOf(node["TypeCast"]?.["arg"] as Node | undefined)
  const constant = node["A_Const"]
  return constant !== undefined && "sval" in constant ? constant["sval"]["sval"] as string ?? "" : undefined
}

/** One statement of a text, and the text that it came from. */
export interface ParsedStatement {
  readonly tag: string
  readonly body: Body
}
