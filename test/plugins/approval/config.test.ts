import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { ApprovalConfig } from "../../../plugins/approval/config.ts"
import { canonical, personOf, samePerson } from "../../../plugins/approval/person.ts"
import { ServiceConfig } from "../../../plugins/approval/service-config.ts"
import { openapi } from "../../../plugins/approval/web/openapi.ts"

const plugin = Schema.decodeUnknownSync(ApprovalConfig, { onExcessProperty: "error" })
const service = Schema.decodeUnknownSync(ServiceConfig, { onExcessProperty: "error" })

describe("options", () => {
  it("I26: an approval without approvers is refused, not open to all", () => {
    expect(() => plugin({ approvers: [] })).toThrow(/nobody could approve/)
    expect(() => plugin({})).toThrow()
    expect(plugin({ approvers: ["dpo"] })).toMatchObject({ quorum: 1, within_seconds: 900, clients: "wait" })
  })

  it.each([
    [{ listen: "0.0.0.0:7443" }, /tls/],
    [{ listen: "db.internal:7443" }, /tls/],
    [{ listen: "nonsense" }, /host:port/],
    [{ webhooks: [{ format: "generic", address: "https://x.test" }] }, /secret/],
    [{ webhooks: [{ format: "slack" }] }, /address/],
    [{ webhooks: [{ format: "slack", address: "http://x.test/" }] }, /https/],
    [{ surprise: 1 }, /surprise/]
  ])("refuses the service %o", (options, why) => expect(() => service(options)).toThrow(why))

  it("takes a page on the loopback, and elsewhere with a certificate", () => {
    expect(service({ listen: "[::1]:7443" }).webhooks).toEqual([])
    expect(service({ listen: "0.0.0.0:7443", tls: { certificate: "./a.crt", key: "./a.key" } }).listen).toBe(
      "0.0.0.0:7443"
    )
  })
})

describe("I20: who is who", () => {
  const of = (subject: string, claims: Readonly<Record<string, unknown>> = {}, issuer = "https://one.test") =>
    personOf({ issuer, subject, groups: [], claims })

  it.each([
    ["case", of("Ann"), of("ann", {}, "https://two.test")],
    [
      "a tag in the address",
      of("1", { email: "ann+work@x.test" }),
      of("2", { email: "ANN@x.test" }, "https://two.test")
    ],
    ["one claim here, the subject there", of("ann@x.test"), of("2", { upn: "ann@x.test" }, "https://two.test")],
    ["characters that nobody sees", of("an\u200bn"), of("ann", {}, "https://two.test")],
    ["forms of the same letters", of("\uff41nn"), of("ann", {}, "https://two.test")]
  ])("takes two for one by %s", (_why, one, other) => expect(samePerson(one, other)).toBe(true))

  it("keeps apart who shares no name", () => {
    expect(samePerson(of("1", { email: "ann@x.test" }), of("2", { email: "bob@x.test" }))).toBe(false)
    expect(canonical("+@x.test")).toBe("@x.test")
  })
})

it("the documentation keeps the API's description as it is served", () => {
  const kept = readFileSync(new URL("../../../docs/guide/approvals-api.json", import.meta.url), "utf8")
  expect(JSON.parse(kept)).toEqual(JSON.parse(JSON.stringify(openapi)))
})
