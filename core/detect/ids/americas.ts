import { type Characters, digit, isLetter, isUniform, isYmd, luhn, numberAt, weighted } from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

/** Printed in advertisements and on sample cards: nobody's, though in range. */
const advertised = new Set([78051120, 219099999])

const isSsn = (text: Characters): boolean => {
  const area = numberAt(text, 0, 3)
  return area !== 0 && area !== 666 && area < 900 && numberAt(text, 3, 5) > 0 && numberAt(text, 5, 9) > 0
    && !advertised.has(numberAt(text, 0, 9)) && !isUniform(text, 9)
}

const isItin = (text: Characters): boolean => {
  const group = numberAt(text, 3, 5)
  return text[0] === 57 && group >= 50 && group !== 89 && group !== 93
}

const einNever = new Set([7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97])

const isEin = (text: Characters): boolean => numberAt(text, 0, 2) > 0 && !einNever.has(numberAt(text, 0, 2))

/** Luhn's check after the health industry's 80840. */
const isNpi = (text: Characters): boolean => {
  if (text[0] !== 49 && text[0] !== 50) return false
  let sum = 24
  for (let i = 9, twice = false; i >= 0; i--, twice = !twice) {
    const value = digit(text, i)
    sum += twice ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return sum % 10 === 0 && !isUniform(text, 9)
}

const isDea = (text: Characters): boolean => {
  const odds = digit(text, 2) + digit(text, 4) + digit(text, 6)
  const evens = digit(text, 3) + digit(text, 5) + digit(text, 7)
  return "ABCDEFGHJKLMPRSTUX".includes(String.fromCharCode(text[0]!)) && (odds + 2 * evens) % 10 === digit(text, 8)
}

/** Letters are never S, L, O, I, B or Z. */
const isMbi = (text: Characters): boolean => {
  for (let i = 0; i < 11; i++) {
    if (isLetter(text, i) && "SLOIBZ".includes(String.fromCharCode(text[i]!))) return false
  }
  return text[0] !== 48
}

const isAba = (text: Characters): boolean => {
  const first = numberAt(text, 0, 2)
  const district = first <= 12 || (first >= 21 && first <= 32) || (first >= 61 && first <= 72) || first === 80
  return district && weighted(text, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0 && numberAt(text, 0, 9) > 0
}

const isSin = (text: Characters): boolean => text[0] !== 48 && text[0] !== 56 && luhn(text, 0, 9) && !isUniform(text, 9)

const curpAlphabet = "0123456789ABCDEFGHIJKLMN·OPQRSTUVWXYZ"
const states = new Set(
  ("AS,BC,BS,CC,CL,CM,CS,CH,DF,DG,GT,GR,HG,JC,MC,MN,MS,NT,NL,OC,PL,QT,QR,SP,SL,SR,TC,TS,TL,VZ,YN,ZS,NE").split(",")
)

const isCurp = (text: Characters): boolean => {
  if (!isYmd(text, 4) || !"HMX".includes(String.fromCharCode(text[10]!))) return false
  if (!states.has(String.fromCharCode(text[11]!, text[12]!))) return false
  let sum = 0
  for (let i = 0; i < 17; i++) sum += curpAlphabet.indexOf(String.fromCharCode(text[i]!)) * (18 - i)
  return (10 - sum % 10) % 10 === digit(text, 17)
}

const isRfc = (text: Characters, length: number): boolean => isYmd(text, length - 9)

const isClabe = (text: Characters): boolean => {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += digit(text, i) * [3, 7, 1][i % 3]! % 10
  return (10 - sum % 10) % 10 === digit(text, 17) && numberAt(text, 0, 3) > 1
}

const isCpf = (text: Characters): boolean => {
  if (isUniform(text, 11)) return false
  const first = weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10
  return first === digit(text, 9) && weighted(text, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 === digit(text, 10)
}

/** Since 2026 letters may stand in all but the checks, and count as their code less that of 0 (IN RFB 2.229/2024). */
const isCnpj = (text: Characters): boolean => {
  const check = (weights: ReadonlyArray<number>): number => {
    const rest = weighted(text, weights) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  return !isUniform(text, 14) && check([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digit(text, 12)
    && check([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === digit(text, 13)
}

const isPis = (text: Characters): boolean =>
  !isUniform(text, 11) && (11 - weighted(text, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 === digit(text, 10)

const isCuit = (text: Characters): boolean => {
  const begins = numberAt(text, 0, 2)
  const known = begins === 20 || (begins >= 23 && begins <= 27) || begins === 30 || begins === 33 || begins === 34
    || begins === 50 || begins === 51 || begins === 55
  const check = 11 - weighted(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return known && (check === 11 ? 0 : check === 10 ? 9 : check) === digit(text, 10)
}

const isRut = (text: Characters, length: number): boolean => {
  let sum = 0
  for (let i = length - 2, weight = 2; i >= 0; i--, weight = weight === 7 ? 2 : weight + 1) {
    sum += digit(text, i) * weight
  }
  const check = 11 - sum % 11
  const last = text[length - 1]!
  return !isUniform(text, length - 1) && (check === 10 ? last === 75 : last === 48 + check % 11)
}

const isNit = (text: Characters, length: number): boolean => {
  const weights = [3, 7, 13, 17, 19, 23, 29, 37, 41]
  let sum = 0
  for (let i = length - 2, k = 0; i >= 0; i--, k++) sum += digit(text, i) * weights[k]!
  const rest = sum % 11
  return (rest > 1 ? 11 - rest : rest) === digit(text, length - 1) && !isUniform(text, length)
}

const isRuc = (text: Characters): boolean => {
  const begins = numberAt(text, 0, 2)
  return (begins === 10 || (begins >= 15 && begins <= 17) || begins === 20)
    && (11 - weighted(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10 === digit(text, 10)
}

const isEcuador = (text: Characters): boolean => {
  const province = numberAt(text, 0, 2)
  return province > 0 && (province <= 24 || province === 30) && digit(text, 2) < 6 && luhn(text, 0, 10)
}

const isCedulaUy = (text: Characters): boolean =>
  text[0] !== 48 && (10 - weighted(text, [2, 9, 8, 7, 6, 3, 4]) % 10) % 10 === digit(text, 7)

const isRif = (text: Characters): boolean => {
  const sorts: Record<number, number> = { 86: 4, 69: 8, 74: 12, 80: 16, 71: 20, 67: 12 }
  const sort = sorts[text[0]!]
  if (sort === undefined) return false
  const check = 11 - (sort + weighted(text, [3, 2, 7, 6, 5, 4, 3, 2], 1)) % 11
  return (check > 9 ? 0 : check) === digit(text, 9)
}

const isRucPy = (text: Characters, length: number): boolean => {
  let sum = 0
  for (let i = length - 2, weight = 2; i >= 0; i--, weight++) sum += digit(text, i) * weight
  const rest = sum % 11
  return (rest > 1 ? 11 - rest : 0) === digit(text, length - 1) && text[0] !== 48
}

const isGuatemalan = (text: Characters): boolean => {
  const rest = (11 - weighted(text, [8, 7, 6, 5, 4, 3, 2]) % 11) % 11
  return rest === digit(text, 7) && text[0] !== 48
}

/** The Americas. Sources: SSA, IRS, CMS, DEA, the Federal Reserve, Receita Federal, SAT, and others' specifications. */
export const americas: ReadonlyArray<Definition> = [
  {
    type: "us_ssn",
    kind: "us_ssn",
    shapes: ["999999999"],
    layouts: ["999-99-9999", "999~99~9999"],
    layoutWeight: 6.5,
    check: isSsn,
    passRate: 0.888,
    words: ["ssn", "social security", "soc sec", "ss#", "social"]
  },
  id("us_itin", "itin,tax id,taxpayer,individual taxpayer", {
    shapes: ["999999999"],
    layouts: ["999-99-9999", "999~99~9999"],
    layoutWeight: 4,
    check: isItin,
    passRate: 0.048
  }),
  id("us_ein", "ein,employer identification,tax id,fein", {
    shapes: ["999999999"],
    layouts: ["99-9999999"],
    layoutWeight: 3,
    check: isEin,
    passRate: 0.83
  }),
  id("us_npi", "npi,national provider", {
    shapes: ["9999999999"],
    layouts: ["9999-999-999"],
    check: isNpi,
    passRate: 0.02
  }),
  id("us_dea", "dea,medical license,certificate number,prescriber", {
    shapes: ["AA9999999", "A99999999"],
    check: isDea,
    passRate: 0.07,
    shapeWeight: 0.5
  }),
  id("us_mbi", "mbi,medicare,beneficiary", {
    shapes: ["9AX9AX9AA99"],
    layouts: ["9AX9-AX9-AA99"],
    check: isMbi,
    passRate: 0.26,
    shapeWeight: 5
  }),
  id("us_aba_routing", "routing,aba,rtn,routing transit", {
    shapes: ["999999999"],
    layouts: ["9999-9999-9"],
    check: isAba,
    passRate: 0.037
  }),
  id("us_passport", "passport,travel document", { shapes: ["999999999", "A99999999"], passRate: 0.99 }),
  id("us_driver_licence", "driver's license,drivers license,driver license,driving licence,dl", {
    shapes: [
      "AA999999A",
      "AAA999999",
      "999AA9999",
      "99AAA99999",
      ...[7, 8, 11, 12, 13, 14].map((digits) => `A${"9".repeat(digits)}`),
      ...[7, 8, 9, 10, 11, 12, 13, 14].map((digits) => "9".repeat(digits))
    ],
    layouts: ["9999-99-9999", "A999-9999-9999"],
    layoutWeight: 1,
    passRate: 0.99
  }),
  id("us_bank_account", "account number,bank account,acct,check,routing", {
    shapes: ["99999999", "999999999", "9999999999", "99999999999", "999999999999"],
    passRate: 0.99
  }),
  id("ca_sin", "sin,nas,social insurance,assurance sociale", {
    shapes: ["999999999"],
    layouts: ["999-999-999", "999 999 999"],
    layoutWeight: 2,
    check: isSin,
    passRate: 0.08
  }),
  id("mx_curp", "curp", { shapes: ["AAAA999999AAAAAAX9"], check: isCurp, passRate: 0.0002, shapeWeight: 6 }),
  id("mx_rfc", "rfc,registro federal", {
    shapes: ["AAAA999999XXX", "AAA999999XXX"],
    layouts: ["AAAA-999999-XXX"],
    check: isRfc,
    passRate: 0.037,
    shapeWeight: 2
  }),
  id("mx_clabe", "clabe", { shapes: ["999999999999999999"], check: isClabe, passRate: 0.1 }),
  id("mx_nss", "nss,imss,seguridad social,seguro social", {
    shapes: ["99999999999"],
    check: (text) => luhn(text, 0, 11) && !isUniform(text, 11),
    passRate: 0.1
  }),
  id("br_cpf", "cpf,contribuinte", {
    shapes: ["99999999999"],
    layouts: ["999.999.999-99"],
    layoutWeight: 4,
    check: isCpf,
    passRate: 0.01
  }),
  id("br_cnpj", "cnpj,empresa", {
    shapes: ["99999999999999"],
    layouts: ["99.999.999/9999-99"],
    layoutWeight: 4,
    check: isCnpj,
    passRate: 0.01
  }),
  id("br_cnpj", "cnpj,empresa", {
    shapes: ["XXXXXXXXXXXX99"],
    layouts: ["XX.XXX.XXX/XXXX-99"],
    layoutWeight: 4,
    check: isCnpj,
    passRate: 0.011
  }),
  id("br_pis", "pis,pasep,nis,nit", {
    shapes: ["99999999999"],
    layouts: ["999.99999.99-9"],
    check: isPis,
    passRate: 0.1
  }),
  id("ar_cuit", "cuit,cuil", {
    shapes: ["99999999999"],
    layouts: ["99-99999999-9"],
    layoutWeight: 4,
    check: isCuit,
    passRate: 0.009
  }),
  id("ar_dni", "dni,documento", { shapes: ["99999999", "9999999"], layouts: ["99.999.999"], passRate: 0.99 }),
  id("cl_rut", "rut,run,rol único", {
    shapes: ["99999999X", "9999999X"],
    layouts: ["99.999.999-X", "9.999.999-X", "99999999-X", "9999999-X"],
    layoutWeight: 3,
    check: isRut,
    passRate: 0.04
  }),
  id("co_nit", "nit", {
    shapes: ["9999999999"],
    layouts: ["999.999.999-9", "999999999-9"],
    layoutWeight: 3,
    check: isNit,
    passRate: 0.09
  }),
  id("pe_ruc", "ruc", { shapes: ["99999999999"], check: isRuc, passRate: 0.0036 }),
  id("ec_cedula", "cédula,cedula,ecuador", { shapes: ["9999999999"], check: isEcuador, passRate: 0.015 }),
  id("uy_cedula", "cédula,cedula,ci,uruguay", {
    shapes: ["99999999"],
    layouts: ["9.999.999-9", "9999999-9"],
    layoutWeight: 3,
    check: isCedulaUy,
    passRate: 0.09
  }),
  id("ve_rif", "rif,venezuela", {
    shapes: ["A999999999"],
    layouts: ["A-99999999-9", "A-999999999"],
    check: isRif,
    passRate: 0.02,
    shapeWeight: 1
  }),
  id("do_cedula", "cédula,cedula,dominican", {
    shapes: ["99999999999"],
    layouts: ["999-9999999-9"],
    layoutWeight: 4,
    check: (text) => luhn(text, 0, 11) && !isUniform(text, 11),
    passRate: 0.1
  }),
  id("py_ruc", "ruc,paraguay", {
    shapes: ["99999999", "999999999"],
    layouts: ["9999999-9", "99999999-9"],
    check: isRucPy,
    passRate: 0.09
  }),
  id("gt_nit", "nit,guatemala", {
    shapes: ["99999999"],
    layouts: ["9999999-9"],
    check: isGuatemalan,
    passRate: 0.09
  }),
  id("cu_carne", "carné,carne de identidad,cuba", {
    shapes: ["99999999999"],
    check: (t) => isYmd(t, 0),
    passRate: 0.037
  })
]
