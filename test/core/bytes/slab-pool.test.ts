import { expect, it } from "vitest"
import { borrowSlab, giveBackSlab, NO_SLAB } from "../../../core/bytes/slab-pool.ts"
import { Outbox } from "../../../core/bytes/index.ts"

it("slabs grow with what is made, up to a size, and beyond it fit what they are for", () => {
  const sizes: Array<number> = []
  for (let slab = NO_SLAB; sizes.length < 6;) sizes.push((slab = borrowSlab(10, slab)).length)
  expect(sizes).toEqual([4096, 16_384, 65_536, 131_072, 131_072, 131_072])
  expect(borrowSlab(60_000, NO_SLAB).length).toBe(65_536)
  expect(borrowSlab(200_000, NO_SLAB).length).toBe(200_000)
})

it("slabs that were given back are borrowed again, as many as may be kept, and none of another size", () => {
  const slabs = Array.from({ length: 10 }, () => borrowSlab(131_072, NO_SLAB))
  expect(new Set(slabs).size).toBe(10)
  for (const slab of slabs) giveBackSlab(slab)
  const again = Array.from({ length: 10 }, () => borrowSlab(131_072, NO_SLAB))
  expect(again.filter((slab) => slabs.includes(slab))).toHaveLength(8)
  const odd = borrowSlab(200_000, NO_SLAB)
  giveBackSlab(odd)
  expect(borrowSlab(200_000, NO_SLAB)).not.toBe(odd)
})

it("what still waits to be sent lies in a slab that nobody else is given", () => {
  const [one, other] = [new Outbox(), new Outbox()]
  one.reserve(4).set([1, 2, 3, 4], one.reservedAt)
  one.sent()
  other.reserve(4).set([5, 6, 7, 8], other.reservedAt)
  expect([...one.shift()!]).toEqual([1, 2, 3, 4])
  one.sent()
  other.shift()
  other.sent()
  // Given back once, it is lent to one of them only.
  expect(one.reserve(4)).not.toBe(other.reserve(4))
})
