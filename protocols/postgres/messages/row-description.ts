import type { MessageReader } from "./message-reader.ts"

/**
 * RowDescription: `'T' int32 length, int16 count, count × (text name NUL, int32 table OID, int16 attribute, int32 type
 * OID, int16 type length, int32 type modifier, int16 format)`.
 */
export interface Field {
  readonly name: string
  readonly tableOid: number
  readonly attribute: number
  readonly typeOid: number
  /** pg_attribute.atttypmod: -1, or what `varchar(20)` and `numeric(10, 2)` say in brackets. */
  readonly typeModifier: number
  readonly format: 0 | 1
}

/** Undefined when the fields do not fill the message exactly. */
export const decodeRowDescription = (reader: MessageReader): ReadonlyArray<Field> | undefined => {
  const count = reader.int16()
  if (count < 0) return undefined
  const fields: Array<Field> = []
  for (let i = 0; i < count && !reader.failed; i++) {
    const name = reader.text()
    const tableOid = reader.int32() >>> 0
    const attribute = reader.int16()
    const typeOid = reader.int32() >>> 0
    reader.int16()
    const typeModifier = reader.int32()
    const format = reader.int16()
    if (format !== 0 && format !== 1) return undefined
    fields.push({ name, tableOid, attribute, typeOid, typeModifier, format })
  }
  return reader.complete && !reader.garbled ? fields : undefined
}
