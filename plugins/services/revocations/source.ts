import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, stat } from "node:fs/promises"
import type { State } from "../../../core/index.ts"
import { type Revocation, REVOCATION_SPACE, RevocationList } from "./entry.ts"

/** Everything that is taken back, as it stands now, or why that is not known. */
export type Source = Effect.Effect<ReadonlyArray<Revocation>, string>

const FILE_BYTES_MAX = 16_777_216

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(RevocationList), { onExcessProperty: "error" })

const listIn = (what: string, text: string): Effect.Effect<ReadonlyArray<Revocation>, string> =>
  Effect.try({
    try: () => decode(text).revoked,
    catch: () => `${what} is no list of revocations: \`{"version": 1, "revoked": [{"subject": …, "at": …}]}\``
  })

/** What the state holds: left there by `sluice sessions end`, on any machine that shares it. */
export const fromState = (state: State["Service"]): Source =>
  Effect.suspend(() => state.list(REVOCATION_SPACE, "")).pipe(
    Effect.mapError(({ message }) => message),
    Effect.flatMap(Effect.forEach(([key, value]) => listIn(`the state's entry ${key}`, value))),
    Effect.map((lists) => lists.flat())
  )

/** A list in a file that someone else keeps. Read again when it changed; a broken one is trouble, not an empty one. */
export const fromFile = (path: string): Source => {
  let seen = ""
  let list: ReadonlyArray<Revocation> = []
  return Effect.gen(function*() {
    const now = yield* attempt(path, async () => {
      const { ctimeNs, ino, mtimeNs, size } = await stat(path, { bigint: true })
      if (size > FILE_BYTES_MAX) throw new Error("longer than 16 MiB")
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
    })
    if (now === seen) return list
    list = yield* listIn(path, yield* attempt(path, () => readFile(path, "utf8")))
    seen = now
    return list
  })
}

const attempt = <A>(path: string, read: () => Promise<A>): Effect.Effect<A, string> =>
  Effect.tryPromise({
    try: read,
    catch: (cause) => `${path} cannot be read: ${(cause as { code?: string }).code ?? (cause as Error).message}`
  })
