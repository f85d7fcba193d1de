import type { BinaryReader } from "./read-binary.ts"

const utf8: BinaryReader = (bytes) => bytes.toString("utf8")
const JSONB_VERSION = 1
const UUID_BYTES = 16

const uuid: BinaryReader = (bytes) => {
  if (bytes.length !== UUID_BYTES) return undefined
  const hex = bytes.toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** Strings, and what is written as strings. */
export const stringReaders: Readonly<Record<string, BinaryReader>> = {
  text: utf8,
  varchar: utf8,
  bpchar: utf8,
  citext: utf8,
  name: utf8,
  char: utf8,
  xml: utf8,
  json: utf8,
  jsonb: (bytes) => bytes[0] === JSONB_VERSION ? bytes.toString("utf8", 1) : undefined,
  bytea: (bytes) => `\\x${bytes.toString("hex")}`,
  uuid
}
