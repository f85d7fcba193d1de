import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Deny, deny, type Proof } from "../../../core/index.ts"
import { type Revocation, takesBack } from "./entry.ts"
import type { Source } from "./source.ts"

export interface WatchOptions {
  readonly sources: ReadonlyArray<Source>
  /** Whether a token is still active, where the issuer is asked. */
  readonly isActive: ((token: Redacted.Redacted) => Effect.Effect<boolean, string>) | undefined
  readonly askMilliseconds: number
  /** For how long sessions go on while it cannot be known whether they may. */
  readonly staleMilliseconds: number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

interface Watched {
  readonly proof: Proof
  readonly end: (denial: Deny) => void
}

const LOOK_MILLISECONDS = 200
const ASKED_AT_ONCE_MAX = 16

/**
 * Looks, for ever, at what was taken back, and ends the sessions that rest on it.
 *
 * Every source is read whole and often; that is cheap, and there is no notice that could be missed. While a source
 * cannot be read nobody comes in, and after `staleMilliseconds` nobody stays.
 */
export class Watch {
  private readonly options: WatchOptions
  private readonly watched = new Set<Watched>()
  private revoked: ReadonlyArray<Revocation> = []
  private trouble: string | undefined = "it has not been read yet"
  private knownAt: number

  constructor(options: WatchOptions) {
    this.options = options
    this.knownAt = options.now()
  }

  watch(proof: Proof, end: (denial: Deny) => void): () => void {
    const entry: Watched = { proof, end }
    this.watched.add(entry)
    return () => void this.watched.delete(entry)
  }

  /** Reads every source now: what was taken back a moment ago must not come in. */
  check(proof: Proof): Effect.Effect<Deny | undefined> {
    return Effect.suspend(() => {
      const { isActive, sources } = this.options
      const asked: Effect.Effect<boolean, string> = isActive === undefined || proof.token === undefined
        ? Effect.succeed(true)
        : isActive(proof.token)
      return Effect.all([Effect.forEach(sources, (source) => source), asked], { concurrency: "unbounded" }).pipe(
        Effect.map(([lists, active]) =>
          active ? refusalOf(lists.flat().find((one) => takesBack(one, proof))) : inactive()
        ),
        Effect.catch(() => Effect.succeed<Deny | undefined>(unknowable()))
      )
    })
  }

  /** Reads the sources once, for whoever opens the service: they must be good at the start. */
  readonly look: Effect.Effect<void, string> = Effect.suspend(() =>
    Effect.forEach(this.options.sources, (source) => source).pipe(
      Effect.map((lists) => {
        this.revoked = lists.flat()
        this.trouble = undefined
        this.knownAt = this.options.now()
      }),
      Effect.tapError((reason) => Effect.sync(() => this.trouble = reason))
    )
  )

  /** Never ends. */
  readonly lookForEver: Effect.Effect<never> = Effect.suspend(() => Effect.ignore(this.look)).pipe(
    Effect.andThen(Effect.suspend(() => Effect.sync(() => this.endRevoked()))),
    Effect.andThen(Effect.sleep(LOOK_MILLISECONDS)),
    Effect.forever
  )

  /** Never ends. Asks about each token once a round, however many sessions it opened. */
  readonly askForEver: Effect.Effect<never> = Effect.suspend(() => {
    const { askMilliseconds, isActive } = this.options
    if (isActive === undefined) return Effect.never
    const unanswered = new Map<string, number>()
    const round = Effect.suspend(() => {
      const tokens = Map.groupBy(
        [...this.watched].filter(({ proof }) => proof.token !== undefined),
        ({ proof }) => Redacted.value(proof.token!)
      )
      for (const token of unanswered.keys()) if (!tokens.has(token)) unanswered.delete(token)
      return Effect.forEach(
        tokens,
        ([token, sessions]) =>
          isActive(Redacted.make(token)).pipe(
            Effect.map((active) => {
              unanswered.delete(token)
              return active ? undefined : inactive()
            }),
            Effect.catch(() => Effect.sync(() => this.missed(token, unanswered))),
            Effect.map((denial) => {
              if (denial !== undefined) { for (const session of sessions) this.end(session, denial) }
            })
          ),
        { concurrency: ASKED_AT_ONCE_MAX, discard: true }
      )
    })
    return Effect.forever(Effect.andThen(round, Effect.sleep(askMilliseconds)))
  })

  private missed(token: string, unanswered: Map<string, number>): Deny | undefined {
    const now = this.options.now()
    const since = unanswered.get(token)
    if (since === undefined) unanswered.set(token, now)
    return since !== undefined && now - since > this.options.staleMilliseconds ? unknowable() : undefined
  }

  private endRevoked(): void {
    const stale = this.trouble !== undefined && this.options.now() - this.knownAt > this.options.staleMilliseconds
    for (const session of this.watched) {
      const found = this.revoked.find((one) => takesBack(one, session.proof))
      const denial = found === undefined ? stale ? unknowable() : undefined : refusalOf(found)
      if (denial !== undefined) this.end(session, denial)
    }
  }

  private end(session: Watched, denial: Deny): void {
    if (this.watched.delete(session)) session.end(denial)
  }
}

const refusalOf = (found: Revocation | undefined): Deny | undefined => {
  if (found === undefined) return undefined
  const why = found.reason === undefined ? "" : ` Reason given: ${found.reason}`
  return found.session === undefined
    ? deny("revoked", `What proved who is calling was taken back.${why}`, {
      hint: "Log in with a token that was issued since, or ask who took it back."
    })
    : deny("ended", `The session was ended by its operator.${why}`, { hint: "Connect again, if you may." })
}

const inactive = (): Deny =>
  deny("revoked", "The issuer says that the token is not active any more.", { hint: "Get a new token." })

const unknowable = (): Deny =>
  deny("identity_unavailable", "It cannot be known now whether the token was taken back.", {
    hint: "Try again soon. The gateway's log says what is wrong."
  })
