import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Gate, sourceOf } from "../../../../plugins/services/saml/gate.ts"

const times = (gate: Gate, address: string, tries: number, now = 0): number =>
  Array.from({ length: tries }, () => gate.admits(address, now)).filter(Boolean).length

describe("how many logins may begin", () => {
  it("is each address's own, and anew every minute", () => {
    const gate = new Gate(20)
    expect(times(gate, "10.0.0.1", 100)).toBe(20)
    expect(times(gate, "10.0.0.2", 100)).toBe(20)
    expect(times(gate, "10.0.0.1", 100, 59_999)).toBe(0)
    expect(times(gate, "10.0.0.1", 100, 60_000)).toBe(20)
  })
  it("is one share for a network of IPv6, in whatever spelling, and for an address in both", () => {
    const gate = new Gate(20)
    expect(times(gate, "2001:db8::1", 15) + times(gate, "2001:0db8:0:0:ffff::2", 15)).toBe(20)
    expect(times(gate, "2001:db8:0:1::1", 30)).toBe(20)
    expect(times(gate, "10.0.0.1", 15) + times(gate, "::ffff:10.0.0.1", 15)).toBe(20)
    expect(times(gate, "fe80::1%eth0", 15) + times(gate, "fe80::2%eth1", 15)).toBe(20)
  })
  it.each([
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["1::", "1:0:0:0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:1::", "2001:db8:1:0"],
    ["unknown", "unknown"]
  ])("knows the network of %s", (address, network) => expect(sourceOf(address)).toBe(network))
  it("leaves something to those who come late, while one after another takes all it can", () => {
    const gate = new Gate(20)
    let greedy = 0
    for (let i = 0; i < 20; i++) greedy += times(gate, `10.1.0.${i}`, 1000)
    // Five take all of their share; then the half is gone, and each gets a tenth.
    expect(greedy).toBe(5 * 20 + 15 * 2)
    for (let i = 0; i < 30; i++) expect(times(gate, `10.2.0.${i}`, 1)).toBe(1)
  })
  it("is bounded in all, whoever asks", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(60)), { maxLength: 60 }), (asks) => {
      const gate = new Gate(10)
      const had = new Map<number, number>()
      for (const [who, tries] of asks) had.set(who, (had.get(who) ?? 0) + times(gate, `10.0.0.${who}`, tries))
      const all = [...had.values()]
      expect(all.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(100)
      expect(Math.max(0, ...all)).toBeLessThanOrEqual(10)
    }))
  })
  it("lets one in at least, however small the share", () => {
    const gate = new Gate(1)
    expect(times(gate, "10.0.0.1", 5)).toBe(1)
    for (let i = 2; i < 11; i++) expect(times(gate, `10.0.0.${i}`, 5)).toBe(1)
    expect(times(gate, "10.0.0.99", 5)).toBe(0)
  })
})
