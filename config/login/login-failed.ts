/** Why there is no token, in words for the person at the terminal: never a token, never what an issuer sent. */
export class LoginFailed extends Error {
  override readonly name = "LoginFailed"
}

/** Text from elsewhere, safe to print: no control or formatting characters, and not without end. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "·").slice(0, 512)
