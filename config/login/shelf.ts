import { createHash, randomUUID } from "node:crypto"
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { LoginFailed } from "./login-failed.ts"
import type { LoginTarget } from "./login-target.ts"

/** What came of a login, as it lies on the shelf. */
export interface Kept {
  readonly version: 1
  readonly target: LoginTarget
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly refreshToken?: string
}

const FILE_BYTES_MAX = 262_144
/** A lock this old was left behind: no issuer is waited for that long. */
const LOCK_MILLISECONDS_MAX = 60_000

/** `$XDG_STATE_HOME/sluice`, else `~/.local/state/sluice` (XDG Base Directory Specification 0.8). */
export const shelfFolder = (environment: NodeJS.ProcessEnv = process.env): string => {
  const base = environment["XDG_STATE_HOME"]
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".local/state"), "sluice")
}

/**
 * Where a person's logins are kept: a folder that is theirs alone (0700), a file for each (0600), put in place in one
 * step. What others own, or could read or write, is refused.
 */
export class Shelf {
  readonly folder: string

  constructor(folder: string = shelfFolder()) {
    this.folder = folder
  }

  /** What is kept for a login. */
  async read({ issuer, clientId }: Pick<LoginTarget, "issuer" | "clientId">): Promise<Kept | undefined> {
    return await this.readFile(this.pathOf({ issuer, clientId }))
  }

  /** Every login that is kept. */
  async all(): Promise<ReadonlyArray<Kept>> {
    const names = await readdir(this.folder).catch(() => [])
    const read = names.filter((name) => /^login-[0-9a-f]{32}\.json$/.test(name))
      .map((name) => this.readFile(join(this.folder, name)))
    return (await Promise.all(read)).filter((kept) => kept !== undefined)
  }

  async write(kept: Kept): Promise<void> {
    await this.prepare()
    const path = this.pathOf(kept.target)
    const fresh = `${path}.${randomUUID()}.new`
    const file = await open(fresh, "wx", 0o600)
    try {
      await file.writeFile(JSON.stringify(kept))
      await file.sync()
      await file.close()
      await rename(fresh, path)
    } catch (cause) {
      await file.close().catch(() => {})
      await rm(fresh, { force: true })
      throw cause
    }
  }

  async remove(target: LoginTarget): Promise<void> {
    await rm(this.pathOf(target), { force: true })
  }

  /** Does `work` while no other process does the same for this login: a refresh token may be used once only. */
  async alone<A>(target: LoginTarget, work: () => Promise<A>): Promise<A> {
    await this.prepare()
    const lock = `${this.pathOf(target)}.lock`
    for (;;) {
      const file = await open(lock, "wx", 0o600).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== "EEXIST") throw cause
        return undefined
      })
      if (file !== undefined) {
        await file.close()
        break
      }
      const since = await stat(lock).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)
      if (since > LOCK_MILLISECONDS_MAX) await rm(lock, { force: true })
      else await sleep(50)
    }
    try {
      return await work()
    } finally {
      await rm(lock, { force: true })
    }
  }

  private pathOf({ issuer, clientId }: Pick<LoginTarget, "issuer" | "clientId">): string {
    const name = createHash("sha256").update(JSON.stringify([issuer, clientId])).digest("hex").slice(0, 32)
    return join(this.folder, `login-${name}.json`)
  }

  private async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const found = await lstat(this.folder)
    if (!found.isDirectory() || !isOurs(found.uid)) {
      throw new LoginFailed(`${this.folder} is not a folder of yours: remove it, or set XDG_STATE_HOME.`)
    }
    if ((found.mode & 0o077) !== 0) await chmod(this.folder, 0o700)
  }

  private async readFile(path: string): Promise<Kept | undefined> {
    const found = await lstat(path).catch(() => undefined)
    if (found === undefined) return undefined
    const exposed = process.platform !== "win32" && (found.mode & 0o077) !== 0
    if (!found.isFile() || !isOurs(found.uid) || exposed || found.size > FILE_BYTES_MAX) {
      throw new LoginFailed(`${path} is not a file that only you can read: remove it and log in again.`)
    }
    const kept = parse(await readFile(path, "utf8"))
    if (kept === undefined) throw new LoginFailed(`${path} is no kept login: remove it and log in again.`)
    return kept
  }
}

const isOurs = (uid: number): boolean => process.getuid === undefined || uid === process.getuid()

const parse = (text: string): Kept | undefined => {
  try {
    const value = JSON.parse(text) as Kept
    const { expiresAt, target, token, version } = value
    const texts = [token, target.issuer, target.clientId, target.scope].every((one) => typeof one === "string")
    const purposes = [target.resource, target.audience].every((one) => one === undefined || typeof one === "string")
    return version === 1 && texts && purposes && typeof expiresAt === "number" ? value : undefined
  } catch {
    return undefined
  }
}
