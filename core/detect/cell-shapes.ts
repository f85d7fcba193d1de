/** A year that belongs to a person, as people put it behind the name that they choose. */
const userTail = /^[A-Za-z][a-z]{2,}[A-Za-z._]*?(19\d\d|20\d\d|\d\d)$/
const userWord = /^[A-Za-z][a-z]{2,}[A-Za-z._-]*$/

/** A word, or one with a year or two digits behind it: 2 with, 1 without, 0 neither. */
export const userForm = (text: string): 0 | 1 | 2 => userTail.test(text) ? 2 : userWord.test(text) ? 1 : 0

/** Small and capital letters with digits in the midst of them, and nothing that a person would write. */
export const isPassword = (text: string): boolean =>
  text.length >= 6 && text.length <= 24 && /^[!-~]+$/.test(text) && /[a-z]/.test(text) && /\d/.test(text)
  && !/^[0-9a-f-]+$/.test(text) && /\d[A-Za-z]|[^\w]/.test(text) && !/^[\w-]+[./][\w-]+/.test(text)

/** The form of a value: each digit 9, each capital A, each small letter a. */
export const patternOf = (text: string): string =>
  text.replaceAll(/\p{Nd}/gu, "9").replaceAll(/\p{Lu}/gu, "A").replaceAll(/\p{Ll}/gu, "a")

const postalPatterns = new Set(
  ("999,9999,99999,999999,999 99,99 999,99-999,999-9999,9999-999,99999-999,99999-9999,9999 AA,9999AA,"
    + "A9A 9A9,A9A9A9,A9 9AA,"
    + "A99 9AA,AA9 9AA,AA99 9AA,A9A 9AA,AA9A 9AA,AA-9999,AA-99999,AA 99999,999-99,AA9 9AA,A99 A999,9999999").split(",")
)
/** Of a postal code: 2 where it has a form that little else has, 1 where it is digits, 0 where it is none. */
export const postalForm = (text: string): 0 | 1 | 2 => {
  const pattern = patternOf(text)
  return postalPatterns.has(pattern) ? (/[^9]/.test(pattern) ? 2 : 1) : 0
}

const asianPlate = /^(\d{2,3}[가-힣] ?\d{4}|[\u4e00-\u9fff][A-Z][-·]?[A-Z0-9]{5,6})$/u
const israeliPlate = /^\d{2,3}-\d{2,3}-\d{2,3}$/

const surePlate =
  /^(\p{Lu}{1,3}-\p{Lu}{1,2}-\d{1,4}|[A-Z]{2}\d{2} [A-Z]{3}|[A-Z]{2}\d{2}[A-Z]{3}|[A-Z]{1,2}-\d{2,3}-[A-Z]{3}|[A-Z]{2}-\d{3}-[A-Z]{2}|\d{3}-[A-Z]{3}-\d{2}|[A-Z]{1,2} \d{4} [A-Z]{1,2})$/u

/** The forms of plates: letters and digits in short groups, five to nine of them. */
export const plateForm = (text: string): 0 | 1 | 2 => {
  if (asianPlate.test(text) || (israeliPlate.test(text) && text.replaceAll("-", "").length > 6)) return 2
  const bare = text.replaceAll(/[ -]/g, "")
  if (!/^[A-ZÄÖÜŠŽČĆ0-9]{4,9}$/u.test(bare) || !/[A-ZÄÖÜŠŽČĆ]/u.test(bare)) return 0
  return surePlate.test(text) ? 2 : /\d/.test(bare) || text.includes("-") ? 1 : 0
}

export const isMonthOfExpiry = (text: string): boolean =>
  /^(0?[1-9]|1[0-2]) ?[/-] ?(\d\d|20\d\d)$/.test(text)
  || /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]\d\d(\d\d)?$/i.test(text)

export const isAge = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) <= 120

export const isVerification = (text: string): boolean => /^\d{1,4}$/.test(text)
