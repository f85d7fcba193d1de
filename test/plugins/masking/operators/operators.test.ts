import fc from "fast-check"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import type { ValueType } from "../../../../core/family/sql/index.ts"
import { MaskingConfig } from "../../../../plugins/masking/config.ts"
import type { Operator } from "../../../../plugins/masking/operators/index.ts"
import { passesLuhn } from "../../../../plugins/masking/operators/luhn.ts"
import { replaceInJson } from "../../../../plugins/masking/operators/json-scan.ts"
import { typeWritten } from "../../../../plugins/masking/unmask.ts"
import { columnOf } from "../../../fixtures/postgres-values.ts"
import { Cell } from "../../../../plugins/masking/cell.ts"
import { everyMask, operator, SECRET } from "./operators.ts"

const text: ValueType = { name: "text" }
const of = (one: Operator, value: string, type: ValueType = text): string | null | undefined => one.of(value, type)

describe("partial", () => {
  const four = operator({ use: "partial" })
  it.each([
    ["078-05-1120", "****1120"],
    ["+49 30 1234567", "****4567"],
    ["1234567", undefined],
    ["1120", undefined],
    ["", undefined],
    ["日本語日本語日本語日本", "****本語日本"]
  ])("keeps the end of %s, unless that were most of it", (value, mask) => expect(of(four, value)).toBe(mask))
  it("never keeps so much that fewer than four signs, or than a third, stay hidden", () => {
    fc.assert(
      fc.property(fc.nat(16), fc.nat(16), fc.stringMatching(/^[a-z0-9]{0,40}$/), (keep_first, keep_last, value) => {
        const mask = of(operator({ use: "partial", keep_first, keep_last }), value)
        if (mask == null) return
        const kept = mask.length - 4
        expect(value.length - kept).toBeGreaterThanOrEqual(Math.max(4, Math.ceil(value.length / 3)))
        expect(value.startsWith(mask.slice(0, keep_first))).toBe(true)
      })
    )
  })
  it("keeps of an e-mail address a beginning and the domain", () => {
    const mail = operator({ use: "partial" }, "email")
    expect(of(mail, "ada@example.com")).toBe("a****@example.com")
    expect(of(mail, "a@example.com")).toBe("****@example.com")
    expect(of(mail, "no address")).toBeUndefined()
  })
  it("keeps of a card number no more than six and four digits, whatever it is told", () => {
    const greedy = operator({ use: "partial", keep_first: 8, keep_last: 4 }, "card")
    expect(of(greedy, "4111 1111 1111 1111")).toBe("411111****1111")
    expect(of(operator({ use: "partial", keep_first: 8, keep_last: 4 }), "4111111111111111")).toBe("411111****1111")
  })
})

describe("keyed masks", () => {
  const keyed = everyMask.filter(({ use }) => ["hash", "token", "fpe"].includes(String(use)))
  const other = Buffer.from("another secret of thirty-two bytes")
  it.each(keyed)("%j: the same again, others under another key or tag, and never what they mask", (mask) => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9A-Za-z]{8,20}$/).filter((value) => /(.*[0-9]){7}/.test(value)),
        fc.constantFrom("text", "card", "email", "us_ssn", "iban"),
        (value, kind) => {
          const made = of(operator(mask, kind), value)
          expect(made).toBe(of(operator(mask, kind), value))
          expect(typeof made).toBe("string")
          expect(made).not.toBe(value)
          if (mask["use"] !== "fpe") expect(made).not.toContain(value)
          expect(made).not.toBe(of(operator(mask, kind, other), value))
          expect(made).not.toBe(of(operator({ ...mask, tag: "t" }, kind), value))
        }
      )
    )
  })
  it("hash and token say nothing of one another under the same key", () => {
    const [hashed, tokened] = [{ use: "hash" }, { use: "token" }].map((mask) =>
      of(operator(mask), "1", { name: "int8" })
    )
    expect(hashed).not.toBe(tokened)
  })
  it("tokens of cards have their pattern and fail their check, and those of mail lead nowhere", () => {
    const card = operator({ use: "token" }, "card")
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{4}( [0-9]{4}){3}$/), (value) => {
      const made = of(card, value)!
      expect(made).toMatch(/^[0-9]{4}( [0-9]{4}){3}$/)
      expect(passesLuhn(made)).toBe(false)
    }))
    expect(of(operator({ use: "token" }, "email"), "ada@example.com")).toMatch(/^[a-z2-7]{20}@token\.invalid$/)
  })
  it("takes for equal what the type takes for equal", () => {
    const hash = operator({ use: "hash" })
    expect(of(hash, "ADA", { name: "citext" })).toBe(of(hash, "ada", { name: "citext" }))
    expect(of(hash, "ADA")).not.toBe(of(hash, "ada"))
  })
})

