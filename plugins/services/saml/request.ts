import * as Effect from "effect/Effect"
import { hash, randomBytes } from "node:crypto"
import type { PluginError, State } from "../../../core/index.ts"

const SPACE = "saml"
/** How long people may take to log in. */
const PATIENCE_MILLISECONDS = 600_000

const untilOf = (kept: string | undefined): number => {
  const parsed: unknown = kept === undefined ? undefined : JSON.parse(kept)
  return Number((parsed as { readonly until?: unknown } | undefined)?.until ?? 0)
}
const entry = (until: number): string => JSON.stringify({ v: 1, until })

/** Requests that wait for their response, and assertions that were used. In the state: a restart forgets none. */
export class Requests {
  private readonly state: State["Service"]

  constructor(state: State["Service"]) {
    this.state = state
  }

  /** A new request: its ID, kept until it is answered. */
  begin(now: number): Effect.Effect<string, PluginError> {
    const id = `_${randomBytes(20).toString("hex")}`
    const next = entry(now + PATIENCE_MILLISECONDS)
    return this.state.update(SPACE, `request/${id}`, () => ({ next, result: id }))
  }

  /** Whether `id` was asked for and is answered now for the first time. */
  consume(id: string, now: number): Effect.Effect<boolean, PluginError> {
    if (!/^_[0-9a-f]{40}$/.test(id)) return Effect.succeed(false)
    return this.state.update(SPACE, `request/${id}`, (kept) => ({ next: undefined, result: untilOf(kept) > now }))
  }

  /** Whether the assertion comes for the first time. It is remembered until `until`, when it has expired anyway. */
  spend(assertion: string, until: number): Effect.Effect<boolean, PluginError> {
    const key = `assertion/${hash("sha256", assertion, "hex")}`
    return this.state.update(SPACE, key, (kept) => ({ next: kept ?? entry(until), result: kept === undefined }))
  }

  /** Forgets what is over. */
  tidy(now: number): Effect.Effect<void, PluginError> {
    return Effect.flatMap(this.state.list(SPACE, ""), (entries) =>
      Effect.forEach(
        entries.filter(([, kept]) => untilOf(kept) <= now),
        ([key]) =>
          this.state.update(SPACE, key, (kept) => ({
            next: untilOf(kept) <= now ? undefined : kept,
            result: undefined
          })),
        { discard: true }
      ))
  }
}
