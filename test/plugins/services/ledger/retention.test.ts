import * as fs from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { digestOf, nextHash, sealLine } from "../../../../plugins/services/ledger/chain.ts"
import { lastCheckpoint, readRecords, verifyNow } from "../../../../plugins/services/ledger/index.ts"
import { recordLine, recordRest } from "../../../../plugins/services/ledger/record.ts"
import { startOf } from "../../../../plugins/services/ledger/recover.ts"
import { stubText } from "../../../../plugins/services/ledger/stub.ts"
import { crashCopy, discard, freshFolder, openBench, pause, smallLedger } from "./bench.ts"

const DAY = 86_400_000

let folder: string
beforeEach(async () => {
  folder = freshFolder()
  await smallLedger(folder)
})
afterEach(() => discard(folder))

/** How many segments are gone, once any are. Whenever one looks, all is well. */
const deletedInTime = async (): Promise<number> => {
  for (let tries = 0; tries < 1000; tries++) {
    await pause(2)
    const { deleted, failures } = verifyNow(folder)
    expect(failures).toEqual([])
    if (deleted > 0) return deleted
  }
  return 0
}

it("deletes what nobody wishes to keep, whole segments, and leaves a stub that the ledger names", async () => {
  const checkpoint = lastCheckpoint(folder)!
  for (const round of [1, 2]) {
    const before = verifyNow(folder)
    const ledger = openBench(folder, { segmentBytesMax: 2500 })
    const log = ledger.writer.open(`r${round}`)
    log.append("session.end", {})
    ledger.retention.wish(2)
    ledger.retention.sweep(Date.now() + 1 * DAY)
    await pause(20)
    expect(verifyNow(folder).deleted).toBe(before.deleted)
    ledger.retention.sweep(Date.now() + 3 * DAY)
    await pause(20)
    await ledger.close()
    const after = verifyNow(folder)
    expect(after).toMatchObject({ ok: true, failures: [] })
    expect(after.deleted).toBeGreaterThan(before.deleted)
    expect(after.segments).toBeLessThan(before.segments + 1)
    expect(fs.readdirSync(folder).filter((name) => name.endsWith(".stub"))).toHaveLength(1)
  }
  expect(verifyNow(folder, { checkpoints: [checkpoint] }).ok).toBe(true)
  expect([...readRecords(folder)].filter(({ type }) => type === "ledger.deleted").length).toBeGreaterThan(0)
})

it("keeps everything while someone wishes to keep it for ever, and before anyone wished anything", async () => {
  const ledger = openBench(folder)
  ledger.retention.sweep(Date.now() + 1000 * DAY)
  ledger.retention.wish(1)
  const withdraw = ledger.retention.wish(undefined)
  ledger.retention.sweep(Date.now() + 1000 * DAY)
  await pause(20)
  expect(verifyNow(folder).deleted).toBe(0)
  withdraw()
  ledger.retention.sweep(Date.now() + 1000 * DAY)
  expect(await deletedInTime()).toBeGreaterThan(0)
  await ledger.close()
})

it("finds a stub that was changed, forged, or removed", async () => {
  const ledger = openBench(folder)
  ledger.retention.wish(1)
  ledger.retention.sweep(Date.now() + 3 * DAY)
  await pause(20)
  await ledger.close()
  expect(verifyNow(folder).ok).toBe(true)
  const name = fs.readdirSync(folder).find((file) => file.endsWith(".stub"))!
  const bytes = fs.readFileSync(`${folder}/${name}`)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    fs.writeFileSync(`${folder}/${name}`, changed)
    expect(verifyNow(folder).ok, `byte ${at}`).toBe(false)
  }
  fs.rmSync(`${folder}/${name}`)
  expect(verifyNow(folder).failures[0]?.message).toContain("missing")
})

/** Deletes the first segment as retention would, and writes down that it did: with every hash right, and no key. */
const deleteByHand = (folder: string): void => {
  const read = (segment: number, kind: string): Buffer => fs.readFileSync(`${folder}/000000000${segment}.${kind}`)
  const { header, position } = startOf(read(2, "log"), "2")
  const stub = stubText({
    format: "sluice/ledger/stub",
    version: 1,
    last: 1,
    seq: position.seq,
    hash: position.hash.toString("hex"),
    checkpoint: header.checkpoint,
    segments: [{
      segment: 1,
      first: 1,
      log: digestOf(read(1, "log")),
      notes: digestOf(read(1, "notes")),
      deleted: "2026-01-01T00:00:00.000Z"
    }]
  })
  const last = fs.readdirSync(folder).filter((name) => name.endsWith(".log")).length
  const log = `${folder}/000000000${last}.log`
  const own = [...readRecords(folder)].findLast(({ session }) => session === "ledger")!
  const seq = [...readRecords(folder)].at(-1)!.seq + 1
  const body = JSON.stringify({ last: 1, sha256: digestOf(stub) })
  const rest = recordRest("\"ledger\"", own.n + 1, own.at, own.us, "\"ledger.deleted\"", body) as string
  const line = recordLine(seq, rest)
  const before = Buffer.from(/"hash":"(\w+)"}\n$/.exec(fs.readFileSync(log, "utf8"))![1]!, "hex")
  fs.appendFileSync(log, `${line}${sealLine(1, nextHash(before, Buffer.from(line)))}`)
  fs.writeFileSync(`${folder}/0000000001.stub`, stub)
  for (const kind of ["log", "notes"]) fs.rmSync(`${folder}/0000000001.${kind}`)
}

it("finds a deletion that nobody with the key wrote down", () => {
  deleteByHand(folder)
  expect(verifyNow(folder).failures[0]?.message).toContain("no record under a checkpoint names this stub")
})

it("deletes nothing before a checkpoint covers the record that says so", async () => {
  const ledger = openBench(folder, { checkpointMilliseconds: 3_600_000 })
  ledger.retention.wish(1)
  ledger.retention.sweep(Date.now() + 3 * DAY)
  expect(await deletedInTime()).toBeGreaterThan(0)
  await ledger.close()
})

it("lets a deletion that a crash interrupted be seen, and finishes it", async () => {
  const before = crashCopy(folder)
  const ledger = openBench(folder)
  ledger.retention.wish(1)
  ledger.retention.sweep(Date.now() + 3 * DAY)
  await pause(20)
  await ledger.close()
  for (const name of ["0000000001.log", "0000000001.notes"]) fs.copyFileSync(`${before}/${name}`, `${folder}/${name}`)
  const report = verifyNow(folder)
  expect(report.failures).toEqual([])
  expect(report.findings.map(({ message }) => message)).toContain("the segment was to be deleted, and still is here")
  fs.appendFileSync(`${folder}/0000000001.log`, "x")
  expect(verifyNow(folder).failures[0]?.message).toContain("not the one that was deleted")
  const again = openBench(folder)
  again.retention.sweep(Date.now())
  await again.close()
  expect(verifyNow(folder)).toMatchObject({ ok: true })
  expect(fs.existsSync(`${folder}/0000000001.log`)).toBe(false)
  discard(before)
})
