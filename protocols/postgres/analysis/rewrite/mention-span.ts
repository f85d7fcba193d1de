import type { Mention } from "../resolve/mentions.ts"
import type { Splice } from "./splices.ts"
import type { Tokens } from "./tokens.ts"

/** Where a mention stands in its text, and what belongs to it. */
export interface MentionSpan {
  readonly start: number
  readonly end: number
  /** Written `TABLE customers`, which takes no subquery. */
  readonly isTable: boolean
  /** `TABLESAMPLE …`, which stands behind the alias and takes no subquery either. */
  readonly sample: Splice | undefined
}

/**
 * The tokens around a mention, as the grammar has them (relation_expr, opt_alias_clause, tablesample_clause in gram.y):
 * `[TABLE] [ONLY] [(] name [. name]… [)] [*] [[AS] alias [(columns)]] [TABLESAMPLE method (…) [REPEATABLE (…)]]`.
 * Undefined where they do not stand so.
 */
export const mentionSpan = (tokens: Tokens, { at, range }: Mention): MentionSpan | undefined => {
  const name = tokens.at(at)
  if (name < 0) return undefined
  let behind = tokens.behindName(name)
  if (range["schemaname"] !== undefined) {
    if (tokens.word(behind) !== ".") return undefined
    behind = tokens.behindName(behind + 1)
  }
  let first = name
  const only = range["inh"] !== true
  if (only && tokens.word(first - 1) === "(" && tokens.word(first - 2) === "only") {
    if (tokens.word(behind) !== ")") return undefined
    first--
    behind++
  }
  if (only && tokens.word(first - 1) !== "only") return undefined
  if (only) first--
  if (!only && tokens.word(behind) === "*") behind++
  const isTable = tokens.word(first - 1) === "table"
  if (isTable) first--
  const end = tokens.end(behind - 1)
  return { start: tokens.start(first), end, isTable, sample: sampleBehind(tokens, behindAlias(tokens, behind, range)) }
}

const behindAlias = (tokens: Tokens, index: number, range: Mention["range"]): number => {
  if (range["alias"] === undefined) return index
  const behind = tokens.behindName(tokens.word(index) === "as" ? index + 1 : index)
  return range["alias"]["colnames"] === undefined ? behind : tokens.behindBrackets(behind)
}

const sampleBehind = (tokens: Tokens, index: number): Splice | undefined => {
  if (tokens.word(index) !== "tablesample") return undefined
  let open = index
  while (tokens.word(open) !== "(" && tokens.word(open) !== "") open++
  const behind = tokens.behindBrackets(open)
  const last = (tokens.word(behind) === "repeatable" ? tokens.behindBrackets(behind + 1) : behind) - 1
  return { start: tokens.start(index), end: tokens.end(last), text: tokens.between(index, last) }
}
