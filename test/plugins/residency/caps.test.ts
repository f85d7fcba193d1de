import { describe, expect, it } from "vitest"
import { ask, section, worldOf } from "./fixture.ts"

describe("transfers whose caps are reached", () => {
  const transfer = (id: string, more: object) => ({
    id,
    from: "eu",
    to: "us",
    data_sets: ["customers"],
    recipients: "any",
    mechanism: "scc",
    ...more
  })
  const worldWith = (...transfers: ReadonlyArray<object>) => worldOf({ ...section(), transfers })
  const capped = { subjects_max: { count: 5, window: "30d" } }
  const spent = (transfer: string, level: "cap" | "twice") => [
    { transfer, data_set: "customers", recipient: "away-agent", level }
  ]
  const cites = (world: ReturnType<typeof worldOf>, level?: "cap" | "twice") => {
    const { checks, decision } = ask(world, {
      as: "agent-away-1",
      ...(level === undefined ? {} : { spent: spent("b", level) })
    })
    return [decision, checks.find(({ check, sink }) => check === "home" && sink === "caller")?.cites]
  }

  it("give way to milder ones, and among equals the first by id is cited", () => {
    const world = worldWith(transfer("b", capped), transfer("a", { requires: ["approve"] }))
    expect(cites(world)).toEqual(["allow", "b"])
    expect(cites(world, "cap")).toEqual(["approve", "a"])
    expect(cites(world, "twice")).toEqual(["approve", "a"])
    const masked = worldWith(transfer("b", capped), transfer("c", { requires: ["mask"] }))
    expect(cites(masked, "cap")).toEqual(["mask", "c"])
  })

  it("are none at twice the cap, and what the data set says otherwise holds", () => {
    const world = worldWith(transfer("b", capped))
    expect(cites(world, "cap")).toEqual(["approve", "b"])
    expect(cites(world, "twice")).toEqual(["deny", undefined])
    const raw: any = { ...section(), transfers: [transfer("b", capped)] }
    raw.data_sets.customers.otherwise = "approve"
    expect(cites(worldOf(raw), "twice")).toEqual(["approve", "otherwise: approve"])
  })
})
