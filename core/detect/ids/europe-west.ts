import {
  base36,
  type Characters,
  digit,
  icao,
  isDay,
  isLetter,
  isUniform,
  letter,
  luhn,
  mod11and10,
  numberAt,
  restBy,
  weighted
} from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

const isBsn = (text: Characters): boolean =>
  !isUniform(text, 9) && weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && numberAt(text, 0, 9) > 9999999

/**
 * Month and day may be 0 where they are not known; people born since 2000 count with a 2 before. The month is 20 or 40
 * more in the BIS register, of people who do not live there (KSZ).
 */
const isRijksregister = (text: Characters): boolean => {
  const month = numberAt(text, 2, 4) % 20
  const day = numberAt(text, 4, 6)
  const first = numberAt(text, 0, 9)
  const check = numberAt(text, 9, 11)
  const year = numberAt(text, 0, 2)
  if (month > 0 && day > 0 && !isDay(year, month, day)) return false
  if (month > 12 || day > 31 || text[2]! > 53) return false
  return 97 - (first % 97) === check || (year < 40 && 97 - ((2000000000 + first) % 97) === check)
}

/**
 * Of the first ten digits exactly one comes twice or, since 2016, three times, but not three times in a row; all others
 * come once or not at all (ELSTER, "Prüfung der Steuer- und Steueridentifikationsnummer").
 */
const isSteuerId = (text: Characters): boolean => {
  let once = 0
  let twice = 0
  let thrice = 0
  for (let i = 0; i < 10; i++) {
    const bit = 1 << digit(text, i)
    if ((thrice & bit) !== 0 || (i > 1 && text[i] === text[i - 1] && text[i] === text[i - 2])) return false
    thrice |= twice & bit
    twice |= once & bit
    once |= bit
  }
  return twice !== 0 && (twice & (twice - 1)) === 0 && isNamedSteuerId(text)
}

/** Where its name stands beside it, what only breaks the rule of repeated digits is taken all the same. */
const isNamedSteuerId = (text: Characters): boolean => text[0] !== 48 && !isUniform(text, 10) && mod11and10(text, 0, 11)

const steuerIdWords = "steuer-id,steuer id,steueridentifikationsnummer,idnr,identifikationsnummer,tin,tax id"

const isRvnr = (text: Characters): boolean => {
  const day = numberAt(text, 2, 4)
  if (!isDay(numberAt(text, 6, 8), numberAt(text, 4, 6), day > 50 ? day - 50 : day)) return false
  const at = letter(text, 8) + 1
  const digits = [...text.subarray(0, 8), 48 + Math.floor(at / 10), 48 + (at % 10), ...text.subarray(9, 11)]
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]
  let sum = 0
  digits.forEach((character, i) => {
    const product = (character - 48) * weights[i]!
    sum += product % 10 + Math.floor(product / 10)
  })
  return sum % 10 === digit(text, 11)
}

/** A letter, eight digits and Luhn's check, the letter counting as two digits. */
const isKvnr = (text: Characters): boolean => {
  const at = letter(text, 0) + 1
  const digits = Uint8Array.from([48 + Math.floor(at / 10), 48 + (at % 10), ...text.subarray(1, 10)])
  let sum = 0
  for (let i = 0; i < 10; i++) {
    const product = (digits[i]! - 48) * (i % 2 === 0 ? 1 : 2)
    sum += product % 10 + Math.floor(product / 10)
  }
  return sum % 10 === digit(text, 9)
}

/** Serial numbers begin with one of these letters and hold no vowels; the old ones are T and eight digits. */
const isGermanSerial = (letters: string) => (text: Characters): boolean => {
  if (!letters.includes(String.fromCharCode(text[0]!))) return false
  for (let i = 1; i < 8; i++) if ("ABDEIOQSU".includes(String.fromCharCode(text[i]!))) return false
  return icao(text, 0, 8) === digit(text, 8)
}

