/** How an identifier is written so that nothing in it is special. */
const quoted = (name: string): string => `"${name.replaceAll("\"", "\"\"")}"`

/**
 * The settings that the analysis relies on. `pg_temp` stands last in the path, so that a temporary table never hides
 * another; strings are standard ones, text is UTF-8, and `= NULL` means what it says.
 */
export const pinnedSettings = (path: ReadonlyArray<string>): ReadonlyMap<string, string> =>
  new Map([
    ["search_path", [...path.map(quoted), "pg_temp"].join(", ")],
    ["standard_conforming_strings", "on"],
    ["client_encoding", "UTF8"],
    ["transform_null_equals", "off"]
  ])
