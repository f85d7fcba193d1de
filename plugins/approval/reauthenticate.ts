import * as Effect from "effect/Effect"
import {
  type Deny,
  deny,
  type Login,
  type Principal,
  type Revocations,
  type Session,
  tokenOf,
  type Tokens
} from "../../core/index.ts"
import { proofOf } from "./proof.ts"

/** What a session was opened with: its token, as far as a login shows one, and when that was. */
export interface Opening {
  readonly token: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

export const openingOf = (login: Login, session: Session): Opening => ({ token: tokenOf(login), at: session.now() })

/**
 * Whether the token must verify when the operation is released: it does now, or that cannot be known now. What is no
 * token, such as a password of another identity plugin's, need not.
 */
export const isProven = (
  tokens: Tokens["Service"],
  { token }: Opening,
  session: Session
): Effect.Effect<boolean> =>
  token === undefined
    ? Effect.succeed(false)
    : tokens.verify(token, session.now()).pipe(
      Effect.match({ onFailure: ({ _tag }) => _tag === "PluginError", onSuccess: () => true })
    )

export interface Authorities {
  readonly tokens: Tokens["Service"]
  readonly revocations: Revocations["Service"]
}

/**
 * Why whoever asked may not have it any more, or undefined. A token that verified once must do so again, and nothing of
 * what the session rests on may have been taken back: whoever watches for that may be told a moment later.
 */
export const reauthenticate = (
  { revocations, tokens }: Authorities,
  opening: Opening,
  session: Session,
  principal: Principal,
  proven: boolean
): Effect.Effect<Deny | undefined> =>
  Effect.gen(function*() {
    const { expiresAt } = principal
    if (expiresAt !== undefined && session.now() >= expiresAt) {
      return expired("The token expired while the operation waited.")
    }
    const verified = proven
      ? yield* tokens.verify(opening.token!, session.now()).pipe(Effect.catch(() => Effect.succeed(undefined)))
      : undefined
    if (proven && verified === undefined) {
      return expired("The token is not accepted any more: it was revoked while the operation waited.")
    }
    return yield* revocations.check(proofOf(session.id, principal, { ...opening, verified }))
  })

const expired = (message: string): Deny => deny("expired", message, { hint: "Connect again with a fresh token." })
