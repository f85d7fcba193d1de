import type { Substitute } from "../../../core/family/sql/index.ts"
import type { ValueCodec } from "./value-codec.ts"

/** What a field must be quoted for (PostgreSQL manual, 8.16.6). */
const needsQuotes = /^$|[(),"\\\s]/

/** A composite: its fields are replaced, its NULLs stay. One with another number of fields is NULL as a whole. */
export class CompositeCodec implements ValueCodec {
  private readonly fields: ReadonlyArray<ValueCodec>

  constructor(fields: ReadonlyArray<ValueCodec>) {
    this.fields = fields
  }

  text(value: string, by: Substitute): string | null {
    const spelt = fieldsOf(value)
    if (spelt?.length !== this.fields.length) return null
    const made = spelt.map((field, i) => {
      const text = field === undefined ? null : this.fields[i]!.text(field, by)
      if (text === null) return ""
      return needsQuotes.test(text) ? `"${text.replaceAll(/["\\]/g, "$&$&")}"` : text
    })
    return `(${made.join(",")})`
  }

  /** `Int32(fields) { Int32(OID) Int32(length) value }...` */
  binary(value: Buffer, by: Substitute): Uint8Array | null {
    const { fields } = this
    if (value.length < 4 || value.readInt32BE(0) !== fields.length) return null
    const parts: Array<Uint8Array> = [value.subarray(0, 4)]
    let at = 4
    for (const field of fields) {
      if (at + 8 > value.length) return null
      const length = value.readInt32BE(at + 4)
      if (length > value.length - at - 8) return null
      const made = length < 0 ? null : field.binary(value.subarray(at + 8, at + 8 + length), by)
      const size = Buffer.alloc(4)
      size.writeInt32BE(made === null ? -1 : made.length)
      parts.push(value.subarray(at, at + 4), size)
      if (made !== null) parts.push(made)
      at += 8 + Math.max(0, length)
    }
    return at === value.length ? Buffer.concat(parts) : null
  }

  /** None is made. */
  written(): undefined {
    return undefined
  }

  writtenBinary(): undefined {
    return undefined
  }
}

/** The fields of a composite's text form, without quotes and escapes; undefined for NULL. */
const fieldsOf = (value: string): ReadonlyArray<string | undefined> | undefined => {
  if (!value.startsWith("(") || !value.endsWith(")")) return undefined
  const fields: Array<string | undefined> = []
  let field = ""
  let seen = false
  let quoted = false
  for (let i = 1; i < value.length; i++) {
    const sign = value[i]!
    if (!quoted && (sign === "," || i === value.length - 1)) {
      fields.push(seen ? field : undefined)
      field = ""
      seen = false
    } else if (sign === "\"") {
      seen = true
      if (quoted && value[i + 1] === "\"") field += value[++i]!
      else quoted = !quoted
    } else {
      seen = true
      field += sign === "\\" ? value[++i] ?? "" : sign
    }
  }
  return quoted ? undefined : fields
}
