import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { lastCheckpoint } from "../../../../plugins/services/ledger/index.ts"
import { crashCopy, discard, freshFolder, openBench, pause, smallLedger, written } from "./bench.ts"
import { filesOf, tamper, tamperings } from "./tampering.ts"

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url))
const CASES = 12

/** Ways to break the verifier. Each lets some falsified ledger pass, or finds fault with a good one. */
const mutants: ReadonlyArray<readonly [file: string, from: string, to: string]> = [
  ["scan.ts", "`${line}\\n` !== sealLine(batch.length, hash)", "false"],
  ["scan.ts", "position.hash = hash", "position.hash = position.hash"],
  ["scan.ts", "if (record.seq !== seq)", "if (false)"],
  ["scan.ts", "if (record.n !== n)", "if (false)"],
  ["verification.ts", "if (flaw !== undefined) return this.fail", "if (false) return this.fail"],
  ["verification.ts", "this.kept.finish(this.position.seq)", ""],
  ["verification.ts", "return starts.some(", "return true || starts.some("],
  ["verification.ts", "&& digestOf(rest) === tail.sha256", ""],
  ["check-notes.ts", "if (note.previous !== trail.previous)", "if (false)"],
  ["check-notes.ts", "if (seal === undefined) return", "if (seal === undefined) return undefined &&"],
  ["check-notes.ts", "if (seal.hash !== note.hash.toString(\"base64\") || seal.offset !== note.offset)", "if (false)"],
  ["note.ts", "return good ? note", "return true ? note"]
]

let bench: string
let corpus: string

/** Falsified ledgers, each in a folder: of every kind of tampering, and what only someone with care could do. */
const prepare = async (): Promise<void> => {
  const folder = freshFolder()
  await smallLedger(folder, 6)
  const files = filesOf(folder)
  const kept = lastCheckpoint(folder)!
  let cases = 0
  const save = (from: string, checkpoint = kept): void => {
    const place = join(corpus, String(cases++))
    fs.mkdirSync(place)
    fs.cpSync(from, join(place, "ledger"), { recursive: true })
    fs.copyFileSync(`${from}.pub`, join(place, "ledger.pub"))
    fs.writeFileSync(join(place, "checkpoint"), checkpoint)
  }
  let state = 7
  const random = (): number => (state = Math.imul(state, 1_103_515_245) + 12_345 & 0x7fffffff) / 0x80000000
  for (const tampering of tamperings) {
    for (let i = 0; i < CASES; i++) {
      const changes = tampering.apply(files, random)
      if (changes === undefined) continue
      const restore = tamper(folder, changes)
      save(folder)
      restore()
    }
  }
  await prepareForks(folder, save)
  await prepareLies(save)
  await prepareFine(save)
  discard(folder)
}

/** Histories that are each consistent, and are not the same. */
const prepareForks = async (folder: string, save: (from: string, checkpoint?: string) => void): Promise<void> => {
  const fork = crashCopy(folder)
  for (const each of [folder, fork]) {
    const ledger = openBench(each)
    ledger.writer.open(each).append("operation", { text: each })
    await ledger.close()
  }
  save(folder, lastCheckpoint(fork))
  save(fork, lastCheckpoint(folder))
  // The checkpoints of one with the records of the other.
  const last = Math.max(...fs.readdirSync(fork).map((name) => Number.parseInt(name)))
  const notes = `${String(last).padStart(10, "0")}.notes`
  fs.copyFileSync(join(fork, notes), join(folder, notes))
  save(folder, "")
  discard(fork)
}

