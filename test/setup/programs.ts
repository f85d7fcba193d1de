import { execFileSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"

/** A program that the tests talk to, as another client of the gateway, and the Debian package that brings it. */
interface Needed {
  readonly what: string
  readonly package: string
  readonly found: () => boolean
}

const NEEDED: ReadonlyArray<Needed> = [
  { what: "a PostgreSQL server with pg_dump", package: "postgresql", found: () => hasServerWithDump() },
  { what: "psql", package: "postgresql-client", found: () => psqlPath() !== undefined },
  { what: "psycopg2 for /usr/bin/python3", package: "python3-psycopg2", found: () => hasPsycopg() },
  { what: "Chromium", package: "chromium", found: () => chromiumPath() !== undefined }
]

/** Where psql is, or undefined. */
export const psqlPath = (): string | undefined =>
  ["/usr/bin/psql", "/usr/local/bin/psql", "/opt/homebrew/bin/psql"].find(existsSync)

/** Where the browser is that shows the approval page, or undefined. */
export const chromiumPath = (): string | undefined =>
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

/** Where a Python is that has psycopg2. */
export const PYTHON = "/usr/bin/python3"

/** The folder of the machine's own PostgreSQL programs, newest first, beside the embedded one. */
export const machinePostgres = (): ReadonlyArray<string> =>
  existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").toSorted((a, b) => Number(b) - Number(a)) : []

const hasServerWithDump = (): boolean =>
  machinePostgres().some((version) =>
    existsSync(`/usr/lib/postgresql/${version}/bin/pg_dump`)
    && existsSync(`/usr/lib/postgresql/${version}/bin/postgres`)
  )
  || existsSync("/opt/homebrew/bin/pg_dump")

const hasPsycopg = (): boolean => {
  try {
    execFileSync(PYTHON, ["-c", "import psycopg2"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/**
 * Sees to it that the programs are there before any test runs: installs what is missing where this is a Debian and we
 * are root; elsewhere says how to get it. No test is skipped for want of a program.
 */
export const setup = (): void => {
  const missing = NEEDED.filter(({ found }) => !found())
  if (missing.length === 0) return
  const packages = missing.map((needed) => needed.package)
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log(`Installing for the tests: ${packages.join(", ")}`)
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore", env })
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { stdio: "ignore", env })
  }
  const still = missing.filter(({ found }) => !found())
  if (still.length === 0) return
  throw new Error(
    `The tests need ${still.map(({ what }) => what).join(" and ")}, to talk to the gateway as other clients do.\n`
      + `On Debian or Ubuntu: sudo apt-get install ${still.map((needed) => needed.package).join(" ")}\n`
      + "On a Mac: brew install libpq psycopg2"
  )
}
