import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { allow } from "../../../core/exchange/index.ts"
import type { Operation, OperationKind, Output } from "../../../core/family/index.ts"
import type { Hooks } from "../../../core/plugin/index.ts"
import { idlePlugin, pluginOf, type PluginSubject, wellBehaved } from "../../../core/testing/index.ts"

const kinds: ReadonlyArray<OperationKind> = ["session", "read", "write", "export", "define", "unknown"]

const operations: fc.Arbitrary<Operation> = fc.record({ kind: fc.constantFrom(...kinds), resolved: fc.boolean() }).map(
  (drawn) => ({ ...drawn, reads: [], writes: [], digest: "", summary: "" })
)
const outputs: fc.Arbitrary<Output> = fc.record({ kind: fc.constantFrom("row", "completion", "notice") })

const subject = (hooks: () => Hooks): PluginSubject => ({ plugin: pluginOf("tried", hooks), operations, outputs })

describe("a plugin that behaves well", () => {
  it("passes", () => wellBehaved({ plugin: idlePlugin, operations, outputs }))

  it("is not one whose hook is asynchronous", () => {
    const slow = () => ({ transform: async () => {} }) as unknown as Hooks
    expect(() => wellBehaved(subject(slow))).toThrow()
  })

  it("is not one that does not survive every kind of operation", () => {
    const brittle = (): Hooks => ({
      decide: ({ operation }) => {
        if (operation.kind === "export") throw new Error("never seen that")
        return allow
      }
    })
    expect(() => wellBehaved(subject(brittle))).toThrow()
  })

  it("is not one that keeps a loan", () => {
    const greedy = (): Hooks => {
      let last: Output | undefined
      return {
        transform: (output) => {
          if (last?.kind === "row") last = undefined
          last = output
        }
      }
    }
    expect(() => wellBehaved(subject(greedy))).toThrow()
  })
})
