import {
  base36,
  type Characters,
  digit,
  isDay,
  isUniform,
  isYmd,
  isYyyymmdd,
  luhn,
  numberAt,
  verhoeff,
  weighted
} from "../arithmetic.ts"
import { type Definition, identifier as id } from "../definition.ts"

const chineseProvinces = new Set(
  [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54]
    .concat([61, 62, 63, 64, 65, 71, 81, 82, 83, 91])
)

const isRic = (text: Characters, length: number): boolean => {
  const province = numberAt(text, 0, 2)
  if (!chineseProvinces.has(province)) return false
  if (length === 15) return isYmd(text, 6)
  const sum = weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
  return isYyyymmdd(text, 6) && "10X98765432".charCodeAt(sum % 11) === text[17]
}

const isHkid = (text: Characters, length: number): boolean => {
  const letters = length - 7
  let sum = letters === 1 ? 36 * 9 : base36(text, 0) * 9
  sum += base36(text, letters - 1) * 8
  for (let i = 0; i < 6; i++) sum += digit(text, letters + i) * (7 - i)
  const last = text[length - 1]!
  return last <= 57 || last === 65 ? (sum + (last === 65 ? 10 : last - 48)) % 11 === 0 : false
}

const taiwanLetters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"

const isTaiwanese = (text: Characters): boolean => {
  const value = taiwanLetters.indexOf(String.fromCharCode(text[0]!)) + 10
  const sex = digit(text, 1)
  const sum = Math.floor(value / 10) + (value % 10) * 9 + weighted(text, [8, 7, 6, 5, 4, 3, 2, 1, 1], 1)
  return (sex === 1 || sex === 2 || sex === 8 || sex === 9) && sum % 10 === 0
}

const isNric = (text: Characters): boolean => {
  const first = String.fromCharCode(text[0]!)
  if (!"STFGM".includes(first)) return false
  const offset = first === "T" || first === "G" ? 4 : first === "M" ? 3 : 0
  const at = (weighted(text, [2, 7, 6, 5, 4, 3, 2], 1) + offset) % 11
  const checks = "ST".includes(first) ? "JZIHGFEDCBA" : first === "M" ? "KLJNPQRTUWX" : "XWUTRQPNMLK"
  return checks.charCodeAt(first === "M" ? 10 - at : at) === text[8]
}

const uenAlphabet = "ABCDEFGHJKLMNPQRSTUVWX0123456789"

