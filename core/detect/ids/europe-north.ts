import {
  type Characters,
  digit,
  isDay,
  isDmy,
  isLetter,
  isUniform,
  isYmd,
  isYyyymmdd,
  letter,
  luhn,
  numberAt,
  verhoeff,
  weighted
} from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

const hetuChecks = "0123456789ABCDEFHJKLMNPRSTUVWXY"
const hetuCenturies = "ABCDEFUVWXY"

/**
 * DDMMYY, the century's sign (a letter, or a hyphen or plus, which are separators here), a number, a check of all
 * digits. Without its sign a number says nothing of the century, and is none (DVV, "The personal identity code").
 */
const isHetu = (text: Characters, length: number): boolean => {
  const signed = length === 11
  if (!isDmy(text, 0) || (signed && !hetuCenturies.includes(String.fromCharCode(text[6]!)))) return false
  const at = signed ? 7 : 6
  const number = numberAt(text, 0, 6) * 1000 + numberAt(text, at, at + 3)
  return numberAt(text, at, at + 3) >= 2 && hetuChecks.charCodeAt(number % 31) === text[at + 3]
}

/** The day may be 60 more than it is: a coordination number. */
const isPersonnummer = (text: Characters, length: number): boolean => {
  const at = length - 10
  const day = numberAt(text, at + 4, at + 6)
  const year = numberAt(text, 0, at + 2)
  if (at === 2 && (year < 1840 || year > 2030)) return false
  return isDay(year, numberAt(text, at + 2, at + 4), day > 60 ? day - 60 : day) && luhn(text, at, length)
}

