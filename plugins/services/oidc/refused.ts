import type { TokenRefused } from "../../../core/index.ts"

/** A token that is not accepted. `message` is shown to whoever sent it: it never quotes the token. */
export const refused = (code: TokenRefused["code"], message: string): TokenRefused => ({
  _tag: "TokenRefused",
  code,
  message
})
