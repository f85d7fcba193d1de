import * as Effect from "effect/Effect"
import { loadModule, parseSync } from "libpg-query"
import { type PluginError, pluginError } from "../../../../core/exchange/index.ts"
import { spend, TOKEN_STEPS } from "../guard/work.ts"
import { unresolved } from "../unresolved.ts"
import { type ParsedStatement, tagOf } from "./tree.ts"

/** Loads PostgreSQL's grammar (libpg-query, 18), once per process. Nothing parses before this is done. */
export const loadParser: Effect.Effect<void, PluginError> = Effect.tryPromise({
  try: () => loadModule(),
  catch: (cause) => pluginError("postgres", "PostgreSQL's grammar did not load: the installation is damaged.", cause)
})

/** What a character of a definition costs: most tokens have four or more. */
const CHARACTER_STEPS = TOKEN_STEPS / 4

/** The statements of a text that stands in the catalogue. What a client sends has been counted by `scan`. */
export const parseDefinition = (text: string): ReadonlyArray<ParsedStatement> => {
  spend(text.length * CHARACTER_STEPS)
  return parseText(text)
}

/**
 * The statements of a text. Throws `Unresolved` where the grammar refuses it; never quotes the text. The text has
 * passed `scan`: without it, nesting could exhaust the stack.
 */
export const parseText = (text: string): ReadonlyArray<ParsedStatement> => {
  if (text === "") return []
  let parsed: { readonly stmts?: ReadonlyArray<{ readonly stmt?: object }> }
  try {
    parsed = parseSync(text)
  } catch {
    return unresolved("the text is not a statement that PostgreSQL's grammar accepts")
  }
  const statements: Array<ParsedStatement> = []
  for (const { stmt } of parsed.stmts ?? []) {
    const node = stmt as ParsedStatement["body"] | undefined
    const tag = node === undefined ? undefined : tagOf(node)
    if (tag === undefined) return unresolved("an empty statement is not understood")
    statements.push({ tag, body: node![tag] })
  }
  return statements
}
