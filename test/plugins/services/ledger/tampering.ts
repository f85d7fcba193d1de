import * as fs from "node:fs"
import { join } from "node:path"

/** A way to falsify the files of a ledger. */
export interface Tampering {
  readonly name: string
  /** Says which files to write (undefined: to delete), or nothing when it would change nothing. */
  readonly apply: (
    files: ReadonlyMap<string, Buffer>,
    random: () => number
  ) => Map<string, Buffer | undefined> | undefined
}

export const filesOf = (folder: string): Map<string, Buffer> =>
  new Map(fs.readdirSync(folder).toSorted().map((name) => [name, fs.readFileSync(join(folder, name))]))

/** Falsifies a folder; returns what puts it back, or undefined when nothing changed. */
export const tamper = (folder: string, changes: ReadonlyMap<string, Buffer | undefined>): () => void => {
  const before = filesOf(folder)
  for (const [name, bytes] of changes) {
    if (bytes === undefined) fs.rmSync(join(folder, name))
    else fs.writeFileSync(join(folder, name), bytes)
  }
  return () => {
    for (const name of changes.keys()) {
      const bytes = before.get(name)
      if (bytes === undefined) fs.rmSync(join(folder, name))
      else fs.writeFileSync(join(folder, name), bytes)
    }
  }
}

type OnBytes = (bytes: Buffer, below: (limit: number) => number) => Buffer | undefined

/** A tampering with the bytes of one file, chosen at random. */
const onBytes = (name: string, change: OnBytes): Tampering => ({
  name,
  apply: (files, random) => {
    const below = (limit: number): number => Math.floor(random() * limit)
    const [file, bytes] = [...files][below(files.size)]!
    const changed = bytes.length === 0 ? undefined : change(bytes, below)
    return changed === undefined || changed.equals(bytes) ? undefined : new Map([[file, changed]])
  }
})

const linesOf = (bytes: Buffer): Array<string> => bytes.toString("latin1").split(/(?<=\n)/)
const joined = (lines: ReadonlyArray<string>): Buffer => Buffer.from(lines.join(""), "latin1")

/** A tampering with the lines of one file: records, seals, or parts of checkpoints. */
const onLines = (name: string, change: (lines: Array<string>, below: (limit: number) => number) => void): Tampering =>
  onBytes(name, (bytes, below) => {
    const lines = linesOf(bytes)
    change(lines, below)
    return joined(lines)
  })

export const tamperings: ReadonlyArray<Tampering> = [
  onBytes("flip a bit", (bytes, below) => {
    const copy = Buffer.from(bytes)
    const at = below(copy.length)
    copy[at]! ^= 1 << below(8)
    return copy
  }),
  onBytes("change a byte", (bytes, below) => {
    const copy = Buffer.from(bytes)
    copy[below(copy.length)] = below(256)
    return copy
  }),
  onBytes("delete bytes", (bytes, below) => {
    const at = below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(20))])
  }),
  onBytes("insert bytes", (bytes, below) => {
    // Never `{` or `s` at the very end: there a crash may have left the beginning of a record or of a checkpoint.
    const at = below(bytes.length + 1)
    const byte = at < bytes.length ? below(256) : 0x20 + below(0x40)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)])
  }),
  onBytes("truncate", (bytes, below) => Buffer.from(bytes.subarray(0, below(bytes.length)))),
  onBytes("swap bytes", (bytes, below) => {
    const copy = Buffer.from(bytes)
    const [a, b] = [below(copy.length), below(copy.length)]
    const held = copy[a]!
    copy[a] = copy[b]!
    copy[b] = held
    return copy
  }),
  onLines("delete a line", (lines, below) => void lines.splice(below(lines.length), 1)),
  onLines("duplicate a line", (lines, below) => {
    const at = below(lines.length)
    lines.splice(below(lines.length + 1), 0, lines[at]!)
  }),
  onLines("swap lines", (lines, below) => {
    const [a, b] = [below(lines.length), below(lines.length)]
    const held = lines[a]!
    lines[a] = lines[b]!
    lines[b] = held
  }),
  onLines("delete the last lines", (lines, below) => void lines.splice(below(lines.length))),
  {
    name: "delete a file",
    apply: (files, random) => new Map([[[...files.keys()][Math.floor(random() * files.size)]!, undefined]])
  },
  {
    name: "swap two files",
    apply: (files, random) => {
      const names = [...files.keys()]
      const [a, b] = [names[Math.floor(random() * names.length)]!, names[Math.floor(random() * names.length)]!]
      return files.get(a)!.equals(files.get(b)!) ? undefined : new Map([[a, files.get(b)], [b, files.get(a)]])
    }
  },
  {
    name: "cut everything back to an earlier segment",
    apply: (files, random) => {
      const from = 2 + Math.floor(random() * (files.size / 2 - 1))
      const late = [...files.keys()].filter((name) => Number.parseInt(name) >= from)
      return new Map(late.map((name) => [name, undefined]))
    }
  },
  {
    name: "add a file",
    apply: (_files, random) => new Map([[random() < 0.5 ? "notes.txt" : "0000000099.log", Buffer.from("x")]])
  }
]
