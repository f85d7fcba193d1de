import { typeKinds } from "../../core/detect/index.ts"

const pairs = (text: string): Readonly<Record<string, ReadonlyArray<string>>> =>
  Object.fromEntries(
    text.trim().split("\n").map((line) => {
      const [label, types] = line.split(": ") as [string, string]
      return [label.trim(), types.trim().split(" ")]
    })
  )

/** Presidio's entities, and our types. */
export const presidioTypes = pairs(`
  ABA_ROUTING_NUMBER: us_aba_routing
  AU_ABN: au_abn
  AU_ACN: au_acn
  AU_MEDICARE: au_medicare
  AU_TFN: au_tfn
  CA_SIN: ca_sin
  CREDIT_CARD: card
  CRYPTO: wallet
  DATE_TIME: date date_of_birth
  DE_BSNR: de_bsnr
  DE_FUEHRERSCHEIN: de_fuehrerschein
  DE_HANDELSREGISTER: de_handelsregister
  DE_HEALTH_INSURANCE: de_kvnr
  DE_ID_CARD: de_personalausweis
  DE_KFZ: license_plate
  DE_LANR: de_lanr
  DE_PASSPORT: de_passport
  DE_PLZ: de_plz
  DE_SOCIAL_SECURITY: de_rvnr
  DE_TAX_ID: de_steuer_id
  DE_TAX_NUMBER: de_steuernummer
  DE_VAT_ID: de_ust_id
  EMAIL_ADDRESS: email
  ES_NIE: es_nie
  ES_NIF: es_dni
  ES_PASSPORT: es_passport
  FI_PERSONAL_IDENTITY_CODE: fi_hetu
  IBAN_CODE: iban
  IN_AADHAAR: in_aadhaar
  IN_GSTIN: in_gstin
  IN_PAN: in_pan
  IN_PASSPORT: in_passport
  IN_VEHICLE_REGISTRATION: license_plate
  IN_VOTER: in_voter
  IP_ADDRESS: ip
  IT_DRIVER_LICENSE: it_patente
  IT_FISCAL_CODE: it_codice_fiscale
  IT_IDENTITY_CARD: it_carta_identita
  IT_PASSPORT: it_passport
  IT_VAT_CODE: it_partita_iva
  KR_BRN: kr_brn
  KR_DRIVER_LICENSE: kr_driver_licence
  KR_FRN: kr_frn
  KR_PASSPORT: kr_passport
  KR_RRN: kr_rrn
  MAC_ADDRESS: mac
  MEDICAL_LICENSE: us_dea
  NG_NIN: ng_nin
  NG_VEHICLE_REGISTRATION: license_plate
  PHONE_NUMBER: phone
  PH_TIN: ph_tin
  PL_PESEL: pl_pesel
  SE_ORGANISATIONSNUMMER: se_organisationsnummer
  SE_PERSONNUMMER: se_personnummer
  SG_NRIC_FIN: sg_nric
  SG_UEN: sg_uen
  TH_TNIN: th_tnin
  TR_LICENSE_PLATE: license_plate
  TR_NATIONAL_ID: tr_tckn
  UK_DRIVING_LICENCE: uk_driving_licence
  UK_NHS: uk_nhs
  UK_NINO: uk_nino
  UK_PASSPORT: uk_passport
  UK_POSTCODE: uk_postcode
  UK_VEHICLE_REGISTRATION: license_plate
  URL: url url_credentials
  US_BANK_NUMBER: us_bank_account
  US_DRIVER_LICENSE: us_driver_licence
  US_ITIN: us_itin
  US_MBI: us_mbi
  US_NPI: us_npi
  US_PASSPORT: us_passport
  US_SSN: us_ssn
  ZA_ID_NUMBER: za_id
`)

const things = new Set(
  ("CREDIT_CARD,CRYPTO,DATE_TIME,DE_HANDELSREGISTER,DE_KFZ,DE_PLZ,EMAIL_ADDRESS,IBAN_CODE,"
    + "IN_VEHICLE_REGISTRATION,IP_ADDRESS,"
    + "MAC_ADDRESS,NG_VEHICLE_REGISTRATION,PHONE_NUMBER,TR_LICENSE_PLATE,UK_POSTCODE,UK_VEHICLE_REGISTRATION,"
    + "URL,US_BANK_NUMBER")
    .split(",")
)

/** Those that are given to people or firms by a state, and are checked. */
export const nationalEntities: ReadonlySet<string> = new Set(
  Object.keys(presidioTypes).filter((entity) => !things.has(entity))
)

