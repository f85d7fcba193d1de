import { fpe } from "./fpe.ts"
import { generalise } from "./generalise.ts"
import { hash } from "./hash.ts"
import { Digest, subkeyOf } from "./keyed.ts"
import { noise } from "./noise.ts"
import { denying, fixed, type Operator } from "./operator.ts"
import { partial } from "./partial.ts"
import { type JsonMask, type KeyedMask, type Mask } from "./schema.ts"
import { shift } from "./shift.ts"
import { token } from "./token.ts"

export { json } from "./json.ts"
export { fixed, type Operator } from "./operator.ts"
export { isKeyed, type JsonMask, type KeyedMask, Mask } from "./schema.ts"

/** What a mask is made for. */
export interface Purpose {
  /** What the mask stands under in the file, and the tag where it names none. */
  readonly name: string
  readonly kind: string
  /** The kind's constant. */
  readonly constant: string
}

type Plain = Exclude<Mask, typeof JsonMask.Type>

/** The operator that a mask of the file asks for. `secretOf` yields what its key's name stands for. */
export const operatorOf = (
  mask: Plain,
  { constant, kind, name }: Purpose,
  secretOf: (mask: KeyedMask) => Uint8Array
): Operator => {
  switch (mask.use) {
    case "redact":
      return fixed("redact", constant)
    case "replace":
      return fixed("replace", mask.with)
    case "null":
      return fixed("null", null)
    case "deny":
      return denying(constant)
    case "partial": {
      const { keep_first, keep_last } = mask
      const isLeft = keep_first === undefined && keep_last === undefined
      const first = isLeft && kind === "email" ? 1 : keep_first ?? 0
      return partial({ first, last: isLeft ? 4 : keep_last ?? 0 }, kind, constant)
    }
    case "generalise": {
      const { band, ipv4_bits: ipv4Bits, ipv6_bits: ipv6Bits, to } = mask
      return generalise({ to, band, ipv4Bits, ipv6Bits }, constant)
    }
    default:
      return keyedOperator(mask, { constant, kind, name }, secretOf(mask))
  }
}

const keyedOperator = (mask: KeyedMask, { constant, kind, name }: Purpose, secret: Uint8Array): Operator => {
  // All dates of a subject move alike, whatever column they stand in.
  const tag = mask.tag ?? (mask.use === "shift" && mask.by !== undefined ? `by ${mask.by}` : name)
  const subkey = subkeyOf(secret, mask.use, tag)
  switch (mask.use) {
    case "hash":
      return hash(new Digest(subkey), constant)
    case "token":
      return token(new Digest(subkey), kind, constant)
    case "fpe":
      return fpe(subkey, mask.alphabet, tag, constant)
    case "shift":
      return shift(new Digest(subkey), mask.days_max, mask.by, constant)
    default:
      return noise(new Digest(subkey), mask.percent, constant)
  }
}
