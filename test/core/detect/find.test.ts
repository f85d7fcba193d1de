import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { find, typeKinds } from "../../../core/detect/index.ts"
import { digits, randomOf } from "./drawing.ts"
import { specimens } from "./specimens.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What is found, as `type: text`. */
const found = (text: string): ReadonlyArray<string> => {
  const bytes = encoder.encode(text)
  return find(bytes).map(({ end, start, type }) => `${type}: ${decoder.decode(bytes.subarray(start, end))}`)
}

describe("texts", () => {
  it.each<[text: string, ...expected: ReadonlyArray<string>]>([
    ["write to jane.doe+x@example.co.uk, please", "email: jane.doe+x@example.co.uk"],
    ["<bob@xn--80ak6aa92e.com>", "email: bob@xn--80ak6aa92e.com"],
    ["it is 1990@example.org", "email: 1990@example.org"],
    ["call +49 (0)30 901820 now", "phone: +49 (0)30 901820"],
    ["my phone: 416 60 039", "phone: 416 60 039"],
    ["(212) 555-0142 x12", "phone: (212) 555-0142 x12"],
    ["card 4111-1111-1111-1111.", "card: 4111-1111-1111-1111"],
    ["pay to GB82 WEST 1234 5698 7654 32 today", "iban: GB82 WEST 1234 5698 7654 32"],
    ["SSN:536-90-4399;", "us_ssn: 536-90-4399"],
    ["Her SSN is 536904399", "us_ssn: 536904399"],
    ["CPF 390.533.447-05", "br_cpf: 390.533.447-05"],
    ["nino AB 12 34 56 C.", "uk_nino: AB 12 34 56 C"],
    ["身份证号11010519491231002X", "cn_ric: 11010519491231002X"],
    ["from 203.0.113.10 via fe80::1%eth0", "ip: 203.0.113.10", "ip: fe80::1%eth0"],
    ["net 10.0.0.0/8", "ip: 10.0.0.0/8"],
    ["eth0 00:1a:2b:3c:4d:5e, or AA-BB-CC-DD-EE-FF", "mac: 00:1a:2b:3c:4d:5e", "mac: AA-BB-CC-DD-EE-FF"],
    ["postgres://u:pw1x@db.example/x", "url_credentials: postgres://u:pw1x@db.example/x"],
    ["see https://example.com/a?b=1.", "url: https://example.com/a?b=1"],
    ["born 3 March 1979", "date_of_birth: 3 March 1979"],
    ["DOB: 1979-03-23", "date_of_birth: 1979-03-23"],
    ["due on March 15, 2024", "date: March 15, 2024"],
    ["password = \"hunter2xyz\"", "secret: hunter2xyz"],
    ["key AKIAIOSFODNN7EXAMPLE", "secret: AKIAIOSFODNN7EXAMPLE"],
    [`ghp_${"a1".repeat(18)}`, `secret: ghp_${"a1".repeat(18)}`],
    [
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
      "private_key: -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
    ],
    ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "wallet: bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"],
    ["16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", "wallet: 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ"],
    ["at 52.520008, 13.404954", "coordinates: 52.520008, 13.404954"],
    ["{\"a\":\"536-90-4399\",\"b\":\"x@y.example\"}", "us_ssn: 536-90-4399", "email: x@y.example"],
    ["passport number A12803456", "us_passport: A12803456"]
  ])("finds what is in %j", (text, ...expected) => expect(found(text)).toEqual(expected))

  it.each([
    "the book ISBN is 978-3-16-148410-0",
    "part number: 555-123-4567-A",
    "trace 550e8400-e29b-41d4-a716-446655440000",
    "release v2026.2.9, version 3.24.28.33",
    "it starts at 12:30:45",
    "nine digits: 536904399",
    "inventory code 1234567890123456",
    "4111111111111112",
    "GB82 WEST 1234 5698 7654 33",
    "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ2",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx",
    "const pattern = /[a-z]+@[a-z]+/",
    "password: required",
    "256.1.1.1 and 1.2.3",
    "SSN 000-00-0000",
    "invoice2057.tar.gz",
    "ORD-2019-114043",
    "2026-99-99",
    "2026-04-30T07:54:23Z",
    "41433.32 EUR"
  ])("finds nothing in %j", (text) => expect(found(text)).toEqual([]))
})

