import { type Characters, digit, isDmy, isLetter, isUniform, letter, luhn, numberAt, weighted } from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

const dniChecks = "TRWAGMYFPDXBNJZSQVHLCKE"

const isDni = (text: Characters, length: number): boolean =>
  dniChecks.charCodeAt(numberAt(text, 0, length - 1) % 23) === text[length - 1]

/** X, Y and Z stand for 0, 1 and 2; K, L and M, of people without a number of their own, for nothing. */
const isNie = (text: Characters, length: number): boolean => {
  const letters = text[0]! >= 75 && text[0]! <= 77
  const first = letters ? 0 : text[0]! - 88
  if (first < 0 || first > 2) return false
  const rest = numberAt(text, 1, length - 1)
  const powers = length === 9 ? 1e7 : 1e8
  return dniChecks.charCodeAt((first * powers + rest) % 23) === text[length - 1]
}

/**
 * The sort of body, seven digits, and Luhn's check: a letter for some sorts, a digit for others (Orden EHA/451/2008).
 */
const isCif = (text: Characters): boolean => {
  const sort = String.fromCharCode(text[0]!)
  if (!"ABCDEFGHJNPQRSUVW".includes(sort) || (isLetter(text, 8) ? "ABEH" : "NPQRSW").includes(sort)) return false
  let sum = 0
  for (let i = 1; i < 8; i++) {
    const value = digit(text, i) * (i % 2 === 1 ? 2 : 1)
    sum += value % 10 + Math.floor(value / 10)
  }
  const check = (10 - sum % 10) % 10
  return isLetter(text, 8) ? "JABCDEFGHI".charCodeAt(check) === text[8] : check === digit(text, 8)
}

