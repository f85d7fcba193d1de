import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { Any, definePlugin, type Deny, deny } from "../../../core/index.ts"
import { Stages } from "../../../core/pipeline/index.ts"

const session = {
  id: "s",
  pipeline: "p",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => 0
}
const stagesOf = (hooks: ReadonlyArray<object>, faults: Array<string> = []) => {
  const plugins = hooks.map((one, index) => {
    const plugin = definePlugin({
      name: `p${index}`,
      family: Any,
      config: Schema.Struct({}),
      connect: () => one as never
    })
    return { name: plugin.name, plugin, config: {}, resources: undefined, onError: "deny" as const }
  })
  const stages = Stages.connect(session, plugins, (plugin, stage) => faults.push(`${plugin}.${stage}`))
  if ("_tag" in stages) throw new Error("refused")
  return stages
}

describe("the stage observe", () => {
  it("sees an answer before any patch, in the order of the file", () => {
    const seen: Array<string> = []
    const stages = stagesOf([
      { observe: () => void seen.push("first") },
      { observe: () => void seen.push("second"), transform: () => void seen.push("patched") }
    ])
    expect(stages.watchesAnswers).toBe(true)
    expect(stages.observe({ kind: "row" }, undefined)).toBeUndefined()
    stages.patch({ kind: "row" }, undefined)
    expect(seen).toEqual(["first", "second", "patched"])
  })

  it("keeps an answer from leaving, in the plugin's words", () => {
    const refusal = deny("residency", "Enough.")
    const later: Array<string> = []
    const stages = stagesOf([{ observe: (): Deny => refusal }, { observe: () => void later.push("asked") }])
    expect(stages.observe({ kind: "row" }, undefined)).toBe(refusal)
    expect(later).toEqual([])
  })

  it.each<[string, () => unknown]>([
    ["throws", () => {
      throw new Error("Canary")
    }],
    ["answers with something else", () => true],
    ["answers later", () => Promise.resolve(undefined)]
  ])("refuses the answer when a plugin %s", (_what, observe) => {
    const faults: Array<string> = []
    const answer = stagesOf([{ observe }], faults).observe({ kind: "row" }, undefined)
    expect(answer).toMatchObject({ _tag: "Deny", code: "fault" })
    expect(JSON.stringify(answer)).not.toContain("Canary")
    expect(faults).toEqual(["p0.observe"])
  })
})
