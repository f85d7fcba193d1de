import * as Schema from "effect/Schema"
import type { Operator } from "../../../../plugins/masking/operators/index.ts"
import { Mask } from "../../../../plugins/masking/operators/index.ts"
import { Masks } from "../../../../plugins/masking/masks.ts"

export const SECRET = Buffer.from("0123456789abcdef0123456789abcdef")
const decode = Schema.decodeUnknownSync(Mask)

/** A mask as the file may write it, made under the name of a kind. */
export const operator = (mask: Readonly<Record<string, unknown>>, kind = "text", secret: Buffer = SECRET): Operator =>
  new Masks({ key: "K", masks: { [kind]: decode(mask) } }, new Map([["K", secret]])).named(kind)[0]!

/** One of each, with options that reach all types they can. */
export const everyMask: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  { use: "redact" },
  { use: "replace", with: "12" },
  { use: "null" },
  { use: "partial" },
  { use: "partial", keep_first: 2, keep_last: 2 },
  { use: "hash" },
  { use: "token" },
  { use: "fpe" },
  { use: "fpe", alphabet: "alphanumeric" },
  { use: "generalise", to: "year" },
  { use: "generalise", to: "month" },
  { use: "generalise", to: "zip3" },
  { use: "generalise", to: "network" },
  { use: "generalise", to: "band", band: 10 },
  { use: "shift" },
  { use: "noise" },
  { use: "deny" },
  { use: "json", paths: { "/email": "email" } }
]
