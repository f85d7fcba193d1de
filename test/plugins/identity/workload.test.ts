import { X509Certificate } from "node:crypto"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { spiffeFault, svidOf } from "../../../plugins/identity/spiffe.ts"
import { spiffeFixture } from "../../fixtures/spiffe.ts"

const der = (name: string): Uint8Array => new X509Certificate(readFileSync(spiffeFixture(`${name}.crt`))).raw

describe("a workload's certificate", () => {
  it("names the workload, and ends when it does", () => {
    const svid = svidOf(der("workload"), "prod.test", Date.now())
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
    expect(svidOf(der(name), "prod.test", Date.now())).toContain(why)
  })

  it("that is no certificate is refused", () => {
    expect(svidOf(Uint8Array.of(0x30, 0x03, 1, 2, 3), "prod.test", Date.now())).toBe("the certificate cannot be read")
  })
})

describe("a certificate made on the spot", () => {
  const directory = mkdtempSync(join(tmpdir(), "svid-"))
  afterAll(() => rmSync(directory, { recursive: true }))
  let made = 0
  /** Names as openssl writes them, one for each line of `alt`. */
  const make = (
    alt: ReadonlyArray<string>,
    more = "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature"
  ) => {
    const [file, out] = [join(directory, `${++made}.cnf`), join(directory, `${made}.crt`)]
    const names = alt.length === 0 ? "" : "subjectAltName = @alt\n"
    writeFileSync(file, `[req]\ndistinguished_name = dn\n[dn]\n[ext]\n${names}${more}\n[alt]\n${alt.join("\n")}\n`)
    const words = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/O=prod.test"
    ]
    execFileSync("openssl", [
      ...words,
      "-config",
      file,
      "-extensions",
      "ext",
      "-keyout",
      join(directory, "key"),
      "-out",
      out
    ], { stdio: "pipe" })
    return new X509Certificate(readFileSync(out)).raw
  }
  const ID = "spiffe://prod.test/a"
  const judge = (certificate: Uint8Array, now = Date.now()) => svidOf(certificate, "prod.test", now)

  it.each<[string, ReadonlyArray<string>]>([
    ["alone", [`URI.1 = ${ID}`]],
    ["beside names of other kinds", [
      `URI.1 = ${ID}`,
      "DNS.1 = a.prod.test",
      "IP.1 = 10.0.0.1",
      "email.1 = a@prod.test"
    ]]
  ])("is a workload's with its name %s", (_name, alt) => expect(judge(make(alt))).toMatchObject({ id: ID }))
  it.each<[string, ReadonlyArray<string>]>([
    ["twice", [`URI.1 = ${ID}`, `URI.2 = ${ID}`]],
    ["of two workloads", [`URI.1 = ${ID}`, "URI.2 = spiffe://prod.test/b"]],
    ["and an address", [`URI.1 = ${ID}`, "URI.2 = https://prod.test/a"]],
    ["in a DNS name", ["DNS.1 = spiffe://prod.test/a"]],
    ["in a DNS name that goes on", [`DNS.1 = x, URI:${ID}`]],
    ["behind another URI, in one", [`URI.1 = urn:x, URI:${ID}`]],
    ["in an e-mail address", [`email.1 = ${ID}`]],
    ["with capitals", ["URI.1 = SPIFFE://prod.test/a"]],
    ["of a domain with capitals", ["URI.1 = spiffe://PROD.test/a"]],
    ["percent-encoded", ["URI.1 = spiffe://prod.test/%61"]],
    ["with a slash at its end", ["URI.1 = spiffe://prod.test/a/"]],
    ["with a port", ["URI.1 = spiffe://prod.test:443/a"]],
    ["with a user", ["URI.1 = spiffe://prod.test@evil.test/a"]],
    ["with a query", ["URI.1 = spiffe://prod.test/a?b"]],
    ["with dots", ["URI.1 = spiffe://prod.test/../a"]],
    ["of a domain below", ["URI.1 = spiffe://x.prod.test/a"]],
    ["of a domain that goes on", ["URI.1 = spiffe://prod.test.evil/a"]],
    ["of no domain", ["URI.1 = spiffe:///a"]],
    ["nowhere", []]
  ])("is nobody's with its name %s", (_name, alt) => expect(judge(make(alt))).toBeTypeOf("string"))
  it.each([
    ["an authority", "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,digitalSignature"],
    [
      "one that may sign certificates",
      "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature,keyCertSign"
    ],
    ["one that may, not critically", "basicConstraints = CA:FALSE\nkeyUsage = digitalSignature,keyCertSign"],
    [
      "one that may sign revocations",
      "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature,cRLSign"
    ]
  ])("is nobody's when it is %s", (_name, extensions) => {
    expect(judge(make([`URI.1 = ${ID}`], extensions))).toContain("an authority's")
  })
  it("is a workload's from its first moment until its last", () => {
    const certificate = make([`URI.1 = ${ID}`])
    const { validFrom, validTo } = new X509Certificate(certificate)
    const [from, until] = [Date.parse(validFrom), Date.parse(validTo)]
    expect(judge(certificate, from)).toMatchObject({ expiresAt: until })
    expect(judge(certificate, until - 1)).toMatchObject({ id: ID })
    for (const now of [from - 1, until, until + 86_400_000]) expect(judge(certificate, now)).toContain("expired")
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
