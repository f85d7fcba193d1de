/**
 * The kind that a column's name suggests, for a first draft that a person goes over; undefined when it suggests none.
 * English names, and the commonest of other languages. The first that fits counts, so the narrower stand first.
 */
export const guessKind = (column: string): string | undefined => {
  const words = column.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
  return guesses.find(([pattern]) => pattern.test(words))?.[1]
}

const guesses: ReadonlyArray<readonly [pattern: RegExp, kind: string]> = [
  [/(^|_)(password|passwd|pwd|secret|token|api_?key|private_?key|hash|salt|otp|pin)(_|$)/, "secret"],
  [/(^|_)e?_?mail(_?(address|addr))?(_|$|\d)|email/, "email"],
  [/(^|_)ip(v[46])?(_?(address|addr))?(_|$)|(^|_)(remote|client)_addr(_|$)/, "ip"],
  [/(^|_)(ssn|social_security(_number|_no)?)(_|$)/, "us_ssn"],
  [
    /(^|_)(passport|national_id|nin|tax_?id|vat(_?(id|number))?|steuer_?(id|nummer)|nif|dni|licen[cs]e_?no)(_|$)/,
    "national_id"
  ],
  [/(^|_)(iban|bank_?account|account_(no|number)|kontonummer)(_|$)/, "iban"],
  [/(^|_)(card(_?(no|num|number))?|pan|credit_?card|cvv|cvc)(_|$)/, "card"],
  [/(^|_)(phone|telephone|tel|mobile|cell|fax|telefon|handy)(_?(no|num|number))?(_|$|\d)/, "phone"],
  [/(^|_)(dob|date_of_birth|birth_?(date|day)|geburtsdatum|geburtstag)(_|$)/, "date_of_birth"],
  [
    /(^|_)(address|addr|street|strasse|city|town|zip(_?code)?|post(al)?_?code|plz|ort|house_?(no|number))(_|$|\d)/,
    "address"
  ],
  [
    /^((full|first|last|middle|given|family|maiden|sur|fore|user|display|contact|customer|vor|nach)_?)?name$/,
    "name"
  ],
  [/(^|_)(notes?|comments?|message|body|description|remarks?|bemerkung|memo|free_?text)(_|$)/, "free_text"]
]
