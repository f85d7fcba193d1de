import { describe, expect, it } from "vitest"
import type { ConnectedPlugin } from "../../../core/pipeline/index.ts"
import { Stages } from "../../../core/pipeline/index.ts"
import { pluginOf } from "../../../core/testing/index.ts"
import type { Hooks } from "../../../core/plugin/index.ts"

const session = {
  id: "s",
  pipeline: "p",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => 0
}
const bytes = (text: string): Uint8Array => Buffer.from(text)
const row = { kind: "row" }
const known = {} as never

/** What plugins with these hooks, in the order of the file, do to every row; and what they did wrong. */
const constantsOf = (...hooks: ReadonlyArray<Hooks>) => {
  const faults: Array<string> = []
  const plugins = hooks.map((one, i): ConnectedPlugin => pluginOf(`p${i}`, () => one))
  const stages = Stages.connect(session, plugins, (plugin, stage) => faults.push(`${plugin}.${stage}`))
  if ("_tag" in stages) throw new Error("refused")
  return { constants: stages.constants(row, known), faults, stages }
}

const patching = (constants: Hooks["constants"]): Hooks => ({ transform: () => {}, ...constants && { constants } })

describe("what is done to every row alike", () => {
  it("is nothing where nobody patches", () => {
    expect(constantsOf({ decide: () => ({ _tag: "Allow" }) as never }).constants).toEqual([])
  })

  it("is what comes of all plugins, the last of the file first; NULL stays NULL", () => {
    const { constants } = constantsOf(
      patching(() => [bytes("up"), bytes("up"), undefined, null]),
      patching(() => [bytes("down"), undefined, bytes("down"), bytes("down"), bytes("long")]),
      patching(() => [null])
    )
    expect(constants).toEqual([null, bytes("up"), bytes("down"), null, bytes("long")])
  })

  it("is not known where one plugin wants to see each row", () => {
    const alike = patching(() => [bytes("x")])
    expect(constantsOf(alike, patching(() => undefined)).constants).toBeUndefined()
    expect(constantsOf(alike, patching(undefined)).constants).toBeUndefined()
    expect(constantsOf(alike, { observe: () => undefined }).constants).toBeUndefined()
    expect(constantsOf(alike, { record: () => {} }).constants).toBeUndefined()
    expect(constantsOf(alike, { record: () => {}, recordsAnswers: false }).constants).toEqual([bytes("x")])
    expect(constantsOf(alike, { record: () => {}, recordRun: () => {} }).constants).toEqual([bytes("x")])
  })

  it("is not known where a plugin fails to say it: then it sees each row, and fails there", () => {
    const thrown = constantsOf(patching(() => {
      throw new Error("x")
    }))
    expect([thrown.constants, thrown.faults]).toEqual([undefined, ["p0.constants"]])
    const lied = constantsOf(patching(() => "x" as never))
    expect([lied.constants, lied.faults]).toEqual([undefined, ["p0.constants"]])
  })

  it("is recorded by all who want answers, and one that throws keeps them from leaving", () => {
    const seen: Array<string> = []
    const watching = (name: string): Hooks => ({ record: () => {}, recordRun: () => void seen.push(name) })
    const uninterested: Hooks = { record: () => {}, recordRun: () => void seen.push("no"), recordsAnswers: false }
    const { stages } = constantsOf(watching("a"), uninterested, watching("b"))
    expect([stages.noteRun({ count: 1 }, known), seen]).toEqual([true, ["a", "b"]])
    const failing = constantsOf({
      record: () => {},
      recordRun: () => {
        throw new Error("x")
      }
    })
    expect([failing.stages.noteRun({ count: 1 }, known), failing.faults]).toEqual([false, ["p0.recordRun"]])
  })
})
