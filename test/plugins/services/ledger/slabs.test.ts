import { expect, it } from "vitest"
import { Slabs } from "../../../../plugins/services/ledger/slabs.ts"

const body = (byte: number, size = 100_000): Uint8Array => Buffer.alloc(size, byte)
const isWhole = (kept: Uint8Array, byte: number): boolean => kept.every((one) => one === byte)

it("bodies stay as they are until the last batch that shares their slab is durable", () => {
  const slabs = new Slabs()
  const first = slabs.keep(body(1))
  const one = slabs.cut()
  const second = slabs.keep(body(2))
  const other = slabs.cut()
  expect(second.buffer).toBe(first.buffer)
  slabs.release(one)
  const third = slabs.keep(body(3))
  expect([isWhole(second, 2), isWhole(third, 3)]).toEqual([true, true])
  slabs.release(other)
  slabs.release(slabs.cut())
  expect(slabs.keep(body(4)).byteOffset).toBe(first.byteOffset)
})

it("slabs are used again when what lay in them is durable, and not before", () => {
  const slabs = new Slabs()
  const fill = (): ReadonlyArray<Uint8Array> => Array.from({ length: 12 }, (_, i) => slabs.keep(body(i)))
  const kept = fill()
  const memory = new Set(kept.map(({ buffer }) => buffer))
  const batch = slabs.cut()
  expect(memory.size).toBeGreaterThan(2)
  slabs.takeBack(batch)
  expect(fill().some(({ buffer }, i) => i > 4 && memory.has(buffer))).toBe(false)
  expect(kept.every((one, i) => isWhole(one, i))).toBe(true)
  slabs.release(slabs.cut())
  expect(fill().some(({ buffer }) => memory.has(buffer))).toBe(true)
})

it("a body that is larger than a slab has memory of its own", () => {
  const slabs = new Slabs()
  expect(isWhole(slabs.keep(body(7, 1_000_000)), 7)).toBe(true)
  expect(slabs.cut()).toEqual([])
})
