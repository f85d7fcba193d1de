import { describe, expect, it } from "vitest"
import type { Sql } from "../../../core/family/sql/index.ts"
import type { Codec } from "../../../core/protocol/index.ts"
import { openDoor, Rig } from "../../../core/testing/index.ts"
import { postgresSubject } from "../../fixtures/postgres-subject.ts"

const methods = ["receive", "next", "forward", "transmit", "end", "close"] as const

/** An open session whose codec then throws in each of `broken`. */
const open = (...broken: ReadonlyArray<typeof methods[number]>) => {
  const rig = new Rig<typeof Sql>(postgresSubject, { plugins: [openDoor] }).login(postgresSubject)
  const codec = rig.codec as Codec<any>
  for (const method of broken) {
    codec[method] = () => {
      throw new Error("broken")
    }
  }
  return rig
}

describe("a codec that throws", () => {
  it.each(methods.filter((method) => method !== "end" && method !== "close"))(
    "in %s ends the session on both sides",
    (method) => {
      const rig = open(method)
      expect(() => rig.send(postgresSubject.operation("one"))).not.toThrow()
      expect([rig.closed, rig.downstream.closed, rig.upstream.closed]).toEqual(["fault", true, true])
    }
  )

  it("when a side ends", () => {
    const rig = open("end")
    expect(() => rig.relay.events.upstream.ended()).not.toThrow()
    expect([rig.closed, rig.downstream.closed, rig.upstream.closed]).toEqual(["fault", true, true])
  })

  it("in closing too: both connections are closed nevertheless", () => {
    const rig = open("receive", "close", "transmit")
    expect(() => rig.send(postgresSubject.operation("one"))).not.toThrow()
    expect([rig.closed, rig.downstream.closed, rig.upstream.closed]).toEqual(["fault", true, true])
  })
})
