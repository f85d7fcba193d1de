import type { Form } from "./form.ts"

const NAME_BYTES_MAX = 63
const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8")

/** Text in a UTF-8 database: any but the zero character and halves of surrogate pairs. */
const characters = (permits: (text: string) => boolean): Form => ({
  text: (text) => text.isWellFormed() && !text.includes("\0") && permits(text) ? text : undefined,
  binary: utf8
})

const text = characters(() => true)

const isJson = (value: string): boolean => {
  // Escapes that jsonb refuses, and exponents that numeric might: better NULL than a value that no server could send.
  if (/\\u(0000|d[89a-f])/i.test(value) || /e[+-]?[0-9]{4}/i.test(value)) return false
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}

/** Only content without markup, which is well-formed whatever it says. */
// oxlint-disable-next-line no-control-regex
const isXmlContent = (value: string): boolean => /^[^\0-\x08\x0b\x0c\x0e-\x1f<>&\ufffe\uffff]*$/.test(value)

/** `\x` and hexadecimal; plain ASCII without a backslash stands for itself, as in the older escape format. */
const bytea: Form = {
  text: (value) => {
    if (/^\\x([0-9a-fA-F]{2})*$/.test(value)) return value.toLowerCase()
    // oxlint-disable-next-line no-control-regex
    return /^[\x01-\x5b\x5d-\x7f]*$/.test(value) ? "\\x" + Buffer.from(value, "latin1").toString("hex") : undefined
  },
  binary: (value) => Buffer.from(value.slice(2), "hex")
}

const uuid: Form = {
  text: (value) =>
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : undefined,
  binary: (value) => Buffer.from(value.replaceAll("-", ""), "hex")
}

const json = characters(isJson)

/** jsonb comes back as the server spells it: only what is spelt so already is written. */
const isSpeltJson = (value: string): boolean => isJson(value) && spellJson(JSON.parse(value)) === value

/** As PostgreSQL prints jsonb: a space behind each comma and colon, keys by length and then by bytes. */
const spellJson = (value: unknown): string | undefined => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(spellJson).join(", ")}]`
  const keys = Object.keys(value).toSorted((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b) || (a < b ? -1 : 1))
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${spellJson(value[key as never])}`).join(", ")}}`
}

const speltJson = characters(isSpeltJson)

/** Strings, and what is written as strings. */
export const stringForms: Readonly<Record<string, Form>> = {
  text,
  varchar: text,
  bpchar: text,
  citext: text,
  unknown: text,
  name: characters((value) => Buffer.byteLength(value) <= NAME_BYTES_MAX),
  // oxlint-disable-next-line no-control-regex
  char: characters((value) => /^[\x01-\x7f]$/.test(value)),
  json,
  // One byte says the version of the format that follows.
  jsonb: { text: (value) => speltJson.text(value), binary: (value) => Buffer.concat([Uint8Array.of(1), utf8(value)]) },
  xml: characters(isXmlContent),
  bytea,
  uuid
}