/** Persons 1 to 3, and 45 of non-residents; bodies 5, 6, 8, 9, and 70 to 79 of estates and funds (AT). */
const isNif = (text: Characters): boolean => {
  const check = 11 - weighted(text, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
  const isGiven = "12356789".includes(String.fromCharCode(text[0]!)) || numberAt(text, 0, 2) === 45
  return isGiven && (check > 9 ? 0 : check) === digit(text, 8)
}

const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
const months = "ABCDEHLMPRST"
/** Where two people would have the same code, digits are replaced by these letters. */
const stand = "LMNPQRSTUV"
const digitPlaces = [6, 7, 9, 10, 12, 13, 14]

const isCodiceFiscale = (text: Characters): boolean => {
  if (!months.includes(String.fromCharCode(text[8]!))) return false
  const plain = text.slice(0, 16)
  for (const place of digitPlaces) {
    if (!isLetter(text, place)) continue
    const value = stand.indexOf(String.fromCharCode(text[place]!))
    if (value < 0) return false
    plain[place] = 48 + value
  }
  const day = numberAt(plain, 9, 11)
  if ((day > 40 ? day - 40 : day) > 31) return false
  let sum = 0
  for (let i = 0; i < 15; i++) {
    const value = isLetter(text, i) ? letter(text, i) : digit(text, i)
    sum += i % 2 === 0 ? odd[value]! : value
  }
  return sum % 26 === letter(text, 15)
}

/** Seven digits, the office of a province, Luhn's check (Agenzia delle Entrate). */
const isPartitaIva = (text: Characters): boolean => {
  const office = numberAt(text, 7, 10)
  const isOffice = (office > 0 && office <= 100) || office === 120 || office === 121 || office === 888 || office === 999
  return isOffice && numberAt(text, 0, 7) > 0 && luhn(text, 0, 11)
}

const isAmka = (text: Characters): boolean => isDmy(text, 0) && luhn(text, 0, 11)

const isAfm = (text: Characters): boolean =>
  !isUniform(text, 9) && weighted(text, [256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 === digit(text, 8)

const cyprusOdd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21]

const isTic = (text: Characters): boolean => {
  let sum = 0
  for (let i = 0; i < 8; i++) sum += i % 2 === 0 ? cyprusOdd[digit(text, i)]! : digit(text, i)
  return sum % 26 === letter(text, 8) && numberAt(text, 0, 2) !== 12
}

/**
 * Up to five digits, the year in two, and the register's letter; leading zeros may be left out. Of a number with A or
 * P the last digit is not 0; of others the first five are at most 32000, and not the same as the year. Foreigners have
 * nine digits that begin with a pair (European Commission, "TIN Algorithms": Malta).
 */
const isMalteseId = (text: Characters, length: number): boolean => {
  if (length === 9) return text[0] === text[1] && text[0]! > 48 && text[0]! < 57
  const register = String.fromCharCode(text[length - 1]!)
  const number = numberAt(text, 0, length - 1)
  if (register === "A" || register === "P") return number % 10 > 0
  const first = Math.floor(number / 100)
  return "MGLHBZ".includes(register) && number > 0 && first <= 32000 && first !== number % 100
}

/** Eleven digits: nine, and two checks of weights that go up. */
const isTckn = (text: Characters): boolean => {
  if (text[0] === 48) return false
  const odds = digit(text, 0) + digit(text, 2) + digit(text, 4) + digit(text, 6) + digit(text, 8)
  const evens = digit(text, 1) + digit(text, 3) + digit(text, 5) + digit(text, 7)
  const tenth = (((odds * 7 - evens) % 10) + 10) % 10
  return tenth === digit(text, 9) && (odds + evens + tenth) % 10 === digit(text, 10)
}

const isVkn = (text: Characters): boolean => {
  let sum = 0
  for (let i = 0; i < 9; i++) {
    const moved = (digit(text, i) + 9 - i) % 10
    const value = (moved * 2 ** (9 - i)) % 9
    sum += moved !== 0 && value === 0 ? 9 : value
  }
  return (10 - sum % 10) % 10 === digit(text, 9) && !isUniform(text, 10)
}

/** Since 2013 U1, then letters and digits without vowels; before, a province, seven digits and a letter. */
const isPatente = (text: Characters): boolean => {
  if (text[0] === 85 && text[1] === 49) {
    for (let i = 2; i < 9; i++) if ("AEIOQ".includes(String.fromCharCode(text[i]!))) return false
    return true
  }
  return isLetter(text, 1)
}

/** Southern Europe and Turkey. Sources: the tax and population registers' own specifications. */
export const southernEurope: ReadonlyArray<Definition> = [
  id("es_dni", "dni,nif,documento nacional,spanish id,identidad", {
    shapes: ["99999999A", "9999999A"],
    layouts: ["99999999~A", "9999999~A", "99.999.999~A"],
    layoutWeight: 1.5,
    check: isDni,
    passRate: 0.039,
    shapeWeight: 2.5
  }),
  id("es_nie", "nie,extranjero,extranjeros,nif", {
    shapes: ["A9999999A", "A99999999A"],
    layouts: ["A~9999999~A", "A9999999~A"],
    check: isNie,
    passRate: 0.009,
    shapeWeight: 2
  }),
  id("es_cif", "cif,nif", { shapes: ["A99999999", "A9999999A"], check: isCif, passRate: 0.06, shapeWeight: 0.5 }),
  id("es_passport", "pasaporte,passport", { shapes: ["AAA999999"], passRate: 0.99 }),
  id("pt_nif", "nif,contribuinte,número de identificação fiscal,nipc", {
    shapes: ["999999999"],
    layouts: ["999 999 999"],
    layoutWeight: 1,
    check: isNif,
    passRate: 0.075
  }),
  id("it_codice_fiscale", "codice fiscale,cod fisc,cf,fiscal code", {
    shapes: ["AAAAAAXXAXXAXXXA"],
    layouts: ["AAA AAA XXAXX AXXXA", "AAAAAA XXAXX AXXXA"],
    check: isCodiceFiscale,
    passRate: 0.006,
    shapeWeight: 5
  }),
  id("it_partita_iva", "partita iva,p.iva,p. iva,piva,vat", {
    shapes: ["99999999999"],
    check: isPartitaIva,
    passRate: 0.0105
  }),
  id("it_carta_identita", "carta d'identità,carta di identità,carta d'identita,documento", {
    shapes: ["AA9999999", "AA99999AA", "9999999AA"],
    layouts: ["AA 9999999"],
    passRate: 0.99
  }),
  id("it_passport", "passaporto,passport", { shapes: ["AA9999999"], passRate: 0.99 }),
  id("it_patente", "patente,driving licence", {
    shapes: ["AA9999999A", "A9AXXXXXXA"],
    check: isPatente,
    passRate: 0.5
  }),
  id("gr_amka", "amka,αμκα", { shapes: ["99999999999"], check: isAmka, passRate: 0.0037 }),
  id("gr_afm", "afm,αφμ,vat", { shapes: ["999999999"], check: isAfm, passRate: 0.1 }),
  id("cy_tic", "tic,cyprus", { shapes: ["99999999A"], check: isTic, passRate: 0.038, shapeWeight: 1.5 }),
  id("mt_id", "maltese id,malta,identity card", {
    shapes: ["9999999A", "999999A", "99999A", "9999A", "999A"],
    check: isMalteseId,
    passRate: 0.31
  }),
  id("mt_id", "maltese id,malta,identity card", { shapes: ["999999999"], check: isMalteseId, passRate: 0.081 }),
  id("tr_tckn", "tckn,kimlik,tc kimlik,turkish id", { shapes: ["99999999999"], check: isTckn, passRate: 0.009 }),
  id("tr_vkn", "vkn,vergi", { shapes: ["9999999999"], check: isVkn, passRate: 0.1 })
]