/** What only one check can see, and no checkpoint of the auditor's own helps with. */
const prepareFine = async (save: (from: string, checkpoint?: string) => void): Promise<void> => {
  const place = freshFolder()
  const ledger = openBench(place)
  const log = ledger.writer.open("s")
  for (let i = 0; i < 5; i++) {
    log.append("operation", { i })
    await pause(15)
  }
  const torn = crashCopy(place)
  await ledger.close()
  save(place, "GOOD")
  const [records, notes] = ["0000000001.log", "0000000001.notes"] as const
  const files = filesOf(place)
  const linesOf = (name: string): ReadonlyArray<string> => files.get(name)!.toString().split(/(?<=\n)/)
  const lie = (name: string, text: string): void => {
    expect(text).not.toBe(files.get(name)!.toString())
    const restore = tamper(place, new Map([[name, Buffer.from(text)]]))
    save(place, "")
    restore()
  }
  const signed = linesOf(notes)
  lie(notes, signed.slice(8).join(""))
  lie(notes, signed.map((line, i) => i === signed.length - 4 ? line.replace("time 2", "time 1") : line).join(""))
  lie(records, linesOf(records).slice(0, -2).join(""))
  lie(records, `${linesOf(records).join("")}x`)
  discard(place)
  await prepareUnsigned(save)
  // A torn end that the next start found, changed afterwards.
  fs.appendFileSync(join(torn, records), "{\"seq\":9")
  const again = openBench(torn)
  await again.close()
  save(torn, "GOOD")
  const bytes = fs.readFileSync(join(torn, records))
  bytes[bytes.length - 1]! ^= 1
  fs.writeFileSync(join(torn, records), bytes)
  save(torn, "")
  discard(torn)
}

/** Ledgers whose writer lied: seals and signatures are right, and what they cover is not. */
const prepareLies = async (save: (from: string, checkpoint?: string) => void): Promise<void> => {
  const lies = ["seq", "n"] as const
  for (const lie of lies) {
    const place = freshFolder()
    const ledger = openBench(place)
    const log = ledger.writer.open("s")
    log.append("operation", {})
    // A record that claims another place: inserted into what waits, behind the writer's back.
    const { rests } = ledger.writer as unknown as { rests: Array<string> }
    if (lie === "n") rests[0] = rests[0]!.replace("\"n\":1", "\"n\":2")
    else rests[0] = `0${rests[0]!}`
    await ledger.close()
    save(place, lastCheckpoint(place))
    discard(place)
  }
}

/** A record changed behind the last checkpoint: only its seal tells. */
const prepareUnsigned = async (save: (from: string, checkpoint?: string) => void): Promise<void> => {
  const place = freshFolder()
  const ledger = openBench(place, { checkpointMilliseconds: 3_600_000 })
  const log = ledger.writer.open("s")
  await pause(20)
  log.append("operation", { text: "true" })
  await written(log)
  const crashed = crashCopy(place)
  await ledger.close()
  save(crashed, "GOOD")
  const file = join(crashed, "0000000001.log")
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("\"text\":\"true\"", "\"text\":\"lies\""))
  save(crashed, "")
  for (const each of [place, crashed]) discard(each)
}

/** How many of the ledgers a verifier judges wrongly. */
const misjudged = (root: string): number => {
  const script = `
    const { verifyNow } = await import(${JSON.stringify(join(root, "plugins/services/ledger/verify.ts"))})
    const fs = await import("node:fs")
    let wrong = 0
    for (const name of fs.readdirSync(${JSON.stringify(corpus)})) {
      const place = ${JSON.stringify(corpus)} + "/" + name
      const kept = fs.readFileSync(place + "/checkpoint", "utf8")
      let ok = false
      try { ok = verifyNow(place + "/ledger", { checkpoints: kept.length > 4 ? [kept] : [] }).ok } catch {}
      if (ok !== (kept === "GOOD")) wrong++
    }
    console.log(wrong)`
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }))
}

beforeAll(async () => {
  bench = fs.mkdtempSync(join(tmpdir(), "sluice-mutants-"))
  corpus = join(bench, "corpus")
  fs.mkdirSync(corpus)
  for (const shared of ["core", "node_modules", "package.json"]) fs.symlinkSync(join(ROOT, shared), join(bench, shared))
  await prepare()
}, 120_000)
afterAll(() => fs.rmSync(bench, { recursive: true, force: true }))

describe("a verifier", () => {
  it("that is whole judges every ledger rightly", () => {
    expect(fs.readdirSync(corpus).length).toBeGreaterThan(100)
    expect(misjudged(ROOT)).toBe(0)
  })

  it.each(mutants)("that is broken is found out: %s without %s", (file, from, to) => {
    const room = join(bench, "plugins/services/ledger")
    fs.rmSync(room, { recursive: true, force: true })
    fs.cpSync(join(ROOT, "plugins/services/ledger"), room, { recursive: true })
    const source = fs.readFileSync(join(room, file), "utf8")
    expect(source.split(from)).toHaveLength(2)
    fs.writeFileSync(join(room, file), source.replace(from, () => to))
    expect(misjudged(bench)).toBeGreaterThan(0)
  })
})
