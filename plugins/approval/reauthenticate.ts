import * as Effect from "effect/Effect"
import type { Login, Principal, Session, Tokens } from "../../core/index.ts"

const SECRET_BYTES_MAX = 16_384

/** The token that a session was opened with, as far as a login shows one. */
export const tokenOf = ({ method, secret }: Login): string | undefined => {
  if (method === "certificate" || secret === undefined) return undefined
  if (secret.length === 0 || secret.length > SECRET_BYTES_MAX) return undefined
  return Buffer.from(secret.buffer, secret.byteOffset, secret.length).toString("latin1")
}

/** Whether the token verifies now. What is no token, such as a password of another identity plugin's, does not. */
export const isProven = (
  tokens: Tokens["Service"],
  token: string | undefined,
  session: Session
): Effect.Effect<boolean> =>
  token === undefined
    ? Effect.succeed(false)
    : tokens.verify(token, session.now()).pipe(Effect.match({ onFailure: () => false, onSuccess: () => true }))

/** Why whoever asked may not have it any more, or undefined. A token that verified once must do so again. */
export const reauthenticate = (
  tokens: Tokens["Service"],
  token: string | undefined,
  session: Session,
  { expiresAt }: Principal,
  proven: boolean
): Effect.Effect<string | undefined> => {
  if (expiresAt !== undefined && session.now() >= expiresAt) {
    return Effect.succeed("The token expired while the operation waited.")
  }
  if (!proven) return Effect.succeed(undefined)
  return Effect.map(
    isProven(tokens, token, session),
    (still) => still ? undefined : "The token is not accepted any more: it was revoked while the operation waited."
  )
}
