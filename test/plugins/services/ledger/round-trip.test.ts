import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as fs from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Json, Ledger } from "../../../../core/index.ts"
import {
  files,
  lastCheckpoint,
  listSessions,
  readRecords,
  readSession,
  verifyLedger,
  verifyNow
} from "../../../../plugins/services/ledger/index.ts"
import { crashCopy, discard, freshFolder, openBench, pause, smallLedger, spelt, written } from "./bench.ts"

let folder: string
beforeEach(() => {
  folder = freshFolder()
})
afterEach(() => discard(folder))

describe("a ledger of files", () => {
  it("gives back what was appended, in order, byte for byte", async () => {
    const ledger = openBench(folder, { segmentBytesMax: 8192 })
    const bodies = fc.sample(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), 300) as Array<
      { [key: string]: Json }
    >
    const logs = ["a", "b \"\u2028"].map((id) => ledger.writer.open(id))
    for (const [i, body] of bodies.entries()) {
      logs[i % 2]!.append("operation", spelt(i, body))
      if (i % 7 === 0) await written(logs[i % 2]!)
    }
    for (const log of logs) log.append("session.end", { reason: "finished" })
    await ledger.close()
    const read = [...readRecords(folder)].filter(({ type }) => type === "operation")
    expect(read.map(({ body }) => JSON.stringify(body))).toEqual(bodies.map((body) => JSON.stringify(body)))
    expect([...readSession(folder, "a")].map(({ n }) => n)).toEqual(Array.from({ length: 151 }, (_, i) => i + 1))
    const report = verifyNow(folder)
    expect(report).toMatchObject({ ok: true, failures: [], findings: [], unsigned: 0, openSessions: [] })
    expect(report.segments).toBeGreaterThan(2)
  })

  it("raises no alarm on clean ledgers, open ones, and copies at any moment", async () => {
    const ledger = openBench(folder, { segmentBytesMax: 4096 })
    const log = ledger.writer.open("s")
    for (let i = 0; i < 60; i++) {
      log.append("operation", { i })
      await written(log)
      if (i % 3 === 0) await pause(2)
      const copy = crashCopy(folder)
      expect(verifyNow(copy).failures).toEqual([])
      discard(copy)
    }
    await ledger.close()
    const report = verifyNow(folder)
    expect(report.failures).toEqual([])
    expect(report.openSessions).toEqual(["s"])
  })

  it("says nothing is pending only once it is written, and calls back in a later turn", async () => {
    const ledger = openBench(folder)
    const log = ledger.writer.open("s")
    let called = false
    log.append("operation", { text: "intent" })
    log.whenWritten(() => called = true)
    expect([log.pending, called]).toEqual([1, false])
    await written(log)
    expect([log.pending, called]).toEqual([0, true])
    expect([...readSession(folder, "s")].map(({ body }) => body["text"])).toEqual(["intent"])
    await ledger.close()
  })

  it("goes on after a stop, closes what a crash left open, and verifies as one", async () => {
    await smallLedger(folder)
    const between = lastCheckpoint(folder)!
    const ledger = openBench(folder)
    const log = ledger.writer.open("left-open")
    log.append("operation", { text: "select 1" })
    await written(log)
    const copy = crashCopy(folder)
    await ledger.close()
    const again = openBench(copy)
    await again.close()
    expect(verifyNow(copy, { checkpoints: [between] })).toMatchObject({ ok: true, openSessions: [] })
    expect([...readSession(copy, "left-open")].at(-1)).toMatchObject({
      type: "session.end",
      body: { reason: "gateway_lost", recovered: true }
    })
    expect([...readRecords(copy)].filter(({ type }) => type === "ledger.recovered")).toHaveLength(1)
    discard(copy)
  })

  it("finds a rollback to an earlier state by any newer checkpoint, and only by one", async () => {
    await smallLedger(folder)
    const earlier = crashCopy(folder)
    const ledger = openBench(folder)
    await ledger.close()
    const newer = lastCheckpoint(folder)!
    expect(verifyNow(earlier).ok).toBe(true)
    const report = verifyNow(earlier, { checkpoints: [newer] })
    expect(report.failures[0]?.message).toContain("rolled back")
    // A fork: another history from the same state, signed by the same key.
    const fork = openBench(earlier)
    const log = fork.writer.open("fork")
    for (let i = 0; i < 5; i++) log.append("operation", { i })
    await fork.close()
    expect(verifyNow(earlier).ok).toBe(true)
    expect(verifyNow(earlier, { checkpoints: [newer] }).failures[0]?.message).toMatch(/not the one of checkpoint 0/)
    discard(earlier)
  })

  it("refuses a second writer, and a key that is not its own", async () => {
    const ledger = openBench(folder)
    expect(() => openBench(folder)).toThrow(/already being written by process/)
    await ledger.close()
    fs.writeFileSync(`${folder}.lock`, JSON.stringify({ host: "elsewhere", pid: 1, started: "" }))
    expect(() => openBench(folder)).toThrow(/process 1 on elsewhere/)
    fs.rmSync(`${folder}.lock`)
    for (const ending of ["key", "pub"]) fs.rmSync(`${folder}.${ending}`)
    expect(() => openBench(folder)).toThrow(/belongs to sluice.ledger/)
    expect(fs.existsSync(`${folder}.lock`)).toBe(false)
    expect(verifyNow(folder, { key: fs.readFileSync(`${folder}.pub`, "utf8") }).failures[0]?.message).toContain(
      "the key"
    )
  })

  it("refuses a version that it does not know, by name", async () => {
    await smallLedger(folder, 1)
    const first = `${folder}/0000000001.log`
    fs.writeFileSync(first, fs.readFileSync(first, "utf8").replace("\"version\":1", "\"version\":2"))
    expect(() => openBench(folder)).toThrow(/version 2, and this program knows version 1/)
  })

  it("keeps its private files private", async () => {
    await smallLedger(folder, 1)
    for (const ending of ["key", "digest"]) expect(fs.statSync(`${folder}.${ending}`).mode & 0o777).toBe(0o600)
  })

  it("summarises sessions", async () => {
    const ledger = openBench(folder)
    const log = ledger.writer.open("s")
    const principal = { subject: "ann", issuer: "i", groups: [], claims: {}, actors: [{ subject: "bot" }] }
    log.append("session.start", { pipeline: "orders", principal })
    const receipt = { reads: ["customers"], writes: [], sinks: [{ sink: "caller", at: "us" }], outcome: "mask" }
    log.append("operation", { exchange: 1, reads: [], writes: [], verdict: "allow", receipt })
    log.append("operation", { exchange: 2, reads: [], writes: [], verdict: { deny: "residency" } })
    log.append("outcome", { exchange: 1, rows: 2, bytes: 30 })
    log.append("session.end", { reason: "idle" })
    await ledger.close()
    const summary = { pipeline: "orders", operations: 2, denials: 1, bytes: 30, rows: 2, reason: "idle" }
    expect(listSessions(folder)).toMatchObject([summary])
    const one = [{ identity: "ann" }, { identity: "bot" }, { dataSet: "customers" }, { zone: "us" }, {
      decision: "mask"
    }]
    for (const filter of [...one, { decision: "deny" }, { from: "2020" }])
      expect(listSessions(folder, filter)).toHaveLength(1)
    const none = [{ identity: "eve" }, { dataSet: "orders" }, { zone: "de" }, { decision: "approve" }, { to: "2020" }]
    for (const filter of none) expect(listSessions(folder, filter)).toHaveLength(0)
  })

  it("is a service that closes with its scope", async () => {
    const config = {
      directory: "audit",
      at: "de",
      sync: "before_forward" as const,
      sync_milliseconds: 100,
      segment_bytes_max: 100_000
    }
    const site = { directory: folder }
    fs.mkdirSync(folder)
    const seen = await Effect.runPromise(
      Effect.gen(function*() {
        const ledger = yield* Ledger
        const log = ledger.open({ id: "s" } as never)
        log.append("operation", {})
        yield* Effect.promise(() => written(log))
        return [
          ledger.at,
          log.pending,
          ledger.digest("x") === ledger.digest("x"),
          ledger.digest("x") === ledger.digest("y")
        ]
      }).pipe(Effect.provide(files.layer(config, site)))
    )
    expect(seen).toEqual(["de", 0, true, false])
    const report = await Effect.runPromise(verifyLedger(`${folder}/audit`))
    expect(report).toMatchObject({ ok: true, unsigned: 0, openSessions: ["s"] })
  })
})