describe("every finding", () => {
  const pieces = fc.constantFrom(
    ..."0,1,9,-,--, ,.,/,@,:,=,+,(,),_,a,Z,é,中,\u0000,\n,://,://a:b@,password=,-----BEGIN ,PRIVATE KEY-----,eyJ".split(
      ","
    ),
    ...Object.values(specimens).flat()
  )
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")))
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), texts.map((text) => encoder.encode(text)))

  it("lies in the text, in order, and overlaps no other", () => {
    fc.assert(fc.property(bytes, (text) => {
      let floor = 0
      for (const { end, kind, score, start, type } of find(text)) {
        expect(start).toBeGreaterThanOrEqual(floor)
        expect(end).toBeGreaterThan(start)
        expect(end).toBeLessThanOrEqual(text.length)
        expect(typeKinds.get(type)).toBe(kind)
        expect(typeKinds.has(type)).toBe(true)
        expect(Number.isFinite(score)).toBe(true)
        floor = end
      }
    }))
  })

  it("does not hang on where it stands in the stride", () => {
    for (const text of ["-----BEGIN PRIVATE KEY-----", "AA-BB-CC-DD-EE-FF", "a@b.example", "https://a.example/"]) {
      for (let before = 0; before < 9; before++) expect(find(" ".repeat(before) + text), text).toHaveLength(1)
    }
  })

  it("stays when clean text is put before and behind it", () => {
    const values = Object.entries(specimens).map(([type, [value]]) => [type, value!] as const)
    const strong = values.filter(([, value]) =>
      find(value).length === 1 && find(value)[0]!.end === encoder.encode(value).length
    )
    expect(strong.length).toBeGreaterThan(20)
    for (const [, value] of strong) {
      const [alone] = find(value)
      for (const [before, behind] of [["so, ", ""], ["", "; so"], ["(", ")"], ["\n", "\n"], ["\"", "\""]]) {
        const [inside] = find(`${before}${value}${behind}`)
        expect([inside?.type, inside?.start, inside?.end], value).toEqual([
          alone!.type,
          before!.length,
          before!.length + alone!.end
        ])
      }
    }
  })
})

describe("numbers of things", () => {
  /** The share of random cells of a form in which something is found. */
  const share = (
    make: (random: () => number) => string,
    look = (text: string): boolean => find(text).length > 0
  ): number => {
    const random = randomOf(11)
    let flagged = 0
    for (let i = 0; i < 3000; i++) if (look(make(random))) flagged++
    return flagged / 3000
  }
  it.each([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19])(
    "of %i digits are left alone but for three in a hundred",
    (count) => expect(share((random) => digits(count, random))).toBeLessThan(0.03)
  )
  it("would not be, were a check alone enough", () => {
    const asked = (text: string): boolean => find(text, { types: ["nl_bsn", "ca_sin", "pt_nif"] }).length > 0
    expect(share((random) => digits(9, random), asked)).toBeGreaterThan(0.1)
  })
})

describe("time", () => {
  const cost = (text: Uint8Array): number => {
    let best = Infinity
    for (let i = 0; i < 3; i++) {
      const before = process.cpuUsage()
      find(text)
      const { system, user } = process.cpuUsage(before)
      best = Math.min(best, user + system)
    }
    return best
  }
  // Sixteen times the text: sixteen times the work where it is linear, 256 times where it is quadratic.
  it.each([
    "1-",
    "1",
    "1.",
    "a1 ",
    "@a",
    "a@",
    "a://",
    "password=",
    "eyJ1-",
    "sk-1",
    "-----BEGIN ",
    "1 (",
    "+1",
    "fe80:",
    ":",
    "AA 1 ",
    "1 a",
    "4111 "
  ])("is linear in the length of %j repeated", (piece) => {
    const text = (bytes: number): Uint8Array => encoder.encode(piece.repeat(Math.ceil(bytes / piece.length)))
    expect(cost(text(256_000))).toBeLessThan(70 * Math.max(cost(text(16_000)), 1000))
  })
})
