import { base36, type Characters, digit, isUniform, isYmd, luhn, numberAt, verhoeff, weighted } from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

/** YYMMDD, a number, citizenship 0 to 2, an 8 or 9, Luhn's check. */
const isSouthAfrican = (text: Characters): boolean =>
  isYmd(text, 0) && digit(text, 10) <= 2 && digit(text, 11) >= 8 && luhn(text, 0, 13)

const isEgyptian = (text: Characters): boolean => {
  const century = digit(text, 0)
  const governorate = numberAt(text, 7, 9)
  return (century === 2 || century === 3) && isYmd(text, 1)
    && ((governorate > 0 && governorate <= 35) || governorate === 88)
}

const isNin = (text: Characters): boolean => verhoeff(text, 0, 11) && !isUniform(text, 11)

const isTfn = (text: Characters): boolean =>
  !isUniform(text, 9) && weighted(text, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0

const isMedicare = (text: Characters): boolean =>
  digit(text, 0) >= 2 && digit(text, 0) <= 6 && weighted(text, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digit(text, 8)

const isAbn = (text: Characters): boolean =>
  text[0] !== 48 && (weighted(text, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0

const isAcn = (text: Characters): boolean =>
  (10 - weighted(text, [8, 7, 6, 5, 4, 3, 2, 1]) % 10) % 10 === digit(text, 8) && numberAt(text, 0, 9) > 0

const isIrd = (text: Characters, length: number): boolean => {
  const from = length - 9
  const number = numberAt(text, 0, length)
  if (number < 10000000 || number > 200000000) return false
  const check = (weights: ReadonlyArray<number>): number => {
    const rest = weighted(text, from < 0 ? weights.slice(1) : weights, 0) % 11
    return rest === 0 ? 0 : 11 - rest
  }
  let last = check([3, 2, 7, 6, 5, 4, 3, 2])
  if (last === 10) last = check([7, 4, 3, 2, 5, 2, 7, 6])
  return last === digit(text, length - 1)
}

const nhiLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

const isNhi = (text: Characters): boolean => {
  let sum = 0
  for (let i = 0; i < 3; i++) {
    const value = nhiLetters.indexOf(String.fromCharCode(text[i]!)) + 1
    if (value === 0) return false
    sum += value * (7 - i)
  }
  for (let i = 3; i < 6; i++) sum += digit(text, i) * (7 - i)
  const rest = sum % 11
  return rest !== 0 && (11 - rest) % 10 === digit(text, 6)
}

const vinValues = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
const vinWeights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

/** ISO 3779 with the check that North America asks for. */
const isVin = (text: Characters): boolean => {
  let sum = 0
  for (let i = 0; i < 17; i++) {
    const at = vinValues.indexOf(String.fromCharCode(text[i]!))
    if (at < 0) return false
    sum += at % 10 * vinWeights[i]!
  }
  const rest = sum % 11
  return text[8] === (rest === 10 ? 88 : 48 + rest) && base36(text, 16) < 10
}

/** Africa and Oceania, and what belongs to things rather than people. */
export const africaAndOceania: ReadonlyArray<Definition> = [
  id("za_id", "south african id,rsa id,sa id,id number,identity number", {
    shapes: ["9999999999999"],
    layouts: ["999999 9999 999"],
    check: isSouthAfrican,
    passRate: 0.0003
  }),
  id("eg_national_id", "الرقم القومي,egyptian id,national id", {
    shapes: ["99999999999999"],
    check: isEgyptian,
    passRate: 0.0026
  }),
  id("ng_nin", "nin,national identification,nimc", { shapes: ["99999999999"], check: isNin, passRate: 0.1 }),
  id("au_tfn", "tfn,tax file", {
    shapes: ["999999999"],
    layouts: ["999 999 999", "999-999-999"],
    layoutWeight: 2,
    check: isTfn,
    passRate: 0.091
  }),
  id("au_medicare", "medicare", {
    shapes: ["9999999999", "99999999999"],
    layouts: ["9999 99999 9", "9999-99999-9", "9999 99999 9 9"],
    layoutWeight: 4,
    check: isMedicare,
    passRate: 0.05
  }),
  id("au_abn", "abn,business number", {
    shapes: ["99999999999"],
    layouts: ["99 999 999 999"],
    layoutWeight: 3,
    check: isAbn,
    passRate: 0.01
  }),
  id("au_acn", "acn,company number", {
    shapes: ["999999999"],
    layouts: ["999 999 999"],
    layoutWeight: 1,
    check: isAcn,
    passRate: 0.1
  }),
  id("nz_ird", "ird,inland revenue", {
    shapes: ["999999999", "99999999"],
    layouts: ["999-999-999", "99-999-999"],
    layoutWeight: 1.5,
    check: isIrd,
    passRate: 0.05
  }),
  id("nz_nhi", "nhi,health index", { shapes: ["AAA9999"], check: isNhi, passRate: 0.07, shapeWeight: 0.5 }),
  {
    type: "vin",
    kind: "redact",
    words: ["vin", "vehicle identification", "chassis"],
    shapes: ["XXXXXXXXXXXXX9999"],
    check: isVin,
    passRate: 0.009,
    shapeWeight: 1
  },
  {
    type: "imei",
    kind: "redact",
    words: ["imei", "handset"],
    shapes: ["999999999999999"],
    layouts: ["99-999999-999999-9"],
    check: (text) => luhn(text, 0, 15) && !isUniform(text, 15),
    passRate: 0.1
  },
  id("uk_passport", "passport", { shapes: ["AA9999999", "999999999"], passRate: 0.99 }),
  id("passport", "passport,passport no,passport number,reisepass,passeport,pasaporte,passaporto,paspoort,paszport", {
    shapes: ["A9999999", "A99999999", "AA9999999", "AA999999", "999999999", "99AA99999", "AAA999999"],
    passRate: 0.99
  })
]
