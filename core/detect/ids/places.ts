import { type Characters, isLetter, letter, numberAt } from "../arithmetic.ts"
import type { Definition } from "../definition.ts"

/** The letters at the end, the inward code, are never C, I, K, M, O or V. */
const isPostcode = (text: Characters, length: number): boolean => {
  if (isLetter(text, 2) && isLetter(text, 1)) return text[0] === 71 && text[1] === 73 && text[2] === 82
  for (let i = length - 2; i < length; i++) if ("CIKMOV".includes(String.fromCharCode(text[i]!))) return false
  return !"QVX".includes(String.fromCharCode(text[0]!))
    && !(isLetter(text, 1) && "IJZ".includes(String.fromCharCode(text[1]!)))
}

const isPlz = (text: Characters): boolean => numberAt(text, 0, 5) >= 1001 && numberAt(text, 0, 5) <= 99998

const isTurkishPlate = (text: Characters): boolean => numberAt(text, 0, 2) >= 1 && numberAt(text, 0, 2) <= 81

const indianStates = new Set(
  ("AN,AP,AR,AS,BR,CH,CG,DD,DL,DN,GA,GJ,HP,HR,JH,JK,KA,KL,LA,LD,MH,ML,MN,MP,MZ,NL,OD,OR,PB,PY,RJ,SK,TN,TR,TS,UK,UP,WB")
    .split(",")
)
const isIndianPlate = (text: Characters): boolean => indianStates.has(String.fromCharCode(text[0]!, text[1]!))

/** Since 2001: two letters of the place, two digits of the half-year, three letters. */
const isBritishPlate = (text: Characters): boolean => {
  const age = numberAt(text, 2, 4)
  return !"IQZ".includes(String.fromCharCode(text[0]!)) && letter(text, 1) !== 8 && age >= 1
    && ((age >= 2 && age <= 30) || (age >= 51 && age <= 80))
}

const plate = (
  shapes: ReadonlyArray<string>,
  layouts: ReadonlyArray<string>,
  rest: Pick<Definition, "check" | "shapeWeight"> & { readonly passRate?: number } = {}
): Definition => ({
  type: "license_plate",
  kind: "redact",
  shapes,
  layouts,
  layoutWeight: 0.5,
  passRate: 0.9,
  words: [
    "plate",
    "license plate",
    "licence plate",
    "number plate",
    "kennzeichen",
    "immatriculation",
    "matrícula",
    "matricula",
    "targa",
    "plaka",
    "vehicle",
    "registration",
    "kenteken",
    "reg no",
    "registreringsnummer",
    "rejestracyjny"
  ],
  ...rest
})

const postal = (type: string, shapes: ReadonlyArray<string>, layouts: ReadonlyArray<string>): Definition => ({
  type,
  kind: "address",
  shapes,
  layouts,
  layoutWeight: 0.5,
  passRate: 0.95,
  words: [
    "zip",
    "zip code",
    "zipcode",
    "postal code",
    "postcode",
    "postleitzahl",
    "plz",
    "code postal",
    "código postal",
    "cap",
    "cep"
  ]
})

/** What is written on doors and vehicles. Weak by itself: it counts where a word near it, or the column, says so. */
export const places: ReadonlyArray<Definition> = [
  {
    ...postal("uk_postcode", ["AAA9AA", "A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"], [
      "AAA 9AA",
      "A9 9AA",
      "A99 9AA",
      "AA9 9AA",
      "AA99 9AA",
      "A9A 9AA",
      "AA9A 9AA"
    ]),
    layoutWeight: 2.5,
    shapeWeight: 1.5,
    passRate: 0.55,
    check: isPostcode
  },
  { ...postal("de_plz", ["99999"], []), check: isPlz, passRate: 0.99 },
  postal("postal_code", ["99999", "999999", "9999", "999"], ["999 99", "99-999", "999 999"]),
  postal("postal_code", ["999999999", "9999999", "99999999"], ["99999-9999", "9999-999", "99999-999", "999-9999"]),
  postal("postal_code", ["A9A9A9", "9999AA"], ["A9A 9A9", "9999 AA"]),
  plate(["AA99AAA"], ["AA99 AAA", "AA99-AAA"], { check: isBritishPlate, shapeWeight: 1 }),
  plate(["A9AAA", "A99AAA", "A999AAA", "AAA9A", "AAA99A", "AAA999A"], ["A999 AAA", "A99 AAA", "AAA 999A", "AAA 99A"]),
  plate(["99A999", "99A9999", "99AA999", "99AA99", "99AA9999", "99AAA99", "99AAA999", "99AAA9999", "99A99"], [
    "99 A 999",
    "99 A 9999",
    "99 AA 999",
    "99 AA 99",
    "99 AA 9999",
    "99 AAA 99",
    "99 AAA 999",
    "99 AAA 9999"
  ], { check: isTurkishPlate }),
  plate(["AA99AA9999", "AA99A9999", "AA9999", "AAA9999", "AA9AA9999", "AA999999"], ["AA 99 AA 9999", "AA-99-AA-9999"], {
    check: isIndianPlate
  }),
  plate(["AAA999AA"], ["AAA-999AA", "AAA 999AA", "AAA-999-AA"], { shapeWeight: 0.5 }),
  plate(["AA999AA"], ["AA-999-AA", "AA 999 AA"], { shapeWeight: 1 }),
  plate(["9999AAA"], ["9999 AAA", "9999-AAA"]),
  plate(["AAA999", "AA999", "AAA99"], ["AAA-999", "AAA 999", "AA 999", "AAA 99"]),
  plate(["AA99999", "AA9999"], ["AA 99999", "AA 99 999", "AA 9999"]),
  plate(["9AAA999", "999AAA"], ["9-AAA-999", "999-AAA", "999 AAA"]),
  plate(["AA9999", "99AA99", "9999AA", "AA99AA", "99AAA9", "9AAA99", "9AA999", "999AA9", "AA999A", "A999AA"], [
    "AA-99-99",
    "99-AA-99",
    "99-99-AA",
    "99-AAA-9",
    "9-AAA-99",
    "9-AA-999",
    "999-AA-9",
    "AA-999-A",
    "A-999-AA",
    "AA-AA-99",
    "AA-99-AA"
  ]),
  plate(["AA99AAA", "A99AAA", "A999AAA"], ["AA-99-AAA", "A-99-AAA", "A-999-AAA"]),
  plate(["AAA9A99"], ["AAA-9A99", "AAA9A99"], { shapeWeight: 2 }),
  plate([
    "AA9",
    "AA99",
    "AA999",
    "AA9999",
    "AAA9",
    "AAA99",
    "AAA999",
    "AAA9999",
    "AAAA9",
    "AAAA99",
    "AAAA999",
    "AAAA9999",
    "AAAAA9",
    "AAAAA99",
    "AAAAA999",
    "AAAAA9999",
    "AAAA99A"
  ], [
    "A-A-9",
    "A-A-99",
    "A-A-999",
    "A-A-9999",
    "A-AA-9",
    "A-AA-99",
    "A-AA-999",
    "A-AA-9999",
    "AA-A-9",
    "AA-A-99",
    "AA-A-999",
    "AA-A-9999",
    "AA-AA-9",
    "AA-AA-99",
    "AA-AA-999",
    "AA-AA-9999",
    "AAA-A-9",
    "AAA-A-99",
    "AAA-A-999",
    "AAA-A-9999",
    "AAA-AA-9",
    "AAA-AA-99",
    "AAA-AA-999",
    "A AA 9999",
    "A AA 999",
    "AA AA 9999",
    "AA AA 999"
  ])
]
