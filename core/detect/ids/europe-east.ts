import { base36, type Characters, digit, isDay, isUniform, mod11and10, numberAt, weighted } from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

/** The century is added to the month: 80, 0, 20, 40 or 60. */
const isPesel = (text: Characters): boolean => {
  const month = numberAt(text, 2, 4)
  return isDay(numberAt(text, 0, 2), month % 20, numberAt(text, 4, 6))
    && weighted(text, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
}

const isNip = (text: Characters): boolean =>
  !isUniform(text, 10) && weighted(text, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digit(text, 9)

const isRegon = (text: Characters): boolean =>
  !isUniform(text, 9) && weighted(text, [8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 === digit(text, 8)

const isDowod = (text: Characters): boolean => {
  let sum = 0
  const weights = [7, 3, 1, 0, 7, 3, 1, 7, 3]
  for (let i = 0; i < 9; i++) sum += base36(text, i) * weights[i]!
  return sum % 10 === digit(text, 3)
}

/**
 * Women's month is 50 more, and since 2004 20 more where a day's numbers ran out (Act 133/2000). Nine digits until
 * 1953, without a check.
 */
const isRodneCislo = (text: Characters, length: number): boolean => {
  const year = numberAt(text, 0, 2)
  let month = numberAt(text, 2, 4) % 50
  if (month > 20 && year >= 4 && year < 54) month -= 20
  if (!isDay(year, month, numberAt(text, 4, 6))) return false
  if (length === 9) return year < 54 && numberAt(text, 6, 9) > 0
  const first = numberAt(text, 0, 9)
  return numberAt(text, 0, 10) % 11 === 0 || (year < 86 && year > 53 && first % 11 === 10 && digit(text, 9) === 0)
}

/** An 8, the days since 1867, a number, a check (Act CLXV of 1996). */
const isHungarianTax = (text: Characters): boolean =>
  text[0] === 56 && numberAt(text, 1, 6) < 62000 && weighted(text, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === digit(text, 9)

const isTaj = (text: Characters): boolean =>
  !isUniform(text, 9) && weighted(text, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === digit(text, 8)

/** The county is 1 to 52, 70 where none is meant, and 80 and up of people who live abroad. */
const isCnp = (text: Characters): boolean => {
  const county = numberAt(text, 7, 9)
  const check = weighted(text, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
  return digit(text, 0) > 0 && isDay(numberAt(text, 1, 3), numberAt(text, 3, 5), numberAt(text, 5, 7))
    && ((county > 0 && county <= 52) || county === 70 || county >= 80) && (check === 10 ? 1 : check) === digit(text, 12)
}

/** The month is 20 more before 1900, and 40 more since 2000. */
const isEgn = (text: Characters): boolean => {
  const month = numberAt(text, 2, 4)
  return month < 53 && isDay(numberAt(text, 0, 2), month % 20, numberAt(text, 4, 6))
    && weighted(text, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 === digit(text, 9)
}

const isOib = (text: Characters): boolean => !isUniform(text, 11) && mod11and10(text, 0, 11)

/** Of all that was Yugoslavia: DDMMYYY, the region, a number, a check. */
const isJmbg = (first: number, last: number) => (text: Characters): boolean => {
  const region = numberAt(text, 7, 9)
  const year = numberAt(text, 4, 7)
  if (region < first || region > last || (year > 30 && year < 880)) return false
  if (!isDay(year > 800 ? 1000 + year : 2000 + year, numberAt(text, 2, 4), numberAt(text, 0, 2))) return false
  const rest = weighted(text, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return rest !== 1 && (rest === 0 ? 0 : 11 - rest) === digit(text, 12)
}

const isDavcna = (text: Characters): boolean => {
  const check = 11 - weighted(text, [8, 7, 6, 5, 4, 3, 2]) % 11
  return text[0] !== 48 && check !== 11 && (check === 10 ? 0 : check) === digit(text, 7)
}

const isRnokpp = (text: Characters): boolean =>
  !isUniform(text, 10) && ((weighted(text, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11) + 11) % 11 % 10 === digit(text, 9)

const isSnils = (text: Characters): boolean => {
  const sum = weighted(text, [9, 8, 7, 6, 5, 4, 3, 2, 1])
  return !isUniform(text, 9) && sum % 101 % 100 === numberAt(text, 9, 11)
}

const isInn = (text: Characters, length: number): boolean => {
  if (isUniform(text, length)) return false
  const check = (weights: ReadonlyArray<number>): number => weighted(text, weights) % 11 % 10
  return length === 10
    ? check([2, 4, 10, 3, 5, 9, 4, 6, 8]) === digit(text, 9)
    : check([7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === digit(text, 10)
      && check([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === digit(text, 11)
}

const isIdnp = (text: Characters): boolean =>
  "029".includes(String.fromCharCode(text[0]!))
  && weighted(text, [7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10 === digit(text, 12)

const isKz = (text: Characters): boolean => {
  if (!isDay(numberAt(text, 0, 2), numberAt(text, 2, 4), numberAt(text, 4, 6)) || digit(text, 6) > 6) return false
  let check = weighted(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11
  if (check === 10) check = weighted(text, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11
  return check === digit(text, 11)
}

/** A letter for the decade: A for the 1900s, M for the 2020s. Women's month is 50 more, foreigners' 30. */
const isAlbanian = (text: Characters): boolean => {
  const month = numberAt(text, 2, 4) % 50
  return text[0]! <= 77 && isDay(numberAt(text, 1, 2), month > 12 ? month - 30 : month, numberAt(text, 4, 6))
}

/** Eastern Europe. Sources: the population and tax registers' own specifications. */
export const easternEurope: ReadonlyArray<Definition> = [
  id("pl_pesel", "pesel,polish id", { shapes: ["99999999999"], check: isPesel, passRate: 0.018 }),
  id("pl_nip", "nip,tax id,podatnik", {
    shapes: ["9999999999"],
    layouts: ["999-999-99-99", "999-99-99-999"],
    check: isNip,
    passRate: 0.091
  }),
  id("pl_regon", "regon", { shapes: ["999999999"], check: isRegon, passRate: 0.1 }),
  id("pl_dowod", "dowód,dowod,dowodu,id card", {
    shapes: ["AAA999999"],
    check: isDowod,
    passRate: 0.1,
    shapeWeight: 1
  }),
  id("cz_rodne_cislo", "rodné číslo,rodne cislo,rc,birth number", {
    shapes: ["9999999999"],
    layouts: ["999999/9999"],
    layoutWeight: 4,
    check: isRodneCislo,
    passRate: 0.014
  }),
  id("cz_rodne_cislo", "rodné číslo,rodne cislo,rc,birth number", {
    shapes: ["999999999"],
    layouts: ["999999/999"],
    layoutWeight: 4,
    check: isRodneCislo,
    passRate: 0.08
  }),
  id("sk_rodne_cislo", "rodné číslo,rodne cislo,birth number", {
    shapes: ["9999999999"],
    layouts: ["999999/9999"],
    layoutWeight: 4,
    check: isRodneCislo,
    passRate: 0.014
  }),
  id("sk_rodne_cislo", "rodné číslo,rodne cislo,birth number", {
    shapes: ["999999999"],
    layouts: ["999999/999"],
    layoutWeight: 4,
    check: isRodneCislo,
    passRate: 0.08
  }),
  id("hu_adoazonosito", "adóazonosító,adoazonosito,adóazonosító jel,tax id", {
    shapes: ["9999999999"],
    check: isHungarianTax,
    passRate: 0.009
  }),
  id("hu_taj", "taj,tajszám,taj szám", {
    shapes: ["999999999"],
    layouts: ["999~999~999"],
    layoutWeight: 1,
    check: isTaj,
    passRate: 0.1
  }),
  id("ro_cnp", "cnp,cod numeric personal,romanian id", { shapes: ["9999999999999"], check: isCnp, passRate: 0.0029 }),
  id("bg_egn", "egn,егн,единен граждански номер", { shapes: ["9999999999"], check: isEgn, passRate: 0.0098 }),
  id("hr_oib", "oib,osobni identifikacijski broj", { shapes: ["99999999999"], check: isOib, passRate: 0.1 }),
  id("si_emso", "emšo,emso,matična številka", {
    shapes: ["9999999999999"],
    check: isJmbg(50, 59),
    passRate: 0.00005
  }),
  id("rs_jmbg", "jmbg,јмбг,matični broj,maticni broj,embg", {
    shapes: ["9999999999999"],
    check: isJmbg(1, 99),
    passRate: 0.0005
  }),
  id("si_davcna", "davčna,davčna številka,davcna", { shapes: ["99999999"], check: isDavcna, passRate: 0.09 }),
  id("ua_rnokpp", "рнокпп,ипн,іпн,rnokpp,tax id", { shapes: ["9999999999"], check: isRnokpp, passRate: 0.1 }),
  id("ru_snils", "снилс,snils", {
    shapes: ["99999999999"],
    layouts: ["999-999-999 99", "999-999-999-99"],
    check: isSnils,
    passRate: 0.0099
  }),
  id("ru_inn", "инн,inn", { shapes: ["9999999999", "999999999999"], check: isInn, passRate: 0.1 }),
  id("md_idnp", "idnp", { shapes: ["9999999999999"], check: isIdnp, passRate: 0.03 }),
  id("kz_iin", "иин,iin,жсн", { shapes: ["999999999999"], check: isKz, passRate: 0.0024 }),
  id("al_nid", "nid,nipt,albanian id", {
    shapes: ["A99999999A"],
    check: isAlbanian,
    passRate: 0.15,
    shapeWeight: 1
  }),
  id("ge_personal_number", "პირადი ნომერი,georgian id,personal number", { shapes: ["99999999999"], passRate: 0.99 })
]
