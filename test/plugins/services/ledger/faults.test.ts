import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readSession, verifyNow } from "../../../../plugins/services/ledger/index.ts"
import { discard, freshFolder, openBench, pause, spelt, written } from "./bench.ts"
import { FaultyDisk } from "./faulty-disk.ts"

let folder: string
beforeEach(() => {
  folder = freshFolder()
})
afterEach(() => discard(folder))

/** Writes a while through `disk`; says how many records were acknowledged. */
const work = async (disk: FaultyDisk, sync: "interval" | "before_forward"): Promise<number> => {
  const ledger = openBench(folder, { disk, sync, segmentBytesMax: 1500 })
  const log = ledger.writer.open("s")
  let acknowledged = 0
  for (let i = 0; i < 6; i++) {
    const body = spelt(i, { i, text: "x".repeat(200) })
    log.append("operation", body)
    // Bytes are a loan: whoever lent them writes over them.
    if (body instanceof Uint8Array) body.fill(0)
    await written(log)
    acknowledged = i + 1
    await pause(1)
  }
  await ledger.close()
  return acknowledged
}

const check = (acknowledged: number, what: string): void => {
  const report = verifyNow(folder)
  expect(report.failures, what).toEqual([])
  const kept = [...readSession(folder, "s")].map(({ body }) => body["i"])
  expect(kept, what).toEqual(Array.from({ length: acknowledged }, (_, i) => i))
}

describe.each(["interval", "before_forward"] as const)("a ledger on a failing disk, sync: %s", (sync) => {
  it("survives any one call failing, in any place, and verifies", async () => {
    const calm = new FaultyDisk()
    await work(calm, sync)
    discard(folder)
    const places = calm.calls.length + 6
    let failed = 0
    for (let place = 0; place < places; place++) {
      folder = freshFolder()
      const code = ["EIO", "ENOSPC", "EROFS"][place % 3]!
      const disk = new FaultyDisk()
      disk.fault = (_call, nth) => nth === place ? (failed++, code) : undefined
      const what = (): string => `${code} at ${disk.calls[place]} ${place}`
      const acknowledged = await work(disk, sync)
      // Where closing itself fails, what was acknowledged is in the file all the same.
      check(acknowledged, what())
      discard(folder)
    }
    expect(failed).toBeGreaterThan(20)
  })

  it("survives writes and taking them back failing together, again and again", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const disk = new FaultyDisk()
      let state = seed
      disk.fault = () => {
        state = Math.imul(state, 1_103_515_245) + 12_345 & 0x7fffffff
        return state % 5 === 0 ? (state >> 8) % 3 === 0 ? "short" : "EIO" : undefined
      }
      const acknowledged = await work(disk, sync)
      check(acknowledged, `seed ${seed}`)
      discard(folder)
      folder = freshFolder()
    }
  })

  it("writes the whole batch when the disk takes it in pieces", async () => {
    const disk = new FaultyDisk()
    disk.fault = (call, nth) => call === "write" && nth % 2 === 0 ? "short" : undefined
    check(await work(disk, sync), "short")
  })
})

describe("a full disk", () => {
  it.each(["ENOSPC", "EROFS", "EIO", "EDQUOT"])(
    "stops what depends on it, says so, and resumes by itself (%s)",
    async (code) => {
      const disk = new FaultyDisk()
      const ledger = openBench(folder, { disk })
      const log = ledger.writer.open("s")
      log.append("operation", { i: 0 })
      await written(log)
      disk.fault = (call) => call === "write" ? code : undefined
      let resumed = false
      log.append("operation", { i: 1 })
      log.whenWritten(() => resumed = true)
      await pause(60)
      expect([log.pending, resumed]).toEqual([1, false])
      expect(log.trouble).toMatch(/^the ledger's /)
      expect(ledger.writer.open("other").trouble).toBe(log.trouble)
      disk.fault = () => undefined
      while (!resumed) await pause(5)
      expect([log.pending, log.trouble]).toEqual([0, undefined])
      await ledger.close()
      check(2, code)
    }
  )

  it("refuses records past its limit, ends their session, and says how many were lost", async () => {
    const disk = new FaultyDisk()
    const ledger = openBench(folder, { disk, waitingMax: 1000 })
    const [log, other] = [ledger.writer.open("s"), ledger.writer.open("other")]
    disk.fault = (call) => call === "write" ? "ENOSPC" : undefined
    for (let i = 0; i < 20; i++) log.append("operation", spelt(i, { i, text: "y".repeat(100) }))
    expect(log.trouble).toContain("could not be kept")
    disk.fault = () => undefined
    other.append("operation", { i: 0 })
    while (ledger.writer.trouble !== undefined || other.pending > 0) await pause(5)
    expect([log.pending > 0, other.trouble === undefined]).toEqual([true, true])
    await ledger.close()
    expect(verifyNow(folder).failures).toEqual([])
  })
})

describe("a sync that fails once and then says it is well", () => {
  it("loses nothing: what was not durable is written again, to a new segment", async () => {
    const disk = new FaultyDisk()
    const ledger = openBench(folder, { disk, sync: "before_forward" })
    const log = ledger.writer.open("s")
    await pause(20)
    let once = true
    disk.fault = (call) => call === "sync" && once ? (once = false, "EIO") : undefined
    const segments = verifyNow(folder).segments
    log.append("operation", { i: 0 })
    await written(log)
    expect(once).toBe(false)
    await ledger.close()
    expect(verifyNow(folder).segments).toBe(segments + 1)
    check(1, "sync")
  })
})
