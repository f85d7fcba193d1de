import type { Credential } from "./login.ts"

/**
 * The credential that a secret of the form `user:password` is. The first colon splits; both are taken as they stand,
 * with nothing decoded and nothing trimmed. Undefined when there is no colon, no user, or a control character: a secret
 * that was cut or pasted wrong should fail here, not at the upstream.
 */
export const parseCredential = (text: string): Credential | undefined => {
  const colon = text.indexOf(":")
  if (colon < 1 || /\p{Cc}/u.test(text)) return undefined
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
