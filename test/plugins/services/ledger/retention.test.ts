import * as fs from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { lastCheckpoint, readRecords, verifyNow } from "../../../../plugins/services/ledger/index.ts"
import { crashCopy, discard, freshFolder, openBench, pause, smallLedger } from "./bench.ts"

const DAY = 86_400_000

let folder: string
beforeEach(async () => {
  folder = freshFolder()
  await smallLedger(folder)
})
afterEach(() => discard(folder))

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
  await pause(20)
  expect(verifyNow(folder).deleted).toBeGreaterThan(0)
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
