import { describe, expect, it } from "vitest"
import { asked, chunkBlind, closed, inTurn, type Subject, total, transparent, understood } from "sluice/testing"
import { allow } from "sluice"
import readOnly from "../../docs/examples/read-only/read-only.ts"
import type { Lines } from "../../docs/examples/lines/lines-family.ts"
import type { LinesCodec } from "../../docs/examples/lines/lines-codec.ts"
import { subject } from "../../docs/examples/lines/lines-subject.ts"

describe("the example of a protocol", () => {
  it("is transparent", () => transparent(subject))
  it("does not mind where chunks split", () => chunkBlind(subject))
  it("takes any bytes", () => total(subject))
  it("lets no answer through that nobody asked for", () => asked(subject))
  it("lets nothing through that it does not understand", () => understood(subject))
  it("answers in turn", () => inTurn(subject))
  it("fails closed", () => closed(subject))

  /** Broken variants, each in one way. */
  const broken = (change: (codec: LinesCodec) => void): Subject<Lines> => ({
    ...subject,
    codec: () => {
      const codec = subject.codec() as LinesCodec
      change(codec)
      return codec
    }
  })
  it("would be found out to answer out of turn", async () => {
    const eager = broken((codec) => {
      codec.reject = () => {}
    })
    await expect(inTurn(eager, 100)).rejects.toThrow()
  })
  it("would be found out to pass on what it does not understand", () => {
    const deaf = broken((codec) => {
      const receive = codec.receive.bind(codec)
      codec.receive = (side, chunk) => {
        receive(side, chunk)
        if (side === "upstream") (codec as any).leaving.downstream.push(chunk)
      }
    })
    expect(() => understood(deaf)).toThrow()
    expect(() => asked(deaf)).toThrow()
    expect(() => transparent(deaf)).toThrow()
  })
})

describe("the example of a plugin", () => {
  it("is as small as is said", async () => {
    const { readFileSync } = await import("node:fs")
    const text = readFileSync(new URL("../../docs/examples/read-only/read-only.ts", import.meta.url), "utf8")
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(30)
    expect(readOnly.name).toBe("read-only")
    expect(allow._tag).toBe("Allow")
  })
})