describe("fpe", () => {
  const types: Readonly<Record<string, fc.Arbitrary<string>>> = {
    text: fc.stringMatching(/^[0-9]{3}-[0-9]{2}-[0-9]{4} ?[a-zé🦀]{0,4}$/u),
    "varchar(20)": fc.stringMatching(/^[0-9]{6,20}$/),
    int4: fc.integer().map(String),
    int8: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    "numeric(12,2)": fc.tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 10, max: 99 }))
      .map(([whole, rest]) => `${whole}.${rest}`),
    uuid: fc.uuid()
  }
  it.each(Object.keys(types))("%s: stays of the type, is undone with the key, and not with another", (name) => {
    const type = typeWritten(name)!
    const made = operator({ use: "fpe" })
    const stranger = operator({ use: "fpe" }, "text", Buffer.from("another secret of thirty-two bytes"))
    fc.assert(fc.property(types[name]!, (value) => {
      const mask = of(made, value, type)
      expect(typeof mask).toBe("string")
      expect(made.reveal!(mask!, type)).toBe(value)
      expect(stranger.reveal!(mask!, type)).not.toBe(value)
      expect(columnOf("c", type).encode(mask!)).toBeDefined()
    }))
  })
  it("has no mask where a domain is so small that it can be gone through", () => {
    for (const value of ["12345", "", "abc"]) expect(of(operator({ use: "fpe" }), value)).toBeUndefined()
    expect(of(operator({ use: "fpe" }), "5", { name: "int2" })).toBeUndefined()
    expect(of(operator({ use: "fpe" }), "5", { name: "numeric", precision: 5, scale: 0 })).toBeUndefined()
    expect(of(operator({ use: "fpe" }), "5.00", { name: "numeric" })).toBeUndefined()
  })
})

