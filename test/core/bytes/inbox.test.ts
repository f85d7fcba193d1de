import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Inbox, Outbox, viewOf } from "../../../core/bytes/index.ts"

describe("an inbox", () => {
  it("yields what was pushed, however it was cut, and wherever the chunks were given back", () => {
    fc.assert(fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.record({ push: fc.nat(20), take: fc.nat(20), detach: fc.boolean() }), { maxLength: 40 }),
      (bytes, steps) => {
        const inbox = new Inbox()
        const taken: Array<number> = []
        let lent: Array<Uint8Array> = []
        let at = 0
        for (const { detach, push, take } of steps) {
          // As sockets yield them: a `slice` of these copies nothing.
          const chunk = Buffer.from(bytes.slice(at, at + push))
          at += chunk.length
          inbox.push(chunk)
          lent.push(chunk)
          const count = Math.min(take, inbox.length)
          if (count > 0) {
            if (count % 2 === 0) taken.push(...viewOf(inbox.take(count)))
            else {
              const start = inbox.skim(count)
              taken.push(...inbox.taken.subarray(start, start + count))
            }
          }
          if (!detach) continue
          inbox.detach()
          for (const each of lent) each.fill(0xa5)
          lent = []
        }
        expect(inbox.length).toBe(at - taken.length)
        if (inbox.length > 0) taken.push(...viewOf(inbox.take(inbox.length)))
        expect(taken).toEqual([...bytes.subarray(0, at)])
      }
    ))
  })

  it("gathers a message by itself: what follows it stays where it is", () => {
    const inbox = new Inbox()
    const second = new Uint8Array(1000).fill(2)
    inbox.push(new Uint8Array(3).fill(1))
    inbox.push(second)
    expect(viewOf(inbox.take(5))).toEqual(Uint8Array.of(1, 1, 1, 2, 2))
    expect(inbox.take(100).chunk.buffer).toBe(second.buffer)
  })
})

describe("an outbox", () => {
  const made = (outbox: Outbox): Uint8Array => {
    outbox.reserve(4)
    return outbox.shift()!
  }

  it("uses its memory again only once what lay in it has left", () => {
    const outbox = new Outbox()
    const first = made(outbox)
    expect(made(outbox).byteOffset).toBe(first.byteOffset + 4)
    outbox.reserve(4)
    outbox.sent()
    expect(outbox.shift()!.byteOffset).toBe(first.byteOffset + 8)
    outbox.sent()
    expect(made(outbox).byteOffset).toBe(first.byteOffset)
  })
})
