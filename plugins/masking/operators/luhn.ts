/** Whether the digits in `text`, 12 to 19 of them, pass the check of card numbers (ISO/IEC 7812-1, annex B). */
export const passesLuhn = (text: string): boolean => {
  let sum = 0
  let digits = 0
  for (let i = text.length - 1; i >= 0; i--) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) continue
    const double = digit * 2
    sum += digits++ % 2 === 0 ? digit : double > 9 ? double - 9 : double
  }
  return digits >= 12 && digits <= 19 && sum % 10 === 0
}
