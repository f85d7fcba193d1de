import { describe, expect, it } from "vitest"
import type { Sql } from "../../../core/family/sql/index.ts"
import type { Codec } from "../../../core/protocol/index.ts"
import {
  asked,
  chunkBlind,
  closed,
  inTurn,
  type Subject,
  total,
  transparent,
  understood
} from "../../../core/testing/index.ts"
import { postgresSubject } from "../../fixtures/postgres-subject.ts"

/** The subject with a codec that is broken in one way. */
const mutant = (breakIt: (codec: Codec<Sql>) => Partial<Codec<Sql>>): Subject<Sql> => ({
  ...postgresSubject,
  codec: () => {
    const codec = postgresSubject.codec()
    const broken = breakIt(codec)
    return new Proxy(codec, {
      get: (target, key) => {
        const own: unknown = Reflect.get(broken, key)
        const value: unknown = own ?? Reflect.get(target, key, target)
        return typeof value === "function" ? value.bind(target) : value
      }
    })
  }
})

/** Lets everything through that the codec finds fault with. */
const credulous = mutant((codec) => {
  const passed: Record<string, Array<Uint8Array>> = { downstream: [], upstream: [] }
  return {
    receive: (side, chunk) => {
      codec.receive(side, chunk.slice())
      passed[side === "downstream" ? "upstream" : "downstream"]!.push(chunk)
    },
    transmit: (side) => codec.transmit(side) ?? passed[side]!.shift()
  }
})

describe("the property suites, on PostgreSQL", () => {
  it("transparent", () => transparent(postgresSubject))
  it("transparent kills a codec that swallows notices", () => {
    const deaf = mutant((codec) => ({
      forward: (event, operation) =>
        event._tag === "Output" && event.output.kind === "notice" ? undefined : codec.forward(event, operation)
    }))
    expect(() => transparent(deaf)).toThrow()
  })

  it("chunk-blind", () => chunkBlind(postgresSubject))
  it("chunk-blind kills a codec that drops short chunks", () => {
    const hasty = mutant((codec) => ({
      receive: (side, chunk) => chunk.length < 4 ? undefined : codec.receive(side, chunk)
    }))
    expect(() => chunkBlind(hasty)).toThrow()
  })

  it("total", () => total(postgresSubject))
  it("total kills a codec that throws on a rare byte", () => {
    const brittle = mutant((codec) => ({
      receive: (side, chunk) => {
        if (chunk[0]! >= 0xe0) throw new RangeError("boom")
        codec.receive(side, chunk)
      }
    }))
    expect(() => total(brittle)).toThrow()
  })

  it("asked", () => asked(postgresSubject))
  it("asked kills a codec that passes on what nobody asked for", () => {
    expect(() => asked(credulous)).toThrow()
  })

  it("understood", () => understood(postgresSubject))
  it("understood kills a codec that passes on what it does not know", () => {
    expect(() => understood(credulous)).toThrow()
  })

  it("in turn", () => inTurn(postgresSubject, 1000))
  it("in turn kills a codec that runs what was refused", async () => {
    const lax = mutant((codec) => ({
      reject: (exchange) => codec.forward({ _tag: "Asked", exchange }, exchange.asked)
    }))
    await expect(inTurn(lax)).rejects.toThrow()
  })

  it("closed", () => closed(postgresSubject))
  it("closed kills a codec that runs what was refused", () => {
    const lax = mutant((codec) => ({
      reject: (exchange) => codec.forward({ _tag: "Asked", exchange }, exchange.asked)
    }))
    expect(() => closed(lax)).toThrow()
  })
})
