import type { Statement } from "../../core/family/sql/index.ts"

/** Command tags of statements that may carry a credential in a literal. */
const TAGS = /\b(ROLE|USER|SUBSCRIPTION|SERVER|USER MAPPING|FOREIGN DATA WRAPPER|DATABASE|SYSTEM|PUBLICATION)\b/

/** Words next to which a credential may stand, also inside the bodies of functions and in connection strings. */
const WORDS =
  /passw|passphrase|secret|credential|identified|conninfo|dblink|crypt|token|api_?key|private_?key|primary_conninfo/i

/**
 * Whether a statement may carry a credential. On the safe side: what it says yes to only loses the readable form of
 * its literals in the record. Text that could not be parsed counts as carrying one.
 */
export const mayBearSecret = (statement: Pick<Statement, "text" | "tags">): boolean =>
  statement.tags.length === 0 && statement.text.trim() !== ""
  || statement.tags.some((tag) => TAGS.test(tag))
  || speaksOfSecret(statement.text)

/** Whether a text names a credential in any way. */
export const speaksOfSecret = (text: string): boolean => WORDS.test(text)