/** The individual number says the century: 500 to 749 before 1900, 900 and up also from 1940 on (Skatteetaten). */
const isFodselsnummer = (text: Characters): boolean => {
  const day = numberAt(text, 0, 2)
  const month = numberAt(text, 2, 4)
  const year = numberAt(text, 4, 6)
  const own = numberAt(text, 6, 9)
  const isOfYear = own < 500 || own >= 900 || year < 40 || (own < 750 && year >= 54)
  return isOfYear && isDay(year, month > 40 ? month - 40 : month, day > 40 ? day - 40 : day)
    && weighted(text, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0
    && weighted(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

/** No check digit since 2007; the seventh digit says the century. */
const isCpr = (text: Characters): boolean => {
  const year = numberAt(text, 4, 6)
  const sign = digit(text, 6)
  const century = sign < 4 ? 1900 : sign === 4 || sign === 9 ? (year < 37 ? 2000 : 1900) : year < 58 ? 2000 : 1800
  return century + year < 2040 && isDay(century + year, numberAt(text, 2, 4), numberAt(text, 0, 2))
}

/** The day of a firm's is 40 more. */
const isKennitala = (text: Characters): boolean =>
  numberAt(text, 0, 2) < 72 && isDay(numberAt(text, 4, 6), numberAt(text, 2, 4), numberAt(text, 0, 2) % 40)
  && (digit(text, 9) === 9 || digit(text, 9) === 0 || digit(text, 9) === 8)
  && weighted(text, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0

/**
 * Estonia and Lithuania: century and sex from 1 to 6, YYMMDD, a number, a check of two rows of weights, the second
 * where the first leaves 10.
 */
const isBaltic = (text: Characters): boolean => {
  if (digit(text, 0) < 1 || digit(text, 0) > 6 || !isYmd(text, 1)) return false
  let check = weighted(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
  if (check === 10) check = weighted(text, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11
  return check % 10 === digit(text, 10)
}

/** Those given out since 2017 begin with 32 and hold no date. */
const isPersonasKods = (text: Characters): boolean => {
  const begins = numberAt(text, 0, 2)
  if (begins !== 32 && (digit(text, 6) > 2 || !isDmy(text, 0))) return false
  return (1101 - weighted(text, [1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11 % 10 === digit(text, 10)
}

/** Since 2013 a letter from A to I follows, and counts; W, T and X, of spouses and trusts, counted for nothing. */
const isPps = (text: Characters, length: number): boolean => {
  const second = length === 9 ? letter(text, 8) : 22
  if (second > 8 && second !== 22 && second !== 19 && second !== 23) return false
  const extra = second > 8 ? 0 : (second + 1) * 9
  const rest = (weighted(text, [8, 7, 6, 5, 4, 3, 2]) + extra) % 23
  return (rest === 0 ? 22 : rest - 1) === letter(text, 7)
}

const ninoNever = new Set(["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"])

/** A suffix from A to D, which forms may leave out (HMRC, NIM39110). */
const isNino = (text: Characters, length: number): boolean => {
  const first = String.fromCharCode(text[0]!)
  const second = String.fromCharCode(text[1]!)
  return !"DFIQUV".includes(first) && !"DFIQUVO".includes(second) && !ninoNever.has(first + second)
    && (length === 8 || text[8]! <= 68) && numberAt(text, 2, 8) > 0
}

const isNhs = (text: Characters): boolean =>
  !isUniform(text, 10) && weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0

const isUtr = (text: Characters): boolean =>
  digit(text, 0) === [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1][weighted(text, [6, 7, 8, 9, 10, 5, 4, 3, 2], 1) % 11]

/** Five of the surname, the birth date taken apart (women's month is 50 more), initials, three that are arbitrary. */
const isDrivingLicence = (text: Characters): boolean => {
  let letters = 0
  while (letters < 5 && isLetter(text, letters)) letters++
  for (let i = letters; i < 5; i++) if (text[i] !== 57) return false
  const month = numberAt(text, 6, 8)
  return letters > 0 && isDay(digit(text, 10), month > 50 ? month - 50 : month, numberAt(text, 8, 10))
}

const isUkVat = (text: Characters, length: number): boolean => {
  if (text[0] !== 71 || text[1] !== 66) return false
  const sum = weighted(text, [8, 7, 6, 5, 4, 3, 2], 2) + numberAt(text, 9, 11)
  return length >= 11 && (sum % 97 === 0 || (sum + 55) % 97 === 0)
}

/** YYYYMMDD, a number, Luhn's check of these eleven, and then Verhoeff's (CTIE). */
const isMatricule = (text: Characters): boolean =>
  isYyyymmdd(text, 0) && luhn(text, 0, 12)
  && verhoeff(Uint8Array.from([...text.subarray(0, 11), text[12]!]), 0, 12)

/** Northern Europe and the British Isles. Sources: the tax and population registers' own specifications. */
export const northernEurope: ReadonlyArray<Definition> = [
  id("se_personnummer", "personnummer,pnr,personal identity,swedish id,samordningsnummer", {
    shapes: ["9999999999", "999999999999"],
    layouts: ["999999-9999", "999999+9999", "99999999-9999"],
    check: isPersonnummer,
    passRate: 0.004
  }),
  id("se_organisationsnummer", "organisationsnummer,orgnr,org nr,company identity", {
    shapes: ["9999999999"],
    layouts: ["999999-9999"],
    check: (text) => digit(text, 0) > 0 && digit(text, 2) >= 2 && luhn(text, 0, 10),
    passRate: 0.072
  }),
  id("fi_hetu", "hetu,henkilötunnus,henkilotunnus,finnish id,personal identity,personbeteckning", {
    shapes: ["999999A999X", "999999999X"],
    layouts: ["999999-999X", "999999+999X"],
    strictLayout: true,
    layoutWeight: 2,
    check: isHetu,
    passRate: 0.002
  }),
  id("no_fodselsnummer", "fødselsnummer,fodselsnummer,fnr,personnummer,d-nummer,norwegian id", {
    shapes: ["99999999999"],
    layouts: ["999999~99999"],
    check: isFodselsnummer,
    passRate: 0.0012
  }),
  id("dk_cpr", "cpr,cpr-nummer,personnummer,danish id", {
    shapes: ["9999999999"],
    layouts: ["999999-9999"],
    layoutWeight: 2.5,
    check: isCpr,
    passRate: 0.031
  }),
  id("is_kennitala", "kennitala,kt,icelandic id", {
    shapes: ["9999999999"],
    layouts: ["999999-9999"],
    check: isKennitala,
    passRate: 0.0028
  }),
  id("ee_isikukood", "isikukood,estonian id,personal code", {
    shapes: ["99999999999"],
    check: isBaltic,
    passRate: 0.0029
  }),
  id("lt_asmens_kodas", "asmens kodas,lithuanian id,personal code", {
    shapes: ["99999999999"],
    check: isBaltic,
    passRate: 0.0029
  }),
  id("lv_personas_kods", "personas kods,latvian id", {
    shapes: ["99999999999"],
    layouts: ["999999-99999"],
    check: isPersonasKods,
    passRate: 0.002
  }),
  id("ie_pps", "pps,ppsn,personal public service", {
    shapes: ["9999999A", "9999999AA"],
    check: isPps,
    passRate: 0.043,
    shapeWeight: 1.5
  }),
  id("uk_nino", "national insurance,nino,ni number", {
    shapes: ["AA999999A"],
    layouts: ["AA~99~99~99~A", "AA~999999~A", "AA~999999A"],
    check: isNino,
    passRate: 0.08,
    shapeWeight: 2.5
  }),
  id("uk_nino", "national insurance,nino,ni number", {
    shapes: ["AA999999"],
    check: isNino,
    passRate: 0.55
  }),
  id("uk_nhs", "nhs,national health service", {
    shapes: ["9999999999"],
    layouts: ["999~999~9999"],
    layoutWeight: 1,
    check: isNhs,
    passRate: 0.09
  }),
  id("uk_utr", "utr,unique taxpayer,tax reference", { shapes: ["9999999999"], check: isUtr, passRate: 0.1 }),
  id("uk_driving_licence", "driving licence,licence,driver", {
    shapes: ["XXXXX999999XXXAA"],
    check: isDrivingLicence,
    passRate: 0.015,
    shapeWeight: 3
  }),
  id("uk_vat", "vat", {
    shapes: ["AA999999999"],
    layouts: ["AA 999 9999 99", "AA999 9999 99"],
    check: isUkVat,
    passRate: 0.00003
  }),
  id("lu_matricule", "matricule,luxembourg id", {
    shapes: ["9999999999999"],
    check: isMatricule,
    passRate: 0.0001
  })
]
