import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import { type PluginError, pluginError } from "../../../core/index.ts"

/** The text of a file that holds secrets, or why it is not read. */
export type ReadFile = (path: string) => Effect.Effect<string, PluginError>

const FILE_BYTES_MAX = 1_048_576
const CACHED_MAX = 256
const WORLD = 0o007
const FILE_TYPE = 0o170000
const REGULAR = 0o100000

interface Cached {
  readonly stamp: string
  readonly text: string
}

/**
 * Reads files of secrets, each again only when it changed. Refused: what is no regular file, more than 1 MiB, or open
 * to every user of the machine. Mode and text are of the same open file, so it cannot be swapped in between.
 */
export const makeFileReader = (): ReadFile => {
  const cache = new Map<string, Cached>()
  return (path) =>
    Effect.tryPromise({
      try: async () => {
        await using handle = await open(path, "r")
        const { mode, size, ino, mtimeNs, ctimeNs } = await handle.stat({ bigint: true })
        const fault = faultOf(Number(mode), size)
        if (fault !== undefined) return pluginError("file", `${path} ${fault}`)
        const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
        const known = cache.get(path)
        if (known?.stamp === stamp) return known.text
        const text = await handle.readFile("utf8")
        if (cache.size >= CACHED_MAX) cache.clear()
        cache.set(path, { stamp, text })
        return text
      },
      catch: (cause) => pluginError("file", `${path} cannot be read (${(cause as { code?: string }).code ?? "error"}).`)
    }).pipe(Effect.flatMap((read) => typeof read === "string" ? Effect.succeed(read) : Effect.fail(read)))
}

const faultOf = (mode: number, size: bigint): string | undefined => {
  if ((mode & FILE_TYPE) !== REGULAR) return "is not a file."
  if (size > FILE_BYTES_MAX) return "is longer than 1 MiB."
  return process.platform !== "win32" && (mode & WORLD) !== 0
    ? "is open to every user of this machine, so what it holds is no secret. Take that away: chmod o-rwx."
    : undefined
}
