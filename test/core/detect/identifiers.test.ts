import { describe, expect, it } from "vitest"
import type { Definition } from "../../../core/detect/definition.ts"
import { find } from "../../../core/detect/index.ts"
import { definitions } from "../../../core/detect/registry.ts"
import { drawn, randomOf } from "./drawing.ts"
import { specimens } from "./specimens.ts"

const whole = (type: string, text: string): boolean =>
  find(text, { types: [type] }).some(({ end, start }) => start === 0 && end === text.length)

describe("identifiers", () => {
  it("are of more than a hundred types, of which most are checked", () => {
    expect(new Set(definitions.map(({ type }) => type)).size).toBeGreaterThanOrEqual(100)
    const checked = new Set(
      definitions.filter(({ kind, passRate }) => kind === "national_id" && passRate < 0.2).map(({ type }) => type)
    )
    expect(checked.size).toBeGreaterThanOrEqual(75)
    expect(Object.keys(specimens).length).toBeGreaterThanOrEqual(90)
  })

  it.each(Object.entries(specimens))("takes the specimens of %s, however they are written", (type, values) => {
    for (const value of values) {
      expect(whole(type, value), value).toBe(true)
      expect(whole(type, value.replaceAll(/[ ./()-]/g, "")), `${value}, together`).toBe(true)
      expect(whole(type, value.toLowerCase()), `${value}, small`).toBe(true)
    }
  })
})

/** Those that say that they catch every single wrong digit: one check digit over all that stands before it. */
const oneDigit = [
  "card",
  "se_personnummer",
  "no_fodselsnummer",
  "ee_isikukood",
  "nl_bsn",
  "de_steuer_id",
  "ch_ahv",
  "fr_siren",
  "pt_nif",
  "it_partita_iva",
  "pl_pesel",
  "hr_oib",
  "us_npi",
  "ca_sin",
  "br_cpf",
  "in_aadhaar",
  "za_id",
  "au_tfn",
  "au_abn",
  "imei",
  "tr_tckn",
  "cn_ric",
  "ro_cnp"
]

const spoiled = (value: string): ReadonlyArray<string> =>
  Array.from(value).flatMap((character, at) =>
    /\d/.test(character) ? [`${value.slice(0, at)}${(Number(character) + 1) % 10}${value.slice(at + 1)}`] : []
  )

const spoiledTaken = (type: string, takes: (type: string, text: string) => boolean): number => {
  const all = specimens[type]!.flatMap((value) => spoiled(value.replaceAll(/[ ./()-]/g, "")))
  return all.filter((value) => takes(type, value)).length / all.length
}

describe("one wrong digit", () => {
  // MOD 11 with the rest 10 folded onto 0 lets one in eleven through, now and then.
  it.each(oneDigit)("is noticed by %s", (type) => expect(spoiledTaken(type, whole)).toBeLessThanOrEqual(0.1))
  it("would not be by a check of the shape alone", () => {
    expect(spoiledTaken("br_cpf", (_type, text) => /^\d{11}$/.test(text))).toBe(1)
  })
})

/** How many of `draws` random values of its shapes a definition lets through, and how many it says. */
const passing = ({ check, shapes }: Pick<Definition, "check" | "shapes">, draws: number): number => {
  const random = randomOf(7)
  let passed = 0
  for (let i = 0; i < draws; i++) {
    const text = drawn(shapes[i % shapes.length]!, random)
    if (check === undefined || check(text, text.length)) passed++
  }
  return passed
}

const draws = 12_000
const isHonest = (definition: Pick<Definition, "check" | "shapes" | "passRate">): boolean => {
  const expected = definition.passRate * draws
  return passing(definition, draws) <= expected * 1.4 + 4 * Math.sqrt(expected) + 4
}

describe("pass rates", () => {
  it.each(definitions.map((definition, i) => [`${definition.type} (${i})`, definition] as const))(
    "%s lets no more random values through than it says",
    (_name, definition) => expect(isHonest(definition), `${passing(definition, draws) / draws}`).toBe(true)
  )
  it("catches a check that lets everything through", () => {
    const checked = definitions.filter(({ passRate }) => passRate < 0.5)
    expect(checked.filter((definition) => isHonest({ ...definition, check: () => true }))).toEqual([])
  })
})
