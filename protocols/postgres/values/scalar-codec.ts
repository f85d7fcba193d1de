import type { Substitute, ValueType } from "../../../core/family/sql/index.ts"
import { type Form, formOf } from "./form.ts"
import { type BinaryReader, binaryReaderOf } from "./read-binary.ts"
import type { ValueCodec } from "./value-codec.ts"

const NAME_BYTES_MAX = 63

/** A scalar: its text form is read out of either format, and written into it. */
export class ScalarCodec implements ValueCodec {
  readonly type: ValueType
  private readonly form: Form | undefined
  private readonly reader: BinaryReader | undefined

  constructor(type: ValueType) {
    this.type = type
    this.form = type.labels === undefined ? formOf(type.name) : enumForm(type.labels)
    this.reader = type.labels === undefined ? binaryReaderOf(type.name) : (bytes) => bytes.toString("utf8")
  }

  text(value: string, by: Substitute): string | null {
    return this.replaced(this.form === undefined ? undefined : readable(this.type.name, value, this.form), by)
  }

  binary(value: Buffer, by: Substitute): Uint8Array | null {
    const text = this.replaced(this.reader?.(value), by)
    return text === null ? null : this.form!.binary(text)
  }

  written(text: string): string | undefined {
    return this.form === undefined ? undefined : this.fitted(text, this.form)
  }

  writtenBinary(text: string): Uint8Array | undefined {
    const written = this.written(text)
    return written === undefined ? undefined : this.form!.binary(written)
  }

  private replaced(text: string | undefined, by: Substitute): string | null {
    const { form, type } = this
    if (form === undefined) return null
    const own = text === undefined ? undefined : by.of(text, type)
    if (own === null) return null
    // What was jsonb stays it with its own spelling of numbers and keys around the substitute.
    const fitted = own === undefined ? undefined : this.fitted(own, type.name === "jsonb" ? formOf("json")! : form)
    if (fitted !== undefined) return fitted
    const constant = by.constant(type)
    return constant === null ? null : this.fitted(constant, form) ?? null
  }

  /** As the type holds it: never longer than it may be, padded where it must be, with all its digits. */
  private fitted(text: string, form: Form): string | undefined {
    const { lengthMax, name, precision } = this.type
    switch (name) {
      case "varchar":
        return form.text(lengthMax === undefined ? text : cut(text, lengthMax))
      case "bpchar":
        return form.text(lengthMax === undefined ? text : padded(cut(text, lengthMax), lengthMax))
      case "name":
        return form.text(Buffer.byteLength(text) > NAME_BYTES_MAX ? cutBytes(text) : text)
      case "numeric":
        return precision === undefined ? form.text(text) : scaled(form.text(text), this.type)
      default:
        return form.text(text)
    }
  }
}

const enumForm = (labels: ReadonlyArray<string>): Form => ({
  text: (text) => labels.includes(text) ? text : undefined,
  binary: (text) => Buffer.from(text, "utf8")
})

/** A text form as the server sent it, in the one spelling that does not hang on the session's settings. */
const readable = (name: string, text: string, form: Form): string | undefined => {
  switch (name) {
    case "bpchar":
    case "json":
    case "jsonb":
    case "text":
    case "varchar":
      return text
    case "timestamptz": {
      const written = form.text(text)
      return written === undefined ? undefined : binaryReaderOf(name)!(Buffer.from(form.binary(written)))
    }
    default:
      return form.text(text)
  }
}

const cut = (text: string, characters: number): string =>
  text.length <= characters ? text : Array.from(text).slice(0, characters).join("")

const cutBytes = (text: string): string => {
  let short = text.slice(0, NAME_BYTES_MAX)
  while (Buffer.byteLength(short) > NAME_BYTES_MAX || !short.isWellFormed()) short = short.slice(0, -1)
  return short
}

const padded = (text: string, characters: number): string => {
  const missing = characters - Array.from(text).length
  return missing > 0 ? text + " ".repeat(missing) : text
}

/** With exactly the type's digits behind the point; undefined where it has more of either than the type. */
const scaled = (text: string | undefined, { precision, scale = 0 }: ValueType): string | undefined => {
  if (text === undefined || text === "NaN") return text
  const [whole, fraction = ""] = text.replace("-", "").split(".")
  if (fraction.length > scale || whole!.replace(/^0+/, "").length > precision! - scale) return undefined
  return scale === 0 ? text : `${text.split(".")[0]}.${fraction.padEnd(scale, "0")}`
}
