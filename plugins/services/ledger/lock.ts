import * as fs from "node:fs"
import { hostname } from "node:os"

/** Who holds a ledger's folder. */
interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process started, so that another process with the same number is not taken for it; empty if unknown. */
  readonly started: string
}

/**
 * Takes `<folder>.lock`, so that a ledger has one writer; returns what gives it back. A lock whose process is gone is
 * taken over; one of another host never is. Throws an error that says who holds it.
 */
export const takeLock = (folder: string): () => void => {
  const path = `${folder}.lock`
  const mine = JSON.stringify({ host: hostname(), pid: process.pid, started: startOf(process.pid) } satisfies Holder)
  for (let attempt = 0; attempt < 3; attempt++) {
    if (place(path, mine)) return () => void (fs.readFileSync(path, "utf8") === mine && fs.unlinkSync(path))
    removeStale(path)
  }
  throw new Error(`The ledger ${folder} is being opened by others at the same time; try again`)
}

/** The lock appears with its content or not at all, so that a crash leaves no lock that names nobody. */
const place = (path: string, content: string): boolean => {
  const fresh = `${path}.${process.pid}.new`
  fs.writeFileSync(fresh, content, { flush: true })
  try {
    fs.linkSync(fresh, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    return false
  } finally {
    fs.unlinkSync(fresh)
  }
}

const removeStale = (path: string): void => {
  const found = fs.readFileSync(path, "utf8")
  const holder = parse(found)
  if (holder === undefined || holder.host !== hostname() || isAlive(holder)) {
    const who = holder === undefined ? "someone" : `process ${holder.pid} on ${holder.host}`
    throw new Error(
      `The ledger is already being written by ${who}: one folder has one writer. `
        + `Give each gateway a folder of its own; if that process is surely gone, delete ${path}`
    )
  }
  // Two may find the same stale lock; what was moved away must be what was found, or it is given back.
  const aside = `${path}.${process.pid}`
  fs.renameSync(path, aside)
  const moved = fs.readFileSync(aside, "utf8")
  if (moved !== found) fs.linkSync(aside, path)
  fs.unlinkSync(aside)
}

const parse = (text: string): Holder | undefined => {
  try {
    const holder = JSON.parse(text)
    return typeof holder?.host === "string" && Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    return undefined
  }
}

const isAlive = (holder: Holder): boolean => {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false
  }
  const started = startOf(holder.pid)
  return holder.started === "" || started === "" || holder.started === started
}

/** The machine's boot and the tick in it at which a process started, where the system tells (Linux, proc(5)). */
const startOf = (pid: number): string => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const tick = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
    return `${fs.readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${tick}`
  } catch {
    return ""
  }
}
