import * as Effect from "effect/Effect"
import type { PluginError, Principal, Secrets } from "../../core/index.ts"
import type { ValueType } from "../../core/family/sql/index.ts"
import type { MaskingConfig } from "./config.ts"
import { fetchKeys } from "./key-secrets.ts"
import { Masks } from "./masks.ts"
import { mayReveal } from "./shield.ts"

/** Whether the file lets a caller, and everyone who acts for it, have masks undone. */
export const mayUnmask = ({ unmask_to_group: named }: MaskingConfig, principal: Principal): boolean =>
  named !== undefined && mayReveal(principal, typeof named === "string" ? [named] : named)

/**
 * The value of `mask`, which was made by the mask that stands under `name` in the file, or why there is none: in words
 * that quote neither. Whether the caller may have it is `mayUnmask`'s to say.
 */
export const unmask = (
  config: MaskingConfig,
  { mask, name, type }: { readonly name: string; readonly mask: string; readonly type: ValueType }
): Effect.Effect<{ readonly value: string } | { readonly why: string }, PluginError, Secrets> =>
  Effect.map(fetchKeys(config), (keys) => {
    const made = new Masks(config, keys).named(name)
    if (made.length === 0) return { why: `the pipeline has no mask of its own for ${name}` }
    const reversible = made.find(({ reveal }) => reveal !== undefined)
    if (reversible === undefined) return { why: `${name} is masked by ${made[0]!.use}, and only fpe can be undone` }
    const value = reversible.reveal!(mask, type)
    return value === undefined ? { why: `what was given is no mask of ${name} in the type ${type.name}` } : { value }
  })

const written = /^(text|citext|name|uuid|int[48]|varchar|bpchar|numeric)(?:\(([0-9]{1,4})(?:,([0-9]{1,4}))?\))?$/

/** A type as SQL writes it in short: `text`, `int8`, `varchar(20)`, `numeric(10,2)`; undefined for any other. */
export const typeWritten = (text: string): ValueType | undefined => {
  const match = written.exec(text)
  if (match === null) return undefined
  const [, name, first, second] = match
  if (first === undefined) return { name: name! }
  if (name === "numeric") return { name, precision: Number(first), scale: Number(second ?? 0) }
  return name === "varchar" || name === "bpchar" ? { name, lengthMax: Number(first) } : undefined
}
