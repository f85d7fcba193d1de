import type { Column } from "../../core/family/sql/index.ts"
import type { Field } from "./messages/row-description.ts"
import { encodeBinary } from "./values/encode-binary.ts"
import { encodeText } from "./values/encode-text.ts"
import { typeName } from "./values/type-name.ts"

export type { Field }

/** The formats that Bind asked for: none is all text, one is for all, else one for each column. */
export type FieldFormats = ReadonlyArray<0 | 1>

const encoder = new TextEncoder()

class DescribedColumn implements Column {
  readonly name: string
  readonly type: string
  readonly format: "text" | "binary"
  declare readonly origin?: { readonly tableOid: number; readonly attribute: number }

  constructor(field: Field, format: 0 | 1) {
    this.name = field.name
    this.type = typeName(field.typeOid)
    this.format = format === 1 ? "binary" : "text"
    if (field.tableOid !== 0) this.origin = { tableOid: field.tableOid, attribute: field.attribute }
  }

  encode(text: string): Uint8Array | undefined {
    return this.format === "binary" ? encodeBinary(this.type, text) : encodeText(this.type, text)
  }
}

/** The columns of a result; `formats` undefined takes them as they were described. */
export const columnsOf = (fields: ReadonlyArray<Field>, formats?: FieldFormats): ReadonlyArray<Column> =>
  fields.map((field, index) => {
    if (formats === undefined) return new DescribedColumn(field, field.format)
    return new DescribedColumn(field, formats[formats.length === 1 ? 0 : index] ?? 0)
  })

/** The columns of COPY data: the wire tells only how many there are; names are what the analysis predicted. */
export const copyColumns = (
  names: ReadonlyArray<string>,
  count: number,
  format: "text" | "binary"
): ReadonlyArray<Column> =>
  Array.from({ length: count }, (_, index) => ({
    name: names[index] ?? `column${index + 1}`,
    type: "unknown",
    format,
    encode: (text: string) => format === "binary" || text.includes("\0") ? undefined : encoder.encode(text)
  }))
