import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { spiffeFault, svidOf } from "../../../plugins/identity/spiffe.ts"
import { spiffeFixture } from "../../fixtures/spiffe.ts"

const der = (name: string): Uint8Array => new X509Certificate(readFileSync(spiffeFixture(`${name}.crt`))).raw

describe("a workload's certificate", () => {
  it("names the workload, and ends when it does", () => {
    const svid = svidOf(der("workload"), "prod.test")
    expect(svid).toMatchObject({ id: "spiffe://prod.test/agents/support" })
    expect((svid as { expiresAt: number }).expiresAt).toBeGreaterThan(Date.now())
  })

  it.each([
    ["other-domain", "another trust domain"],
    ["two-names", "exactly one URI"],
    ["no-path", "no SPIFFE ID with a path"],
    ["no-uri", "exactly one URI"],
    ["odd-path", "leads elsewhere"],
    ["signer", "an authority's"]
  ])("of %s is refused", (name, why) => {
    expect(svidOf(der(name), "prod.test")).toContain(why)
  })

  it("that is no certificate is refused", () => {
    expect(svidOf(Uint8Array.of(0x30, 0x03, 1, 2, 3), "prod.test")).toBe("the certificate cannot be read")
  })
})

describe("a SPIFFE ID", () => {
  it.each([
    "spiffe://prod.test/",
    "spiffe://prod.test//a",
    "spiffe://prod.test/a/",
    "spiffe://prod.test/a/./b",
    "spiffe://prod.test/a%2fb",
    "spiffe://Prod.test/a",
    "spiffe://prod.test:8080/a",
    "spiffe://user@prod.test/a",
    "spiffe://prod.test/a?b",
    "spiffe://prod.test/a#b",
    "spiffe://prod.test.evil/a",
    "spiffe://evil/prod.test/a",
    "https://prod.test/a",
    `spiffe://prod.test/${"a".repeat(2048)}`
  ])("%s is none of the trust domain", (id) => expect(spiffeFault(id, "prod.test")).toBeTypeOf("string"))

  it("with a path of its own is", () => {
    expect(spiffeFault("spiffe://prod.test/ns/shop/sa/agent_1.x-y", "prod.test")).toBeUndefined()
  })
})
