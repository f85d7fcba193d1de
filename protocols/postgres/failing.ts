import type { Refusal } from "./refusal.ts"

/** A text that no version of PostgreSQL takes for a statement: what the upstream is sent to make it fail. */
export const FAILING = "sluice_denied"

export const notUtf8: Refusal = {
  sqlstate: "22021",
  message: "The text is not valid UTF-8. (encoding)",
  code: "encoding"
}
