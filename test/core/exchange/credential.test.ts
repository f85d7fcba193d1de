import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseCredential } from "../../../core/exchange/index.ts"

describe("credential", () => {
  it("splits at the first colon and takes both parts as they stand", () => {
    expect(parseCredential("app:secret")).toEqual({ user: "app", password: "secret" })
    expect(parseCredential("app:a:b:")).toEqual({ user: "app", password: "a:b:" })
    expect(parseCredential("a%3Ab: x ")).toEqual({ user: "a%3Ab", password: " x " })
    expect(parseCredential("app:")).toEqual({ user: "app", password: "" })
  })
  it.each(["", "app", ":", ":secret", "app:secret\n", "a\0b:c"])("is not %j", (text) => {
    expect(parseCredential(text)).toBeUndefined()
  })
  it("gives back what was put together", () => {
    const plain = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text))
    const user = plain.filter((text) => text !== "" && !text.includes(":"))
    fc.assert(
      fc.property(user, plain, (user, password) => {
        expect(parseCredential(`${user}:${password}`)).toEqual({ user, password })
      }),
      { numRuns: 1000 }
    )
  })
})
