import { describe, expect, it } from "vitest"
import { ColumnObserver, decideColumn } from "../../../core/detect/index.ts"
import { digits, randomOf } from "./drawing.ts"

const many = (make: (random: () => number, i: number) => string, count = 60, seed = 5): ReadonlyArray<string> => {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, i) => make(random, i))
}
const pick = (random: () => number, words: string): string => {
  const all = words.split(",")
  return all[Math.floor(random() * all.length)]!
}
const firsts = "Anna,Jan,Maria,Peter,Jean,Lucía,Giulia,Paweł,Eva,Lars,Zoë,Fenn,Quill,Marlow,Tibor,Ines,Hugo,Emma,Nora"
const lasts = "Novák,Schmidt,Rossi,García,Nilsson,Kowalski,Dubois,Silva,Hansen,Popescu,Xim,Brale,Torv,Jansen,Müller"

/** The Dutch elfproef, worked out anew. */
const bsn = (random: () => number): string => {
  for (;;) {
    const eight = digits(8, random)
    const sum = Array.from(eight, Number).reduce((total, digit, i) => total + digit * (9 - i), 0)
    if (sum % 11 < 10 && !eight.startsWith("0")) return `${eight}${sum % 11}`
  }
}
const ssn = (random: () => number): string =>
  `${100 + Math.floor(random() * 500)}${10 + Math.floor(random() * 89)}${1000 + Math.floor(random() * 8999)}`

describe("the kind of a column", () => {
  it.each<[string, ReadonlyArray<string>, string]>([
    ["mail addresses", many((_, i) => `user${i}@example.org`), "email"],
    ["numbers with the Dutch check", many(bsn), "nl_bsn"],
    ["cards", many(() => "4111111111111111").concat(["5555555555554444", "378282246310005"]), "card"],
    [
      "addresses of hosts",
      many((random) => Array.from({ length: 4 }, () => Math.floor(random() * 255)).join(".")),
      "ip"
    ],
    ["given names", many((random) => pick(random, firsts)), "first_name"],
    ["full names", many((random) => `${pick(random, firsts)} ${pick(random, lasts)}`), "person"],
    [
      "streets",
      many((random, i) => `${pick(random, "Haupt,Garten,Linden,Schul,Berg")}straße ${i + 1}`),
      "street_address"
    ],
    [
      "telephone numbers",
      many((random, i) => i % 2 === 0 ? `+49 30 ${digits(6, random)}` : `(030) ${digits(7, random)}`),
      "phone"
    ],
    [
      "birth dates",
      many((random) =>
        `${1930 + Math.floor(random() * 75)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}`
      ),
      "date_of_birth"
    ],
    ["written social security numbers", many((random) => ssn(random).replace(/^(...)(..)/, "$1-$2-")), "us_ssn"]
  ])("follows from %s under any name", (_name, values, type) => {
    expect(decideColumn({ name: "c1", type: "text", values }).type).toBe(type)
    expect(decideColumn({ values }).type).toBe(type)
  })

  it.each<[string, ReadonlyArray<string>]>([
    ["counters", many((_, i) => String(100_000_001 + i))],
    ["nine digits", many((random) => digits(9, random), 100)],
    ["nine digits that could all be social security numbers", many(ssn, 100)],
    ["sixteen digits", many((random) => digits(16, random), 100)],
    ["epochs", many((random) => String(1_600_000_000 + Math.floor(random() * 1e8)))],
    ["prices", many((random) => `${digits(4, random)}.${digits(2, random)}`)],
    ["stamps", many((random) => `202${Math.floor(random() * 6)}-0${1 + Math.floor(random() * 9)}-11T10:00:00Z`)],
    ["recent dates", many((random) => `202${Math.floor(random() * 6)}-0${1 + Math.floor(random() * 9)}-11`)],
    ["words", many((random) => pick(random, "open,paid,shipped,returned,lost"))],
    ["versions", many((random) => Array.from({ length: 4 }, () => Math.floor(random() * 40)).join("."))],
    ["stock numbers", many((random) => `ABC-${digits(5, random)}`)],
    ["nothing", []]
  ])(
    "does not follow from %s",
    (_name, values) => expect(decideColumn({ name: "c1", type: "text", values }).type).toBeUndefined()
  )

  it("takes a name for evidence, and its values for more", () => {
    const nine = many((random) => digits(9, random), 100)
    expect(decideColumn({ name: "ssn", values: many(ssn, 100) }).type).toBe("us_ssn")
    // One in nine could be none: whatever the column is called, it holds others.
    expect(decideColumn({ name: "ssn", values: nine }).type).toBeUndefined()
    expect(decideColumn({ name: "order_ref", values: many(bsn) }).type).toBe("nl_bsn")
  })

  it.each([
    ["customerEMail", "email"],
    ["E_MAIL_ADDRESS", "email"],
    ["Geburtsdatum", "date_of_birth"],
    ["numéro_de_téléphone", "phone"],
    ["apellidos", "last_name"],
    ["indirizzo", "street_address"],
    ["kod_pocztowy", "postal_code"],
    ["passwd", "password"],
    ["pesel", "pl_pesel"],
    ["licence_plate", "license_plate"]
  ])("is hinted at by the name %s", (name, type) => {
    const values: Readonly<Record<string, ReadonlyArray<string>>> = {
      email: ["a@b.example"],
      date_of_birth: ["1970-01-01"],
      phone: ["030 901820"],
      postal_code: ["00-950"],
      pl_pesel: ["44051401359"],
      license_plate: ["B-AB 1234"]
    }
    expect(decideColumn({ name, values: values[type] ?? ["Abcdef"] }).type).toBe(type)
  })

  it("is free text where sentences hold data of people now and then", () => {
    const values = many((_, i) =>
      i % 4 === 0 ? `please write to user${i}@example.org about it` : `nothing to report in week ${i} or so`
    )
    expect(decideColumn({ name: "c1", values })).toMatchObject({ type: "free_text", kind: "free_text" })
  })

  it("never quotes a value", () => {
    const { evidence } = decideColumn({ name: "c", values: many((_, i) => `user${i}@example.org`) })
    expect(evidence).toEqual(["60 of 60 values have its form"])
  })
})

describe("an observer", () => {
  const encoder = new TextEncoder()
  it("is done after its cells, and keeps its decision", () => {
    const observer = new ColumnObserver({ name: "c1" })
    for (let i = 0; i < 64; i++) {
      expect(observer.isDone).toBe(false)
      observer.observe(i % 2 === 0 ? null : encoder.encode(`user${i}@example.org`))
    }
    expect(observer.isDone).toBe(true)
    const decision = observer.decide()
    expect(decision.type).toBe("email")
    observer.observe(encoder.encode("later"))
    expect(observer.decide()).toBe(decision)
  })
  it("is done after its bytes, however long a cell is, and keeps no view on it", () => {
    const observer = new ColumnObserver({}, { bytesMost: 1000 })
    const cell = encoder.encode(`a@b.example ${"x".repeat(2000)}`)
    observer.observe(cell)
    cell.fill(0)
    expect(observer.isDone).toBe(true)
    expect(observer.decide().type).toBe("free_text")
  })
  it("answers at any time", () => expect(new ColumnObserver({}).decide().type).toBeUndefined())
})