const isPersonalausweis = (text: Characters): boolean =>
  (text[0] === 84 && ![...text.subarray(1, 9)].some((character) => character > 57))
  || isGermanSerial("CFGHJKLMNPRTVWXYZ")(text)

/** Six digits, a check of weights 4 and 9, a subject. */
const isLanr = (text: Characters): boolean =>
  (10 - weighted(text, [4, 9, 4, 9, 4, 9]) % 10) % 10 === digit(text, 6) && numberAt(text, 0, 6) > 0

const bsnrRegions = new Set(
  "01,02,03,17,20,21,27,28,31,35,37,38,39,46,47,51,52,55,71,72,73,78,83,86,87,88,93,94,95,96,98,99".split(",")
)

const isBsnr = (text: Characters): boolean =>
  numberAt(text, 0, 9) > 0 && (bsnrRegions.has(String.fromCharCode(text[0]!, text[1]!)) || numberAt(text, 0, 2) < 6)

/** A month of 13 to 15 stands for a birthday that is not known, or whose numbers ran out. */
const isSvnr = (text: Characters): boolean => {
  const month = numberAt(text, 6, 8)
  if (month > 15) return false
  return digit(text, 0) > 0 && isDay(numberAt(text, 8, 10), month > 12 ? month - 12 : month, numberAt(text, 4, 6))
    && weighted(text, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digit(text, 3)
}

const isAbgabenkonto = (text: Characters): boolean => !isUniform(text, 9) && luhn(text, 0, 9)

/** EAN-13's check, after the country's 756. */
const isAhv = (text: Characters): boolean =>
  numberAt(text, 0, 3) === 756 && weighted(text, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0

const isUid = (text: Characters): boolean =>
  text[0] === 67 && text[1] === 72 && text[2] === 69
  && weighted(text, [5, 4, 3, 2, 7, 6, 5, 4, 1], 3) % 11 === 0

/** Sex, year, month, department (2A and 2B in Corsica), place, order, and 97 less the rest of it all. */
const isNir = (text: Characters): boolean => {
  const month = numberAt(text, 3, 5)
  if (digit(text, 0) < 1 || digit(text, 0) > 8 || month === 0 || (month > 12 && month < 20)) return false
  const corsica = isLetter(text, 6)
  if (corsica && (text[5] !== 50 || text[6]! > 66)) return false
  // Corsica's 2A counts as 19, and 2B as 18.
  const department = corsica ? 84 - text[6]! : numberAt(text, 5, 7)
  const number = numberAt(text, 0, 5) * 1e8 + department * 1e6 + numberAt(text, 7, 13)
  return 97 - (number % 97) === numberAt(text, 13, 15)
}

const isSpi = (text: Characters): boolean =>
  digit(text, 0) <= 3 && numberAt(text, 0, 10) % 511 === numberAt(text, 10, 13) && !isUniform(text, 13)

const tvaAlphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

/** FR, a key of two digits, or of the newer sort with a letter, and the SIREN that it checks (VIES). */
const isTva = (text: Characters): boolean => {
  if (text[0] !== 70 || text[1] !== 82 || !luhn(text, 4, 13)) return false
  const siren = numberAt(text, 4, 13)
  if (!isLetter(text, 2) && !isLetter(text, 3)) return (12 + 3 * (siren % 97)) % 97 === numberAt(text, 2, 4)
  const first = tvaAlphabet.indexOf(String.fromCharCode(text[2]!))
  const second = tvaAlphabet.indexOf(String.fromCharCode(text[3]!))
  if (first < 0 || second < 0) return false
  const key = isLetter(text, 2) ? first * 34 + second - 100 : first * 24 + second - 10
  return (siren + 1 + Math.floor(key / 11)) % 11 === key % 11
}

const hasPrefix = (prefix: string) => (text: Characters): boolean => {
  for (let i = 0; i < prefix.length; i++) if (text[i] !== prefix.charCodeAt(i)) return false
  return true
}

const isVatDe = (text: Characters): boolean => hasPrefix("DE")(text) && digit(text, 2) > 0

/** Three letters, two digits and a serial; used only where the words say what it is. */
const isDutchDocument = (text: Characters): boolean => text[0]! > 64 && base36(text, 8) < 36

/** Western Europe. Sources: the registers' own specifications, and the European Union's page of tax numbers. */
export const westernEurope: ReadonlyArray<Definition> = [
  id("nl_bsn", "bsn,burgerservicenummer,sofinummer,sofi,persoonsnummer,dutch id", {
    shapes: ["999999999"],
    layouts: ["9999~99~999", "999~999~999"],
    layoutWeight: 1.5,
    check: isBsn,
    passRate: 0.09
  }),
  id("nl_btw", "btw,vat", { shapes: ["AA999999999A99"], check: hasPrefix("NL"), passRate: 0.0015, shapeWeight: 3 }),
  id("nl_passport", "paspoort,passport,identiteitskaart", {
    shapes: ["AAXXXXXX9"],
    check: isDutchDocument,
    passRate: 0.9
  }),
  id("be_rijksregister", "rijksregister,rijksregisternummer,registre national,niss,insz,numéro national,belgian id", {
    shapes: ["99999999999"],
    layouts: ["99.99.99-999.99", "999999~999~99"],
    check: isRijksregister,
    passRate: 0.0009
  }),
  id("be_vat", "btw,tva,vat,ondernemingsnummer", {
    shapes: ["AA9999999999"],
    layouts: ["AA 9999.999.999", "AA9999.999.999"],
    check: (text) => hasPrefix("BE")(text) && 97 - (numberAt(text, 2, 10) % 97) === numberAt(text, 10, 12),
    passRate: 0.00002
  }),
  id("de_steuer_id", steuerIdWords, {
    shapes: ["99999999999"],
    layouts: ["99 999 999 999", "999/999/9999/9"],
    check: isSteuerId,
    passRate: 0.0035
  }),
  id("de_steuer_id", steuerIdWords, {
    shapes: ["99999999999"],
    layouts: ["99 999 999 999"],
    layoutWeight: 1,
    check: isNamedSteuerId,
    passRate: 0.1
  }),
  id("de_rvnr", "rvnr,sozialversicherungsnummer,rentenversicherungsnummer,versicherungsnummer,sv-nummer", {
    shapes: ["99999999A999"],
    layouts: ["99 999999 A 999", "99~999999~A~999"],
    check: isRvnr,
    passRate: 0.0078,
    shapeWeight: 2
  }),
  id("de_kvnr", "kvnr,krankenversichertennummer,krankenkasse,versichertennummer,egk", {
    shapes: ["A999999999"],
    check: isKvnr,
    passRate: 0.1,
    shapeWeight: 1.5
  }),
  id("de_personalausweis", "personalausweis,ausweis,ausweisnummer,perso,id card", {
    shapes: ["AXXXXXXX9"],
    check: isPersonalausweis,
    passRate: 0.06,
    shapeWeight: 0.5
  }),
  id("de_passport", "reisepass,passnummer,pass-nr,passport", {
    shapes: ["AXXXXXXX9"],
    check: isGermanSerial("CFGHJKLMNPRTVWXYZ"),
    passRate: 0.05,
    shapeWeight: 0.5
  }),
  id("de_lanr", "lanr,arztnummer", { shapes: ["999999999"], check: isLanr, passRate: 0.1 }),
  id("de_bsnr", "bsnr,betriebsstättennummer,betriebsstaettennummer", {
    shapes: ["999999999"],
    check: isBsnr,
    passRate: 0.34
  }),
  id("de_steuernummer", "steuernummer,st.-nr,stnr", {
    shapes: ["9999999999999", "99999999999", "999999999", "9999999999"],
    layouts: ["999/999/99999", "99/999/9999", "99/999/99999", "99/9999/9999", "999/9999/9999"],
    check: (text, length) => length < 13 || (numberAt(text, 0, 2) > 0 && numberAt(text, 0, 2) < 17),
    passRate: 0.9
  }),
  id("de_ust_id", "ust-idnr,ustid,ust-id,umsatzsteuer,vat", {
    shapes: ["AA999999999"],
    layouts: ["AA~999~999~999", "AA~999999999", "AA 999-999.999"],
    check: isVatDe,
    passRate: 0.0015
  }),
  id("de_fuehrerschein", "führerschein,fuehrerschein,führerscheinnummer,driving licence,driver", {
    shapes: ["AA99999999A", "AXX99XXXX9X"],
    passRate: 0.9
  }),
  id("de_handelsregister", "handelsregister,handelsregisternummer,amtsgericht,hrb,hra", {
    shapes: ["AAA9", "AAA99", "AAA999", "AAA9999", "AAA99999", "AAA999999"],
    layouts: ["AAA 9", "AAA 99", "AAA 999", "AAA 9999", "AAA 99999", "AAA 999999"],
    check: (text) => text[0] === 72 && text[1] === 82 && (text[2] === 65 || text[2] === 66),
    passRate: 0.0001
  }),
  id("at_svnr", "svnr,sozialversicherungsnummer,sv-nummer,versicherungsnummer", {
    shapes: ["9999999999"],
    layouts: ["9999 999999", "9999-999999"],
    check: isSvnr,
    passRate: 0.0056
  }),
  id("at_steuernummer", "steuernummer,abgabenkontonummer", {
    shapes: ["999999999"],
    layouts: ["99-999/9999"],
    check: isAbgabenkonto,
    passRate: 0.1
  }),
  id("at_uid", "uid,ust-id,vat", { shapes: ["AAA99999999"], check: hasPrefix("ATU"), passRate: 0.0001 }),
  id("ch_ahv", "ahv,ahv-nummer,avs,oasi,sozialversicherungsnummer,numéro avs", {
    shapes: ["9999999999999"],
    layouts: ["999.9999.9999.99"],
    check: isAhv,
    passRate: 0.0001
  }),
  id("ch_uid", "uid,mwst,tva,iva,unternehmens", {
    shapes: ["AAA999999999", "AAA999999999AAA", "AAA999999999AAAA"],
    layouts: ["AAA-999.999.999", "AAA-999.999.999 AAAA", "AAA-999.999.999 AAA", "AAA 999 999 999"],
    check: isUid,
    passRate: 0.00001
  }),
  id("fr_nir", "nir,sécurité sociale,securite sociale,numéro de sécu,insee,numero de secu", {
    shapes: ["999999999999999", "999999A99999999"],
    layouts: ["9 99 99 99 999 999 99", "9 99 99 99 999 999~99"],
    check: isNir,
    passRate: 0.004
  }),
  id("fr_spi", "numéro fiscal,numero fiscal,spi,impôts,impots", {
    shapes: ["9999999999999"],
    layouts: ["99 99 999 999 999"],
    check: isSpi,
    passRate: 0.0008
  }),
  id("fr_siren", "siren", {
    shapes: ["999999999"],
    layouts: ["999 999 999"],
    layoutWeight: 1,
    check: (text) => luhn(text, 0, 9) && !isUniform(text, 9),
    passRate: 0.1
  }),
  id("fr_siret", "siret", {
    shapes: ["99999999999999"],
    layouts: ["999 999 999 99999"],
    check: (text) => luhn(text, 0, 14) && luhn(text, 0, 9) && !isUniform(text, 14),
    passRate: 0.01
  }),
  id("fr_tva", "tva,vat", { shapes: ["AAXX999999999"], check: isTva, passRate: 0.0016 }),
  id("eu_lei", "lei,legal entity", {
    shapes: ["XXXXXXXXXXXXXXXXXX99"],
    check: (text) => restBy(text, 0, 20, 97) === 1,
    passRate: 0.0104,
    shapeWeight: 0
  })
]
