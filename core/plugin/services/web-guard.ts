/** What a guarded page may do beyond showing itself. */
export interface Guarded {
  /** Where its forms lead, as in the policy's own words (Content Security Policy 3, 6.4.2). */
  readonly forms: "'none'" | "'self'"
  /** From where it takes its styles; from nowhere unless told. */
  readonly styles?: "'self'"
  /** What others are told of its address (Referrer Policy, 3). */
  readonly referrer: "no-referrer" | "same-origin"
}

/** Headers under which an answer is not kept, framed, sniffed or told to others, and no script runs at all. */
export const guardedHeaders = ({ forms, referrer, styles }: Guarded): Readonly<Record<string, string>> => ({
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    ...(styles === undefined ? [] : [`style-src ${styles}`]),
    `form-action ${forms}`,
    "frame-ancestors 'none'",
    "base-uri 'none'"
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": referrer,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin"
})

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

/** `text` as it reads in HTML or XML, between tags and in a quoted attribute. */
export const escapeMarkup = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!)