/** A business's eight digits, a company's year and five, or what is neither, each with a check letter (ACRA). */
const isUen = (text: Characters, length: number): boolean => {
  if (length === 9) {
    return "XMKECAWLJDB".charCodeAt(weighted(text, [10, 4, 9, 3, 8, 2, 7, 1]) % 11) === text[8]
  }
  if (text[0]! <= 57) {
    const year = numberAt(text, 0, 4)
    return year > 1800 && year < 2040
      && "ZKCMDNERGWH".charCodeAt(weighted(text, [10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11) === text[9]
  }
  if (!"RST".includes(String.fromCharCode(text[0]!))) return false
  const weights = [4, 3, 5, 3, 10, 2, 2, 5, 7]
  let sum = -5
  for (let i = 0; i < 9; i++) sum += uenAlphabet.indexOf(String.fromCharCode(text[i]!)) * weights[i]!
  return uenAlphabet.charCodeAt(((sum % 11) + 11) % 11) === text[9]
}

/** Since October 2020 the last digits are random, so the old check digit proves nothing: date and sex must do. */
const isRrn = (from: number, to: number) => (text: Characters): boolean =>
  digit(text, 6) >= from && digit(text, 6) <= to && isYmd(text, 0)

const isBrn = (text: Characters): boolean => {
  const sum = weighted(text, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + Math.floor(digit(text, 8) * 5 / 10)
  return (10 - sum % 10) % 10 === digit(text, 9) && !isUniform(text, 10)
}

const isKoreanLicence = (text: Characters): boolean => {
  const region = numberAt(text, 0, 2)
  return region >= 11 && region <= 28 && region !== 27
}

const isMyNumber = (text: Characters): boolean => {
  const rest = weighted(text, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return !isUniform(text, 12) && (rest < 2 ? 0 : 11 - rest) === digit(text, 11)
}

const isHojin = (text: Characters): boolean =>
  9 - weighted(text, [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], 1) % 9 === digit(text, 0)

/** Of the second and third digit, the province, not all are given out. */
const isThai = (text: Characters): boolean => {
  const province = numberAt(text, 1, 3)
  const known = province >= 10 && province <= 96 && !thaiNever.has(province)
  const sum = weighted(text, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
  return text[0] !== 48 && text[0] !== 57 && known && (11 - sum % 11) % 10 === digit(text, 12)
}

const thaiNever = new Set([28, 29, 59, 68, 69, 78, 79, 87, 88, 89, 97, 98, 99])

const isNik = (text: Characters): boolean => {
  const day = numberAt(text, 6, 8)
  const province = numberAt(text, 0, 2)
  return province >= 11 && province <= 96
    && isDay(numberAt(text, 10, 12), numberAt(text, 8, 10), day > 40 ? day - 40 : day)
}

/** Places of birth that were never given out (JPN). */
const mykadNever = new Set([0, 17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97])

const isMykad = (text: Characters): boolean => isYmd(text, 0) && !mykadNever.has(numberAt(text, 6, 8))

/** Nine digits, the last a check of weights 9 to 2, and perhaps a branch of three. */
const isTin = (text: Characters): boolean =>
  weighted(text, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 === digit(text, 8) && numberAt(text, 0, 9) > 0

const isAadhaar = (text: Characters): boolean => text[0]! > 49 && verhoeff(text, 0, 12) && !isMirrored(text, 12)

const isMirrored = (text: Characters, length: number): boolean => {
  for (let i = 0; i < length / 2; i++) if (text[i] !== text[length - 1 - i]) return false
  return true
}

const isPan = (text: Characters): boolean =>
  "ABCFGHJLPTKE".includes(String.fromCharCode(text[3]!)) && numberAt(text, 5, 9) > 0

/** A state or another territory, the PAN, a number, Z, and a check character whose rule the GSTN does not publish. */
const isGstin = (text: Characters): boolean => {
  const state = numberAt(text, 0, 2)
  return state > 0 && (state <= 38 || state === 97 || state === 99) && text[13] === 90 && text[12] !== 48
}

const isIsraeli = (text: Characters): boolean => luhn(text, 0, 9) && !isUniform(text, 9)

const isIranian = (text: Characters): boolean => {
  const rest = weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return !isUniform(text, 10) && numberAt(text, 3, 9) > 0 && (rest < 2 ? rest : 11 - rest) === digit(text, 9)
}

const isCnic = (text: Characters): boolean => digit(text, 0) >= 1 && digit(text, 0) <= 7 && numberAt(text, 0, 5) > 9999

/** The day of the year, women's 500 more. */
const isLankan = (text: Characters, length: number): boolean => {
  const at = length === 12 ? 4 : 2
  const day = numberAt(text, at, at + 3) % 500
  if (length === 12 && (numberAt(text, 0, 4) < 1900 || numberAt(text, 0, 4) > 2030)) return false
  if (length === 10 && text[0] === 48) return false
  return day >= 1 && day <= 366 && numberAt(text, at, at + 3) < 867
    && (length === 12 || text[9] === 86 || text[9] === 88)
}

const isEmirates = (text: Characters): boolean =>
  numberAt(text, 0, 3) === 784 && luhn(text, 0, 15) && numberAt(text, 3, 7) > 1900 && numberAt(text, 3, 7) < 2040

const isSaudi = (text: Characters): boolean => (text[0] === 49 || text[0] === 50) && luhn(text, 0, 10)

const isKuwaiti = (text: Characters): boolean =>
  (text[0] === 50 || text[0] === 51) && isYmd(text, 1)
  && 11 - weighted(text, [2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11 === digit(text, 11)

const isPassportKr = (text: Characters): boolean => "MSRODG".includes(String.fromCharCode(text[0]!))

/** Asia. Sources: GB 11643, the Ministries' specifications, UIDAI, and others' publications. */
export const asia: ReadonlyArray<Definition> = [
  id("cn_ric", "身份证,身份证号,shenfenzheng,resident identity,chinese id", {
    shapes: ["99999999999999999X"],
    check: isRic,
    passRate: 0.00003
  }),
  id("cn_ric", "身份证,身份证号,shenfenzheng,resident identity,chinese id", {
    shapes: ["999999999999999"],
    check: isRic,
    passRate: 0.013
  }),
  id("hk_hkid", "hkid,hong kong,身份證", {
    shapes: ["A999999X", "AA999999X"],
    layouts: ["A999999(X)", "AA999999(X)", "A999999[X]", "AA999999[X]", "A999999-X"],
    check: isHkid,
    passRate: 0.03,
    shapeWeight: 1
  }),
  id("tw_nid", "身分證,taiwan id,national id", {
    shapes: ["A999999999"],
    check: isTaiwanese,
    passRate: 0.04,
    shapeWeight: 1.5
  }),
  id("sg_nric", "nric,fin,singapore id", {
    shapes: ["A9999999A"],
    check: isNric,
    passRate: 0.0075,
    shapeWeight: 2.5
  }),
  id("sg_uen", "uen,unique entity", {
    shapes: ["99999999A", "999999999A", "A99AA9999A"],
    check: isUen,
    passRate: 0.038
  }),
  id("kr_rrn", "주민등록번호,rrn,resident registration,korean id", {
    shapes: ["9999999999999"],
    layouts: ["999999-9999999"],
    layoutWeight: 3,
    check: isRrn(1, 4),
    passRate: 0.0147
  }),
  id("kr_frn", "외국인등록번호,frn,foreigner registration", {
    shapes: ["9999999999999"],
    layouts: ["999999-9999999"],
    layoutWeight: 3,
    check: isRrn(5, 8),
    passRate: 0.0147
  }),
  id("kr_brn", "사업자등록번호,brn,business registration", {
    shapes: ["9999999999"],
    layouts: ["999-99-99999"],
    layoutWeight: 4,
    check: isBrn,
    passRate: 0.1
  }),
  id("kr_driver_licence", "운전면허,운전면허번호,driver license,license", {
    shapes: ["999999999999"],
    layouts: ["99~99~999999~99"],
    layoutWeight: 4,
    check: isKoreanLicence,
    passRate: 0.17
  }),
  id("kr_passport", "여권,여권번호,passport", {
    shapes: ["A99999999", "A999A9999"],
    check: isPassportKr,
    passRate: 0.2
  }),
  id("jp_my_number", "マイナンバー,個人番号,my number", {
    shapes: ["999999999999"],
    layouts: ["9999 9999 9999", "9999-9999-9999"],
    layoutWeight: 2,
    check: isMyNumber,
    passRate: 0.1
  }),
  id("jp_corporate_number", "法人番号,corporate number", { shapes: ["9999999999999"], check: isHojin, passRate: 0.1 }),
  id("th_tnin", "thai id,tnin,เลขประจำตัวประชาชน,เลขบัตรประชาชน,thai national", {
    shapes: ["9999999999999"],
    layouts: ["9-9999-99999-99-9", "9 9999 99999 99 9"],
    layoutWeight: 5,
    check: isThai,
    passRate: 0.067
  }),
  id("my_mykad", "mykad,nric,kad pengenalan,no. kp,malaysian ic", {
    shapes: ["999999999999"],
    layouts: ["999999-99-9999"],
    layoutWeight: 5,
    check: isMykad,
    passRate: 0.035
  }),
  id("id_nik", "nik,ktp,nomor induk kependudukan", { shapes: ["9999999999999999"], check: isNik, passRate: 0.062 }),
  id("ph_tin", "tin,bir,tax id", {
    shapes: ["999999999", "999999999999"],
    layouts: ["999-999-999", "999-999-999-999"],
    layoutWeight: 4.5,
    check: isTin,
    passRate: 0.1
  }),
  id("in_aadhaar", "aadhaar,aadhar,uidai,आधार", {
    shapes: ["999999999999"],
    layouts: ["9999 9999 9999", "9999-9999-9999"],
    layoutWeight: 4,
    check: isAadhaar,
    passRate: 0.08
  }),
  id("in_pan", "pan,permanent account", {
    shapes: ["AAAAA9999A"],
    check: isPan,
    passRate: 0.46,
    shapeWeight: 6
  }),
  id("in_gstin", "gstin,gst", { shapes: ["99AAAAA9999AXAX"], check: isGstin, passRate: 0.014, shapeWeight: 5 }),
  id("in_voter", "voter,epic,election", { shapes: ["AAA9999999"], passRate: 0.99 }),
  id("in_passport", "passport", { shapes: ["A9999999"], check: (text) => text[1] !== 48, passRate: 0.9 }),
  id("il_teudat_zehut", "תעודת זהות,ת.ז,teudat zehut,israeli id,identity number", {
    shapes: ["999999999"],
    layouts: ["99999999-9"],
    check: isIsraeli,
    passRate: 0.1
  }),
  id("ir_code_melli", "کد ملی,code melli,melli", { shapes: ["9999999999"], check: isIranian, passRate: 0.09 }),
  id("pk_cnic", "cnic,nadra,شناختی کارڈ", {
    shapes: ["9999999999999"],
    layouts: ["99999-9999999-9"],
    layoutWeight: 6,
    check: isCnic,
    passRate: 0.7
  }),
  id("lk_nic", "nic,sri lanka", {
    shapes: ["999999999A", "999999999999"],
    check: isLankan,
    passRate: 0.04,
    shapeWeight: 0.5
  }),
  id("ae_emirates_id", "emirates id,هوية,uae id", {
    shapes: ["999999999999999"],
    layouts: ["999-9999-9999999-9"],
    check: isEmirates,
    passRate: 0.00002
  }),
  id("sa_national_id", "iqama,هوية,saudi id,national id", { shapes: ["9999999999"], check: isSaudi, passRate: 0.02 }),
  id("kw_civil_id", "civil id,البطاقة المدنية,kuwait", {
    shapes: ["999999999999"],
    check: isKuwaiti,
    passRate: 0.0007
  })
]
