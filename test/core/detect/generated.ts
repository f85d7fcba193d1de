import { digits } from "./drawing.ts"

type Random = () => number

/** Sums digits by weights, from the first on. */
const sum = (text: string, weights: ReadonlyArray<number>): number =>
  weights.reduce((total, weight, i) => total + Number(text[i]) * weight, 0)
const between = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from + 1))
const pad = (value: number, size = 2): string => String(value).padStart(size, "0")
const date = (random: Random) => {
  const year = between(random, 1930, 2015)
  return { year, yy: pad(year % 100), mm: pad(between(random, 1, 12)), dd: pad(between(random, 1, 28)) }
}

/** ISO/IEC 7812-1, annex B: from the right, every second digit is doubled, beginning with the last of the body. */
const luhn = (body: string): number => {
  const total = Array.from(body).toReversed().reduce((so, character, i) => {
    const doubled = Number(character) * (i % 2 === 0 ? 2 : 1)
    return so + Math.floor(doubled / 10) + doubled % 10
  }, 0)
  return (10 - total % 10) % 10
}

/** ISO 7064, MOD 11,10. */
const mod11and10 = (body: string): number => {
  const rest = Array.from(body).reduce((product, digit) => ((product + Number(digit)) % 10 || 10) * 2 % 11, 10)
  return (11 - rest) % 10
}

/** Verhoeff (1969), by the dihedral group of order ten instead of its table. */
const verhoeff = (body: string): number => {
  const times = (a: number, b: number): number =>
    a < 5 ? (b < 5 ? (a + b) % 5 : 5 + (a + b) % 5) : b < 5 ? 5 + (a - b) % 5 : (5 + a - b) % 5
  const moved = (digit: number, by: number): number =>
    by === 0 ? digit : moved([1, 5, 7, 6, 2, 8, 3, 0, 9, 4][digit]!, by - 1)
  const all = Array.from(body).toReversed().reduce((so, digit, i) => times(so, moved(Number(digit), (i + 1) % 8)), 0)
  return [0, 4, 3, 2, 1, 5, 6, 7, 8, 9][all]!
}

/** Draws bodies until the rule gives a check digit: some bodies have none. */
const checked = (body: () => string, check: (body: string) => number | string): string => {
  for (;;) {
    const drawn = body()
    const end = String(check(drawn))
    if (end !== "10" && end !== "") return drawn + end
  }
}

/**
 * Valid values by type, made forwards from what the registers publish: Skatteverket, DVV, Skatteetaten (NO), RIA, RVIG,
 * BOSA, ELSTER, ZAS, INSEE, AEAT, AT (PT), Agenzia delle Entrate, MSWiA, GUS, NAV (HU), MAI (RO), GRAO, OIB, NHS, ESDC,
 * Receita Federal, AFIP, SII, CMS, the ABA, GB 11643-1999, UIDAI, DHA, ATO, ABR, NVI, ACRA, ICA, CTIE, BORA, NTS, SRI.
 * None of them asks the detector's own checks.
 */
