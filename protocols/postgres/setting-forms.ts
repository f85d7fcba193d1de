/** Whether a value has the form that a setting's values have. */
export type Form = (value: string) => boolean

const matching = (pattern: RegExp): Form => (value) => pattern.test(value)

const anything: Form = () => true
const switched = matching(/^(?:on|off|true|false|yes|no|t|f|y|n|1|0)$/i)
const duration = matching(/^\d{1,10} ?(?:us|ms|s|min|h|d)?$/)
/** `GMT+02:00` and the like, as JDBC has them; names are those that this program's own time zones have, too. */
const OFFSET = /^(?:GMT|UTC)?[+-]?\d{1,2}(?::?\d{2})?$/i

const isTimeZone: Form = (value) => {
  if (OFFSET.test(value)) return true
  if (!/^[A-Za-z][\w+/-]{0,62}$/.test(value)) return false
  try {
    return Intl.DateTimeFormat("en", { timeZone: value }) !== undefined
  } catch {
    return false
  }
}

/**
 * The settings that a client may start with, and what their values may look like. None of them changes what a statement
 * means or who runs it, and none has room for a text of the client's own: they reach the upstream before anything is
 * judged.
 */
export const forms: ReadonlyMap<string, Form> = new Map([
  // The upstream is told the gateway's word in its place.
  ["application_name", anything],
  ["bytea_output", matching(/^(?:hex|escape)$/i)],
  ["client_encoding", anything],
  ["client_min_messages", matching(/^(?:debug[1-5]?|log|notice|warning|error|info)$/i)],
  [
    "datestyle",
    matching(
      /^(?:iso|sql|postgres|german|mdy|dmy|ymd|us|euro(?:pean)?)(?:, ?(?:iso|sql|postgres|german|mdy|dmy|ymd))?$/i
    )
  ],
  ["enable_bitmapscan", switched],
  ["enable_hashjoin", switched],
  ["enable_indexscan", switched],
  ["enable_mergejoin", switched],
  ["enable_nestloop", switched],
  ["enable_seqscan", switched],
  ["enable_sort", switched],
  ["extra_float_digits", matching(/^(?:-?\d|-?1[0-5])$/)],
  ["geqo", switched],
  ["idle_in_transaction_session_timeout", duration],
  ["idle_session_timeout", duration],
  ["intervalstyle", matching(/^(?:sql_standard|postgres|postgres_verbose|iso_8601)$/i)],
  ["jit", switched],
  ["lock_timeout", duration],
  ["standard_conforming_strings", anything],
  ["statement_timeout", duration],
  ["timezone", isTimeZone]
])
