import { type Disk, nodeDisk } from "../../../../plugins/services/ledger/disk.ts"

export type Call = "open" | "write" | "truncate" | "sync" | "syncNow" | "syncFolder" | "remove" | "rename"

/** A disk whose calls fail as a test says. */
export class FaultyDisk implements Disk {
  readonly calls: Array<Call> = []
  /** Asked before each call: an error code makes it fail, `short` makes a write take only half. */
  fault: (call: Call, nth: number) => string | undefined = () => undefined
  readonly list = (path: string) => nodeDisk.list(path)
  readonly read = (path: string) => nodeDisk.read(path)
  readonly isNamed = (file: number) => nodeDisk.isNamed(file)
  readonly close = (file: number) => nodeDisk.close(file)
  readonly makeFolder = (path: string) => nodeDisk.makeFolder(path)

  open(path: string, flags: "w" | "r+"): number {
    this.check("open")
    return nodeDisk.open(path, flags)
  }

  write(file: number, bytes: Uint8Array, from: number, length: number, position: number): number {
    const fault = this.fault("write", this.count("write"))
    const half = Math.max(1, length >> 1)
    if (fault === "short") return nodeDisk.write(file, bytes, from, half, position)
    if (fault !== undefined) {
      // A failing disk may have taken a part.
      nodeDisk.write(file, bytes, from, half, position)
      throw errorOf(fault)
    }
    return nodeDisk.write(file, bytes, from, length, position)
  }

  truncate(file: number, length: number): void {
    this.check("truncate")
    nodeDisk.truncate(file, length)
  }

  sync(file: number, done: (error: Error | null) => void): void {
    const fault = this.fault("sync", this.count("sync"))
    if (fault === undefined) nodeDisk.sync(file, done)
    else setImmediate(() => done(errorOf(fault)))
  }

  syncNow(file: number): void {
    this.check("syncNow")
    nodeDisk.syncNow(file)
  }

  syncFolder(path: string): void {
    this.check("syncFolder")
    nodeDisk.syncFolder(path)
  }

  remove(path: string): void {
    this.check("remove")
    nodeDisk.remove(path)
  }

  rename(from: string, to: string): void {
    this.check("rename")
    nodeDisk.rename(from, to)
  }

  private check(call: Call): void {
    const fault = this.fault(call, this.count(call))
    if (fault !== undefined) throw errorOf(fault)
  }

  private count(call: Call): number {
    this.calls.push(call)
    return this.calls.length - 1
  }
}

const errorOf = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })
