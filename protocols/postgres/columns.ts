import type { Column, Lineage, Substitute, ValueType } from "../../core/family/sql/index.ts"
import type { Field } from "./messages/row-description.ts"
import { typeName } from "./values/type-name.ts"
import { codecOf, type ValueCodec } from "./values/value-codec.ts"
import { valueTypeOf } from "./values/value-type.ts"

export type { Field }

/** The formats that Bind asked for: none is all text, one is for all, else one for each column. */
export type FieldFormats = ReadonlyArray<0 | 1>

/** What a column's own type, in its own format, makes of text and of substitutes. */
abstract class TypedColumn {
  abstract readonly format: "text" | "binary"
  readonly valueType: ValueType
  private made: ValueCodec | undefined

  constructor(valueType: ValueType) {
    this.valueType = valueType
  }

  /** Made when first wanted: most columns are never looked into. */
  private get codec(): ValueCodec {
    return this.made ??= codecOf(this.valueType)
  }

  substitute(value: Uint8Array, by: Substitute): Uint8Array | null {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    if (this.format === "binary") return this.codec.binary(bytes, by)
    const text = this.codec.text(bytes.toString("utf8"), by)
    return text === null ? null : Buffer.from(text, "utf8")
  }

  encode(text: string): Uint8Array | undefined {
    if (this.format === "binary") return this.codec.writtenBinary(text)
    const written = this.codec.written(text)
    return written === undefined ? undefined : Buffer.from(written, "utf8")
  }
}

class DescribedColumn extends TypedColumn implements Column {
  readonly name: string
  readonly type: string
  readonly format: "text" | "binary"
  declare readonly origin?: { readonly tableOid: number; readonly attribute: number }

  constructor(field: Field, format: 0 | 1, foretold: ValueType | undefined) {
    const type = typeName(field.typeOid)
    // What the server says of its own types holds; of a user's it gives no more than a number.
    super(foretold !== undefined && type.startsWith("oid:") ? foretold : valueTypeOf(type, field.typeModifier))
    this.name = field.name
    this.type = type
    this.format = format === 1 ? "binary" : "text"
    if (field.tableOid !== 0) this.origin = { tableOid: field.tableOid, attribute: field.attribute }
  }
}

/**
 * The columns of a result; `formats` undefined takes them as they were described. `shape` is what the analysis foretold
 * of them: it tells the types of users apart.
 */
export const columnsOf = (
  fields: ReadonlyArray<Field>,
  formats?: FieldFormats,
  shape?: ReadonlyArray<Lineage>
): ReadonlyArray<Column> =>
  fields.map((field, index) => {
    const format = formats === undefined ? field.format : formats[formats.length === 1 ? 0 : index] ?? 0
    return new DescribedColumn(field, format, shape?.[index]?.type)
  })

/** Whether what the analysis foretold says more of some column than the server does. */
export const areUsers = (fields: ReadonlyArray<Field>): boolean =>
  fields.some(({ typeOid }) => typeName(typeOid).startsWith("oid:"))

class CopyColumn extends TypedColumn implements Column {
  readonly name: string
  readonly type: string
  readonly format: "text" | "binary"

  constructor(name: string, format: "text" | "binary", type: ValueType | undefined) {
    // Of a type that nobody foretold, a text form at least can be any text.
    super(type ?? { name: format === "text" ? "text" : "" })
    this.name = name
    this.type = type === undefined ? "unknown" : type.name
    this.format = format
  }
}

/** The columns of COPY data: the wire tells only how many there are; names and types are what the analysis foretold. */
export const copyColumns = (
  shape: ReadonlyArray<Pick<Lineage, "name" | "type">>,
  count: number,
  format: "text" | "binary"
): ReadonlyArray<Column> =>
  Array.from(
    { length: count },
    (_, index) => new CopyColumn(shape[index]?.name ?? `column${index + 1}`, format, shape[index]?.type)
  )
