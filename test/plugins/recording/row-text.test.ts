import * as fc from "fast-check"
import { expect, it } from "vitest"
import { message } from "../../../protocols/postgres/messages/message-builder.ts"
import { DataRow } from "../../../protocols/postgres/row.ts"
import { RowText } from "../../../plugins/recording/row-text.ts"
import { valueOf } from "../../../plugins/recording/value.ts"
import { columnOf } from "../../fixtures/postgres-values.ts"

const rowOf = (values: ReadonlyArray<Uint8Array | null>): DataRow => {
  message.open(0x44).int16(values.length)
  for (const value of values) {
    message.int32(value === null ? -1 : value.length)
    if (value !== null) message.bytes(value)
  }
  const chunk = message.taken()
  const row = new DataRow()
  expect(row.moveTo(chunk, 0, chunk.length, values.map((_, i) => columnOf(`c${i}`)), 0)).toBe(true)
  return row
}

const takenOf = (rows: RowText): string => {
  let taken = ""
  rows.give("", (text) => taken = Buffer.from(text).toString())
  return taken
}

const textOf = (values: ReadonlyArray<Uint8Array | null>): string => {
  const rows = new RowText()
  rows.begin("")
  rows.row(rowOf(values))
  return takenOf(rows)
}

it("every byte is written as JSON has it, wherever it stands among plain ones", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let at = 0; at < 9; at++) {
      const value = Buffer.alloc(9, "a")
      value[at] = byte
      expect(textOf([value])).toBe(JSON.stringify([[valueOf(value, "text")]]))
    }
  }
})

it("rows are written as JSON has them", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 }).map((said) => Buffer.from(said))
  const value = fc.option(fc.oneof(text, fc.uint8Array({ maxLength: 40 })), { nil: null })
  fc.assert(
    fc.property(fc.array(fc.array(value, { maxLength: 5 }), { minLength: 1, maxLength: 5 }), (all) => {
      const rows = new RowText()
      rows.begin("")
      for (const values of all) rows.row(rowOf(values))
      expect(takenOf(rows)).toBe(JSON.stringify(all.map((values) => values.map((one) => valueOf(one, "text")))))
    })
  )
})
