import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { allow, Any, definePlugin, deny, type Session } from "../core/index.ts"
import { connectHooks } from "../core/pipeline/hook-list.ts"
import { accepted, refused } from "./contract.test-d.ts"

describe("the contract of plugins", () => {
  it("is checked by the type checker, line by line", () => {
    const text = readFileSync(new URL("./contract.test-d.ts", import.meta.url), "utf8")
    const { include } = JSON.parse(readFileSync(new URL("../tsconfig.json", import.meta.url), "utf8"))
    expect(include).toContain("test")
    // Every refusal is marked, and says why: an unmarked one would be accepted in silence.
    expect(text.match(/\/\/ @ts-expect-error \S/g)).toHaveLength(refused.length + 1)
    expect(text).not.toMatch(/@ts-ignore|@ts-nocheck|\bas any\b/)
  })

  it("fills in what a plugin leaves out, and nothing else", () => {
    for (const plugin of [...accepted, ...refused]) {
      expect(plugin).toMatchObject({ api: 1, requires: expect.any(Array), provides: expect.any(Array) })
    }
    const bare = accepted.find(({ name }) => name === "nothing needed")!
    expect([bare.requires, bare.provides, "acquire" in bare]).toEqual([[], [], false])
  })

  it("refuses the sessions of a plugin with a misspelt hook, which the type checker overlooks beside others", () => {
    const plugin = definePlugin({
      name: "misspells one of two",
      family: Any,
      config: Schema.Struct({}),
      connect: () => ({ inspect: () => {}, decides: () => deny("closed", "Closed.") })
    })
    const entry = { name: "x", plugin, config: {}, resources: undefined, onError: "deny" as const }
    const seen: Array<unknown> = []
    const connected = connectHooks({} as Session, [entry], (_plugin, error) => {
      seen.push(error)
      return deny("fault", "A plugin failed.")
    })
    expect(connected).toMatchObject({ _tag: "Deny", code: "fault" })
    expect(String(seen[0])).toContain("decides")
  })

  it("refuses a misspelt option in the file", () => {
    const decode = Schema.decodeUnknownSync(accepted[0]!.config, { onExcessProperty: "error" })
    expect(decode({ limit: 1 })).toEqual({ limit: 1 })
    expect(() => decode({ limits: 1 })).toThrow()
    expect(() => decode({ limit: 1, more: 2 })).toThrow()
  })

  it("has one Allow, which nobody changes, and denials that carry only what was said", () => {
    expect(Object.isFrozen(allow)).toBe(true)
    expect(deny("c", "M.", { detail: undefined, hint: "h" })).toEqual({
      _tag: "Deny",
      code: "c",
      message: "M.",
      hint: "h"
    })
    expect("detail" in deny("c", "M.")).toBe(false)
  })
})
