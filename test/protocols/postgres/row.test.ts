import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { concatBytes, Outbox } from "../../../core/bytes/index.ts"
import type { Column } from "../../../core/family/sql/index.ts"
import { message } from "../../../protocols/postgres/messages/message-builder.ts"
import { columnOf } from "../../fixtures/postgres-values.ts"
import { DataRow } from "../../../protocols/postgres/row.ts"

type Values = ReadonlyArray<Uint8Array | null>

const rowOf = (values: Values): Uint8Array => {
  message.open(0x44).int16(values.length)
  for (const value of values) {
    message.int32(value === null ? -1 : value.length)
    if (value !== null) message.bytes(value)
  }
  return message.taken()
}

const columnsOf = (count: number): ReadonlyArray<Column> => Array.from({ length: count }, (_, i) => columnOf(`c${i}`))

const encoded = (row: DataRow): Uint8Array => {
  const out = new Outbox()
  row.encode(out)
  return concatBytes(Array.from({ length: 9 }, () => out.shift() ?? new Uint8Array(0)))
}

/** A value as `copy` says it is; what does not fit is not written. */
const copied = (row: DataRow, index: number): Uint8Array | null => {
  const to = new Uint8Array(310)
  const size = row.copy(index, to, 10)
  if (size > 0) expect(row.copy(index, to.subarray(0, 9 + size), 10)).toBe(size)
  return size < 0 ? null : to.slice(10, 10 + size)
}

const value = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
const values = fc.array(value, { maxLength: 9 })
const runs = { numRuns: 1000 }

describe("a row", () => {
  it("reads and patches as building it anew would, at any place of a chunk", () => {
    const patches = fc.array(fc.tuple(fc.nat(8), value), { maxLength: 4 })
    fc.assert(
      fc.property(fc.array(fc.tuple(values, patches), { minLength: 1, maxLength: 4 }), (rows) => {
        const row = new DataRow()
        const chunk = concatBytes([Uint8Array.of(1, 2, 3), ...rows.map(([of]) => rowOf(of)), Uint8Array.of(9)])
        let start = 3
        for (const [before, changes] of rows) {
          const end = start + rowOf(before).length
          expect(row.move({ chunk, start, end }, columnsOf(before.length), 0)).toBe(true)
          const after: Array<Uint8Array | null> = [...before]
          before.forEach((expected, i) => {
            expect(row.isNull(i)).toBe(expected === null)
            expect(row.bytes(i)).toEqual(expected)
            expect(copied(row, i)).toEqual(expected)
          })
          for (const [at, patch] of changes) {
            if (at >= before.length) continue
            row.replace(at, patch)
            after[at] = patch
          }
          // A recorder reads the row after it was masked: what was there before must not be readable any more.
          after.forEach((expected, i) => {
            expect(row.isNull(i)).toBe(expected === null)
            expect(row.bytes(i)).toEqual(expected)
            expect(copied(row, i)).toEqual(expected)
          })
          expect(Buffer.from(encoded(row)).equals(rowOf(after))).toBe(true)
          start = end
        }
      }),
      runs
    )
  }, 600_000)

  const text = (value: string): Uint8Array => new TextEncoder().encode(value)

  it("is written over in its chunk where the patches are as long as the values", () => {
    const chunk = concatBytes([rowOf([text("abc"), null, text("def")]), rowOf([text("ghi")])])
    const end = chunk.length - rowOf([text("ghi")]).length
    const [row, out] = [new DataRow(), new Outbox()]
    row.move({ chunk, start: 0, end }, columnsOf(3), 0)
    row.replace(0, text("***"))
    row.replace(1, null)
    expect(row.encode(out)).toBe(end)
    row.move({ chunk, start: end, end: chunk.length }, columnsOf(1), 0)
    row.encode(out)
    expect(out.shift()).toBe(chunk)
    expect(Buffer.from(chunk).equals(concatBytes([rowOf([text("***"), null, text("def")]), rowOf([text("ghi")])])))
      .toBe(true)
  })

  it("may be patched with views on itself", () => {
    const chunk = rowOf([text("abc"), text("def")])
    const row = new DataRow()
    row.move({ chunk, start: 0, end: chunk.length }, columnsOf(2), 0)
    const [first, second] = [row.bytes(0), row.bytes(1)]
    row.replace(0, second)
    row.replace(1, first)
    expect(Buffer.from(encoded(row)).equals(rowOf([text("def"), text("abc")]))).toBe(true)
  })

  it("forgets, with the chunk, which patches lay outside of it", () => {
    const [row, other] = [new DataRow(), rowOf([text("abc"), text("def")])]
    const patch = other.subarray(11, 14)
    const chunk = rowOf([text("123"), text("456")]).slice()
    row.move({ chunk, start: 0, end: chunk.length }, columnsOf(2), 0)
    row.replace(1, patch)
    encoded(row)
    row.move({ chunk: other, start: 0, end: other.length }, columnsOf(2), 0)
    row.replace(0, text("xyz"))
    row.replace(1, patch)
    expect(Buffer.from(encoded(row)).equals(rowOf([text("xyz"), text("abc")]))).toBe(true)
  })

  it("PG25 is refused when any of its lengths is not true", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (of, where, change) => {
        const whole = rowOf(of)
        const lengths = [5, 6]
        let at = 7
        for (const each of of) {
          lengths.push(at, at + 1, at + 2, at + 3)
          at += 4 + (each?.length ?? 0)
        }
        const broken = whole.slice()
        const index = lengths[where % lengths.length]!
        broken[index] = (broken[index]! + change) & 0xff
        const row = new DataRow()
        const taken = row.move({ chunk: broken, start: 0, end: broken.length }, columnsOf(of.length), 0)
        // Lengths may by chance be wrong in a way that still fills the row: then it is another row, and a sound one.
        if (taken)
          expect(of.map((_, i) => row.bytes(i)?.length ?? 0).reduce((a, b) => a + b, 7 + 4 * of.length)).toBe(
            broken.length
          )
        else expect(taken).toBe(false)
        expect(row.move({ chunk: whole, start: 0, end: whole.length - 1 }, columnsOf(of.length), 0)).toBe(false)
        expect(row.move({ chunk: whole, start: 0, end: whole.length }, columnsOf(of.length + 1), 0)).toBe(false)
      }),
      runs
    )
  }, 600_000)

  it("leaves as the bytes that came when nobody patched it, neighbours as one", () => {
    const chunk = concatBytes([rowOf([Uint8Array.of(1)]), rowOf([null])])
    const row = new DataRow()
    const out = new Outbox()
    const middle = rowOf([Uint8Array.of(1)]).length
    for (const [start, end] of [[0, middle], [middle, chunk.length]] as const) {
      row.move({ chunk, start, end }, columnsOf(1), 0)
      row.encode(out)
    }
    const sent = out.shift()!
    expect(sent.buffer).toBe(chunk.buffer)
    expect(sent.length).toBe(chunk.length)
    expect(out.shift()).toBeUndefined()
  })
})