describe("generalise, shift and noise", () => {
  it.each([
    [{ to: "year" }, "1987-03-14", "date", "1987-01-01"],
    [{ to: "year" }, "1987-03-14 10:11:12.5+00", "timestamptz", "1987-01-01 00:00:00+00"],
    [{ to: "month" }, "1987-03-14 10:11:12", "timestamp", "1987-03-01 00:00:00"],
    [{ to: "year" }, "1987-03-14", "text", "1987"],
    [{ to: "month" }, "1987-03-14T10:00:00Z", "text", "1987-03"],
    [{ to: "year" }, "infinity", "date", undefined],
    [{ to: "zip3" }, "94107-1234", "text", "941**"],
    [{ to: "zip3" }, "94107", "int4", "94100"],
    [{ to: "zip3" }, "SW1A 1AA", "text", undefined],
    [{ to: "network" }, "10.1.2.3", "inet", "10.1.2.0/24"],
    [{ to: "network" }, "10.1.2.3/8", "inet", "10.0.0.0/8"],
    [{ to: "network", ipv6_bits: 32 }, "2001:db8:1:2::3", "text", "2001:db8::/32"],
    [{ to: "band" }, "37", "int4", "30"],
    [{ to: "band" }, "-1", "int4", "-10"],
    [{ to: "band" }, "37", "text", "30-39"],
    [{ to: "band", band: 1000 }, "-0.5", "numeric", "-1000"],
    [{ to: "band", band: 10 }, "1987-03-14", "date", "1980-01-01"],
    [{ to: "band" }, "ada", "text", undefined]
  ])(
    "%j of %s, as %s",
    (options, value, name, mask) => expect(of(operator({ use: "generalise", ...options }), value, { name })).toBe(mask)
  )

  it("a band holds every value that it stands for", () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (value, band) => {
      const from = Number(of(operator({ use: "generalise", to: "band", band }), String(value), { name: "int8" }))
      expect(from <= value && value < from + band && from % band === 0).toBe(true)
    }))
  })

  it("a date moves by as many days as it may, never by none, and one subject's dates alike", () => {
    const shift = operator({ use: "shift", days_max: 10, by: "id" })
    const day = fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
    const days = (one: string): number => Date.parse(one.slice(0, 10)) / 86_400_000
    fc.assert(fc.property(day, day, fc.string(), (one, other, subject) => {
      const clear = [one, other].map((date) => date.toISOString().slice(0, 10))
      const moved = clear.map((date) => shift.of(date, { name: "date" }, subject)!)
      const by = days(moved[0]!) - days(clear[0]!)
      expect(Math.abs(by)).toBeGreaterThan(0)
      expect(Math.abs(by)).toBeLessThanOrEqual(10)
      expect(days(moved[1]!) - days(clear[1]!)).toBe(by)
    }))
    expect(shift.of("1987-03-14", { name: "date" }, undefined)).toBeUndefined()
    const own = operator({ use: "shift" })
    expect(own.of("1987-03-14", { name: "date" })).not.toBe("1987-03-14")
  })

  it("noise is off by what it may, never by nothing, and the same again", () => {
    const noise = operator({ use: "noise", percent: 10 })
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.constantFrom("int8", "numeric", "float8"), (value, name) => {
        const made = noise.of(String(value), { name })
        expect(made).toBe(noise.of(String(value), { name }))
        if (name !== "float8" || value !== 0) expect(Number(made)).not.toBe(value)
        expect(Math.abs(Number(made) - value)).toBeLessThanOrEqual(Math.max(1, Math.abs(value) * 0.1 + 1e-6))
      })
    )
  })
})

describe("json", () => {
  const json = operator({ use: "json", paths: { "/email": "email", "/people/*/a~1b": "text", "/deep": "card" } })
  it.each([
    ["{\"email\":\"x\", \"n\": 1.50}", "{\"email\":\"****@****.***\", \"n\": 1.50}"],
    [
      "{\"\\u0065mail\":\"x\",\"email\":{\"a\":[1]}}",
      "{\"\\u0065mail\":\"****@****.***\",\"email\":\"****@****.***\"}"
    ],
    ["{\"people\":[{\"a/b\":1},{\"a/b\":null,\"c\":[]}]}", "{\"people\":[{\"a/b\":\"****\"},{\"a/b\":null,\"c\":[]}]}"],
    ["{\"x\":{\"email\":\"deeper\"}}", "{\"x\":{\"email\":\"deeper\"}}"],
    ["[\"email\", \"]}\\\"\"]", "[\"email\", \"]}\\\"\"]"],
    ["not json", undefined],
    ["{\"email\":\"x\"", undefined],
    ["[".repeat(70) + "]".repeat(70), undefined]
  ])("%s", (value, mask) => expect(of(json, value, { name: "json" })).toBe(mask))
  it("puts nothing elsewhere, and reads the same without it", () => {
    fc.assert(fc.property(fc.json(), (value) => {
      expect(replaceInJson(value, () => undefined)).toBe(value)
      const all = replaceInJson(value, (path) => path.length === 1 ? () => "0" : undefined)!
      const read = JSON.parse(all) as unknown
      if (typeof read === "object" && read !== null) { for (const one of Object.values(read)) expect(one).toBe(0) }
    }))
  })
  it("masks the inside with the masks that the file has for kinds", () => {
    expect(of(operator({ use: "json", paths: { "/a": "text" } }, "text"), "{\"a\":1}", { name: "jsonb" })).toBe(
      "{\"a\":\"****\"}"
    )
  })
})

