import * as fs from "node:fs"

/**
 * The file calls that the ledger makes, as a port: tests make each of them fail. All throw as `node:fs` does; `sync`
 * reports through its callback.
 */
export interface Disk {
  /** `w`: made or emptied. `r+`: as it is. */
  open(path: string, flags: "w" | "r+"): number
  /** May write less than asked: the answer says how much. */
  write(file: number, bytes: Uint8Array, from: number, length: number, position: number): number
  truncate(file: number, length: number): void
  /** fdatasync, off the event loop. */
  sync(file: number, done: (error: Error | null) => void): void
  syncNow(file: number): void
  /** Whether the file still has a name: one that was removed takes writes, and nobody will ever read them. */
  isNamed(file: number): boolean
  close(file: number): void
  read(path: string): Uint8Array
  /** Names in a folder, sorted. */
  list(path: string): ReadonlyArray<string>
  remove(path: string): void
  rename(from: string, to: string): void
  makeFolder(path: string): void
  /** Makes new and removed names durable. */
  syncFolder(path: string): void
}

/** The operating system's files. */
export const nodeDisk: Disk = {
  open: (path, flags) => fs.openSync(path, flags, 0o640),
  write: (file, bytes, from, length, position) => fs.writeSync(file, bytes, from, length, position),
  truncate: (file, length) => fs.ftruncateSync(file, length),
  sync: (file, done) => fs.fdatasync(file, done),
  syncNow: (file) => fs.fdatasyncSync(file),
  isNamed: (file) => {
    try {
      return fs.fstatSync(file).nlink > 0
    } catch {
      // A file server says so of a file that was removed there.
      return false
    }
  },
  close: (file) => fs.closeSync(file),
  read: (path) => fs.readFileSync(path),
  list: (path) => fs.readdirSync(path).toSorted(),
  remove: (path) => fs.unlinkSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  makeFolder: (path) => void fs.mkdirSync(path, { recursive: true, mode: 0o750 }),
  syncFolder: (path) => {
    const folder = fs.openSync(path, "r")
    try {
      fs.fsyncSync(folder)
    } finally {
      fs.closeSync(folder)
    }
  }
}