export const generated: Readonly<Record<string, (random: Random) => string>> = {
  se_personnummer: (r) => {
    const { dd, mm, yy } = date(r)
    return checked(() => yy + mm + dd + digits(3, r), luhn)
  },
  fi_hetu: (r) => {
    const { dd, mm, year, yy } = date(r)
    const number = pad(between(r, 2, 899), 3)
    const check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[Number(dd + mm + yy + number) % 31]!
    return `${dd}${mm}${yy}${year < 2000 ? "-" : "A"}${number}${check}`
  },
  no_fodselsnummer: (r) => {
    const { dd, mm, yy } = date(r)
    const birth = dd + mm + (Number(yy) < 40 ? yy : "55")
    const first = checked(
      () => birth + pad(between(r, 0, 499), 3),
      (b) => (11 - sum(b, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11
    )
    const second = (11 - sum(first, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11
    return second === 10 ? generated["no_fodselsnummer"]!(r) : first + second
  },
  ee_isikukood: (r) => {
    const { dd, mm, year, yy } = date(r)
    return checked(() => between(r, 0, 1) + (year < 2000 ? 3 : 5) + yy + mm + dd + digits(3, r), (b) => {
      const first = sum(b, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
      return first < 10 ? first : sum(b, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10
    })
  },
  nl_bsn: (r) => checked(() => between(r, 1, 9) + digits(7, r), (b) => sum(b, [9, 8, 7, 6, 5, 4, 3, 2]) % 11),
  be_rijksregister: (r) => {
    const { dd, mm, year, yy } = date(r)
    const body = yy + mm + dd + pad(between(r, 1, 997), 3)
    return body + pad(97 - Number((year < 2000 ? "" : "2") + body) % 97)
  },
  de_steuer_id: (r) => {
    const pool = Array.from("0123456789").toSorted(() => r() - 0.5).slice(0, 9)
    const ten = [...pool.slice(0, 8), pool[8]!, pool[between(r, 0, 5)]!].join("")
    return ten.startsWith("0") ? generated["de_steuer_id"]!(r) : ten + mod11and10(ten)
  },
  ch_ahv: (r) =>
    checked(() => `756${digits(9, r)}`, (b) => (10 - sum(b, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10),
  fr_nir: (r) => {
    const { mm, yy } = date(r)
    const body = between(r, 1, 2) + yy + mm + pad(between(r, 1, 19)) + pad(between(r, 1, 990), 3)
      + pad(between(r, 1, 999), 3)
    return body + pad(97 - Number(body) % 97)
  },
  fr_spi: (r) => checked(() => between(r, 0, 3) + digits(9, r), (b) => pad(Number(b) % 511, 3)),
  es_dni: (r) => checked(() => digits(8, r), (b) => "TRWAGMYFPDXBNJZSQVHLCKE"[Number(b) % 23]!),
  pt_nif: (r) =>
    checked(
      () => "1235679"[between(r, 0, 6)] + digits(7, r),
      (b) => Math.max(0, 11 - sum(b, [9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10
    ),
  it_partita_iva: (r) => checked(() => digits(6, r) + between(r, 1, 9) + pad(between(r, 1, 100), 3), luhn),
  pl_pesel: (r) => {
    const { dd, mm, year, yy } = date(r)
    const month = pad(Number(mm) + (year < 2000 ? 0 : 20))
    return checked(() => yy + month + dd + digits(4, r), (b) => (10 - sum(b, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10)
  },
  pl_nip: (r) => checked(() => between(r, 1, 9) + digits(8, r), (b) => sum(b, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11),
  hu_adoazonosito: (r) =>
    checked(
      () => 8 + pad(between(r, 20_000, 55_000), 5) + digits(3, r),
      (b) => sum(b, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11
    ),
  ro_cnp: (r) => {
    const { dd, mm, year, yy } = date(r)
    const body = (year < 2000 ? 1 : 5) + yy + mm + dd + pad(between(r, 1, 46)) + pad(between(r, 1, 999), 3)
    const check = sum(body, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
    return body + (check === 10 ? 1 : check)
  },
  bg_egn: (r) => {
    const { dd, mm, year, yy } = date(r)
    const body = yy + pad(Number(mm) + (year < 2000 ? 0 : 40)) + dd + digits(3, r)
    return body + sum(body, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10
  },
  hr_oib: (r) => checked(() => digits(10, r), mod11and10),
  uk_nhs: (r) =>
    checked(() => between(r, 4, 7) + digits(8, r), (b) => (11 - sum(b, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11),
  ie_pps: (r) =>
    checked(() => digits(7, r), (b) => {
      const second = between(r, 0, 8)
      const rest = (sum(b, [8, 7, 6, 5, 4, 3, 2]) + (second + 1) * 9) % 23
      return `${"WABCDEFGHIJKLMNOPQRSTUV"[rest]}${"ABCDEFGHI"[second]}`
    }),
  lu_matricule: (r) => {
    const { dd, mm, year } = date(r)
    const body = year + mm + dd + digits(3, r)
    return `${body}${luhn(body)}${verhoeff(body)}`
  },
  ca_sin: (r) => checked(() => between(r, 1, 7) + digits(7, r), luhn),
  us_npi: (r) => checked(() => between(r, 1, 2) + digits(8, r), (b) => luhn(`80840${b}`)),
  us_aba_routing: (r) =>
    checked(() => pad(between(r, 1, 12)) + digits(6, r), (b) => (10 - sum(b, [3, 7, 1, 3, 7, 1, 3, 7]) % 10) % 10),
  br_cpf: (r) => {
    const check = (b: string): number => {
      const rest = sum(b, Array.from(b, (_, i) => b.length + 1 - i)) % 11
      return rest < 2 ? 0 : 11 - rest
    }
    return checked(() => checked(() => digits(9, r), check), check)
  },
  br_cnpj: (r) => {
    const draw = (): string =>
      Array.from({ length: 12 }, () => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[between(r, 0, 35)]).join("")
    const check = (b: string): number => {
      const rest = Array.from(b).toReversed().reduce((so, c, i) => so + (c.charCodeAt(0) - 48) * (2 + i % 8), 0) % 11
      return rest < 2 ? 0 : 11 - rest
    }
    return checked(() => checked(draw, check), check)
  },
  cl_rut: (r) =>
    checked(() => between(r, 1, 2) + digits(7, r), (b) => {
      const rest = 11 - sum(b, [3, 2, 7, 6, 5, 4, 3, 2]) % 11
      return rest === 11 ? "0" : rest === 10 ? "K" : rest
    }),
  cn_ric: (r) => {
    const { dd, mm, year } = date(r)
    const body = `${[11, 31, 44, 51][between(r, 0, 3)]}0105${year}${mm}${dd}${digits(3, r)}`
    // 2 to the power of the place, modulo 11, as the standard has it.
    const total = Array.from(body).reduce((so, digit, i) => so + Number(digit) * (2 ** (17 - i) % 11), 0)
    return body + "10X98765432"[total % 11]
  },
  in_aadhaar: (r) => checked(() => between(r, 2, 9) + digits(10, r), verhoeff),
  sg_nric: (r) =>
    checked(
      () => "ST"[between(r, 0, 1)] + digits(7, r),
      (b) => "JZIHGFEDCBA"[(sum(b.slice(1), [2, 7, 6, 5, 4, 3, 2]) + (b.startsWith("T") ? 4 : 0)) % 11]!
    ),
  sg_uen: (r) => checked(() => digits(8, r), (b) => "XMKECAWLJDB"[sum(b, [10, 4, 9, 3, 8, 2, 7, 1]) % 11]!),
  il_teudat_zehut: (r) => checked(() => digits(8, r), luhn),
  za_id: (r) => {
    const { dd, mm, yy } = date(r)
    return checked(() => yy + mm + dd + digits(4, r) + between(r, 0, 1) + between(r, 8, 9), luhn)
  },
  au_abn: (r) => {
    const body = digits(9, r)
    // The two first digits make the whole a multiple of 89, one being taken from the first.
    const rest = sum(`00${body}`, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89
    const firsts = firstsOf(rest)
    return firsts === "" ? generated["au_abn"]!(r) : firsts + body
  },
  tr_tckn: (r) => {
    const nine = between(r, 1, 9) + digits(8, r)
    const odds = sum(nine, [1, 0, 1, 0, 1, 0, 1, 0, 1])
    const evens = sum(nine, [0, 1, 0, 1, 0, 1, 0, 1])
    const tenth = (((odds * 7 - evens) % 10) + 10) % 10
    return `${nine}${tenth}${(odds + evens + tenth) % 10}`
  }
}

/** The two digits whose weighted sum, less ten, and `rest` are a multiple of 89. */
const firstsOf = (rest: number): string => {
  for (let both = 10; both < 100; both++) {
    if ((Math.floor(both / 10) * 10 - 10 + both % 10 + rest) % 89 === 0) return String(both)
  }
  return ""
}