describe("cells", () => {
  it("mask the same in text and in binary, whatever comes, and never fail", () => {
    const types = [
      "int4",
      "numeric",
      "date",
      "uuid",
      "_text",
      "_int4",
      "jsonb",
      "inet",
      "bytea",
      "timestamptz",
      "interval"
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.constantFrom("text" as const, "binary" as const),
        fc.constantFrom(...everyMask),
        fc.uint8Array({ maxLength: 40 }),
        (type, format, mask, bytes) => {
          const made = new Cell(0, columnOf("c", type, format), operator(mask)).mask(bytes)
          expect(made === null || made instanceof Uint8Array).toBe(true)
        }
      ),
      { numRuns: 2000 }
    )
  })
  it("keep to the length that the type has", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("varchar", "bpchar"),
        fc.constantFrom(...everyMask),
        fc.constantFrom("email", "card", "text"),
        fc.string({ unit: "grapheme", maxLength: 40 }),
        (lengthMax, name, mask, kind, value) => {
          const made = new Cell(0, columnOf("c", { name, lengthMax }), operator(mask, kind)).mask(Buffer.from(value))
          if (made === null) return
          const characters = Array.from(Buffer.from(made).toString()).length
          if (name === "bpchar") expect(characters).toBe(lengthMax)
          else expect(characters).toBeLessThanOrEqual(lengthMax)
        }
      ),
      { numRuns: 1000 }
    )
  })
})

describe("the options", () => {
  const wrong = (value: unknown): boolean => {
    const result = Schema.decodeUnknownResult(MaskingConfig, { onExcessProperty: "error" })(value)
    return result._tag === "Failure"
  }
  it.each<[string, unknown]>([
    ["a keyed mask without a key", { masks: { email: { use: "hash" } } }],
    ["one under `for`", { for: [{ groups: ["a"], masks: { email: { use: "token" } } }] }],
    ["one under `obliged`", { obliged: { email: { use: "fpe" } } }],
    ["a kind that there is not", { masks: { mail: { use: "redact" } } }],
    ["a column without its schema", { masks: { "people.mail": { use: "redact" } } }],
    ["a kind in a document that there is not", { masks: { text: { use: "json", paths: { "/a": "mail" } } } }],
    ["a pointer that is none", { masks: { text: { use: "json", paths: { a: "email" } } } }],
    ["an operator that there is not", { masks: { email: { use: "scramble" } } }],
    ["an option of another operator", { masks: { email: { use: "redact", keep_last: 4 } } }],
    ["masks for nobody", { for: [{ masks: {} }] }]
  ])("refuse %s", (_name, value) => expect(wrong(value)).toBe(true))
  it("take a key for all, or one of its own", () => {
    expect(wrong({ key: "K", masks: { email: { use: "hash" } } })).toBe(false)
    expect(wrong({ masks: { "a.b.c": { use: "hash", key: "K" } } })).toBe(false)
  })
})

describe("the properties of one-way masks", () => {
  type Made = (value: string, secret: Buffer) => string
  const holds = (made: Made): boolean => {
    const property = fc.property(fc.stringMatching(/^[a-z]{3,20}$/), (value) => {
      const mask = made(value, SECRET)
      expect(mask).toBe(made(value, SECRET))
      expect(mask).not.toContain(value)
      expect(mask).not.toContain(Array.from(value).toReversed().join(""))
      expect(mask).not.toBe(made(value, Buffer.from("another secret of thirty-two bytes")))
      expect(mask).not.toBe(made(`${value}x`, SECRET))
    })
    return !fc.check(property, { numRuns: 50 }).failed
  }
  const sound = (use: string): Made => (value, secret) => operator({ use }, "text", secret).of(value, text)!
  const hash = sound("hash")
  it("hold of hash and token", () => expect(["hash", "token"].map((use) => holds(sound(use)))).toEqual([true, true]))
  it.each<[string, Made]>([
    ["has no key", (value) => hash(value, SECRET)],
    ["is another each time", () => String(Math.random())],
    ["shows the value beside it", (value, secret) => value + hash(value, secret)],
    ["turns the value round", (value, secret) => Array.from(value).toReversed().join("") + hash(value, secret)],
    ["looks at the beginning only", (value, secret) => hash(value.slice(0, 3), secret)]
  ])("fail of a mutant that %s", (_name, mutant) => expect(holds(mutant)).toBe(false))
})
