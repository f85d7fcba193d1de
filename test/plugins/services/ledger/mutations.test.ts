import * as fc from "fast-check"
import * as fs from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { lastCheckpoint, verifyNow } from "../../../../plugins/services/ledger/index.ts"
import { crashCopy, discard, freshFolder, openBench, smallLedger } from "./bench.ts"
import { filesOf, tamper, tamperings } from "./tampering.ts"

const RUNS = Number(process.env["LEDGER_MUTATIONS"] ?? 10_500)

let folder: string
let key: string
let checkpoint: string
let files: ReadonlyMap<string, Buffer>

beforeAll(async () => {
  folder = freshFolder()
  await smallLedger(folder, 8)
  key = fs.readFileSync(`${folder}.pub`, "utf8")
  checkpoint = lastCheckpoint(folder)!
  files = filesOf(folder)
})
afterAll(() => discard(folder))

/** Numbers between 0 and 1 from a seed (mulberry32). */
const randomFrom = (seed: number) => (): number => {
  seed = seed + 0x6d2b79f5 | 0
  let t = Math.imul(seed ^ seed >>> 15, 1 | seed)
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t
  return ((t ^ t >>> 14) >>> 0) / 2 ** 32
}

describe("a falsified ledger", () => {
  it("is clean to begin with, and has several segments and checkpoints", () => {
    const report = verifyNow(folder, { key, checkpoints: [checkpoint] })
    expect(report).toMatchObject({ ok: true, findings: [] })
    expect(report.segments).toBeGreaterThan(2)
    expect(report.checkpoints).toBeGreaterThan(3)
  })

  it(`is found out whatever is changed in whatever file (${RUNS} times)`, () => {
    const counts = new Map<string, number>()
    fc.assert(
      fc.property(fc.integer(), fc.nat(tamperings.length - 1), (seed, which) => {
        const tampering = tamperings[which]!
        const changes = tampering.apply(files, randomFrom(seed))
        if (changes === undefined) return true
        counts.set(tampering.name, (counts.get(tampering.name) ?? 0) + 1)
        const restore = tamper(folder, changes)
        try {
          const report = verifyNow(folder, { key, checkpoints: [checkpoint] })
          return !report.ok && report.failures[0]!.message.length > 0
        } finally {
          restore()
        }
      }),
      { numRuns: RUNS, seed: 20_261_122 }
    )
    expect([...counts.keys()].toSorted()).toEqual(tamperings.map(({ name }) => name).toSorted())
    expect(verifyNow(folder, { key, checkpoints: [checkpoint] }).ok).toBe(true)
  }, 300_000)

  it("is found out at every single byte of its first and its last segment, without any checkpoint of one's own", () => {
    const names = [...files.keys()]
    for (const name of [names[0]!, names[1]!, ...names.slice(-2)]) {
      const bytes = Buffer.from(files.get(name)!)
      for (let at = 0; at < bytes.length; at++) {
        bytes[at]! ^= 1
        fs.writeFileSync(`${folder}/${name}`, bytes)
        const report = verifyNow(folder, { key })
        bytes[at]! ^= 1
        // The newline behind the last checkpoint: without it that checkpoint was cut off, which a crash may do.
        if (report.ok && !(name === names.at(-1) && at === bytes.length - 1)) throw new Error(`${name} at ${at}`)
      }
      fs.writeFileSync(`${folder}/${name}`, bytes)
    }
  }, 300_000)

  it("is named where the first thing is wrong", () => {
    const name = [...files.keys()][2]!
    const lines = files.get(name)!.toString("latin1").split(/(?<=\n)/)
    const target = lines.findIndex((line, i) => i > 8 && line.startsWith("{\"seq\":"))
    const index = lines.slice(0, target).filter((line) => line.startsWith("{\"seq\":")).length
    const offset = lines.slice(0, target).join("").length
    lines[target] = lines[target]!.replace("\"n\":", "\"n\" :")
    const restore = tamper(folder, new Map([[name, Buffer.from(lines.join(""), "latin1")]]))
    const [failure] = verifyNow(folder, { key }).failures
    restore()
    expect(failure).toMatchObject({ file: name, index, offset, message: expect.stringContaining("canonical") })
  })
})

describe("a torn end", () => {
  it("is a finding at every byte, sealed by the next start, and loses nothing acknowledged", async () => {
    const place = freshFolder()
    const ledger = openBench(place, { checkpointMilliseconds: 3_600_000 })
    const log = ledger.writer.open("s")
    for (const text of ["kept", "torn"]) {
      log.append("operation", { text })
      await new Promise<void>((resolve) => log.whenWritten(resolve))
    }
    const copy = crashCopy(place)
    await ledger.close()
    discard(place)
    const whole = fs.readFileSync(`${copy}/0000000001.log`)
    const from = whole.lastIndexOf("{\"seq\":")
    for (let cut = from; cut < whole.length; cut++) {
      fs.writeFileSync(`${copy}/0000000001.log`, whole.subarray(0, cut))
      const torn = verifyNow(copy)
      expect([torn.failures, torn.findings.length > 0]).toEqual([[], true])
      const again = openBench(copy)
      await again.close()
      const report = verifyNow(copy)
      expect(report.failures).toEqual([])
      expect(report.findings.filter(({ message }) => message.includes("count no more"))).toHaveLength(
        cut > from ? 1 : 0
      )
      for (const file of fs.readdirSync(copy)) if (!file.startsWith("0000000001")) fs.rmSync(`${copy}/${file}`)
    }
    discard(copy)
  })
})