/** validator.js's validators, with their locale, and our types. Those that are not here have no counterpart. */
export const validatorTypes = pairs(`
  isAbaRouting: us_aba_routing
  isBtcAddress: wallet
  isEthereumAddress: wallet
  isCreditCard: card
  isEmail: email
  isIBAN: iban
  isIMEI: imei
  isJWT: secret
  isMACAddress: mac
  isMobilePhone any: phone
  isIdentityCard ES: es_dni es_nie
  isIdentityCard FI: fi_hetu
  isIdentityCard IN: in_aadhaar
  isIdentityCard IR: ir_code_melli
  isIdentityCard IT: it_carta_identita
  isIdentityCard LK: lk_nic
  isIdentityCard NO: no_fodselsnummer
  isIdentityCard PK: pk_cnic
  isIdentityCard PL: pl_pesel
  isIdentityCard TH: th_tnin
  isIdentityCard he-IL: il_teudat_zehut
  isIdentityCard zh-CN: cn_ric
  isIdentityCard zh-HK: hk_hkid
  isIdentityCard zh-TW: tw_nid
  isTaxID bg-BG: bg_egn
  isTaxID cs-CZ: cz_rodne_cislo
  isTaxID de-AT: at_steuernummer
  isTaxID de-DE: de_steuer_id
  isTaxID dk-DK: dk_cpr
  isTaxID el-CY: cy_tic
  isTaxID el-GR: gr_afm
  isTaxID en-CA: ca_sin
  isTaxID en-GB: uk_nino uk_utr
  isTaxID en-IE: ie_pps
  isTaxID en-IN: in_pan
  isTaxID en-US: us_ein
  isTaxID es-AR: ar_cuit
  isTaxID es-ES: es_dni es_nie
  isTaxID et-EE: ee_isikukood
  isTaxID fi-FI: fi_hetu
  isTaxID fr-BE: be_rijksregister
  isTaxID fr-FR: fr_spi
  isTaxID fr-LU: lu_matricule
  isTaxID hr-HR: hr_oib
  isTaxID hu-HU: hu_adoazonosito
  isTaxID it-IT: it_codice_fiscale
  isTaxID lb-LU: lu_matricule
  isTaxID lt-LT: lt_asmens_kodas
  isTaxID lv-LV: lv_personas_kods
  isTaxID mt-MT: mt_id
  isTaxID nl-BE: be_rijksregister
  isTaxID nl-NL: nl_bsn
  isTaxID pl-PL: pl_pesel pl_nip
  isTaxID pt-BR: br_cpf br_cnpj
  isTaxID pt-PT: pt_nif
  isTaxID ro-RO: ro_cnp
  isTaxID sk-SK: sk_rodne_cislo
  isTaxID sl-SI: si_davcna
  isTaxID sv-SE: se_personnummer
  isTaxID uk-UA: ua_rnokpp
`)

/** Identifiers of people of any country: telling one country's from another's is not asked of a column. */
const national = [...typeKinds].filter(([, kind]) => kind === "national_id" || kind === "us_ssn").map(([type]) => type)

/** Labels of columns, and our types. A label of a national identifier is right with its own type, or just the kind. */
export const columnTypes: Readonly<Record<string, ReadonlyArray<string>>> = {
  ...Object.fromEntries(
    ("US_SSN,DE_RVNR,FR_NIR,ES_NIF,IT_FISCAL_CODE,BR_CPF,UK_NINO,PL_PESEL,SE_PERSONNUMMER,FI_HETU,NL_BSN,CA_SIN,NO_FNR,"
      + "DK_CPR,KR_RRN,CN_RIC,HR_OIB,RO_CNP,PT_NIF,IL_ID,BE_NN").split(",").map((label) => [label, national])
  ),
  ...pairs(`
  PHONE: phone
  STREET_ADDRESS: street_address
  IBAN: iban
  PERSON: person
  PLATE: license_plate
  LAST_NAME: last_name
  DATE_OF_BIRTH: date_of_birth
  FIRST_NAME: first_name
  CITY: city
  ZIP: postal_code de_plz uk_postcode
  EMAIL: email
  USERNAME: username
  PASSWORD: password secret
  AGE: age
  CVV: cvv
  CC_EXPIRY: card_expiry
  IP: ip
  CREDIT_CARD: card
  MAC: mac
  URL: url
`)
}
