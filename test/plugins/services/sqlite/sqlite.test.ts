import * as Effect from "effect/Effect"
import fc from "fast-check"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Worker } from "node:worker_threads"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import type { State } from "../../../../core/index.ts"
import { FORMATS } from "../../../../plugins/services/sqlite/formats.ts"
import { sqlite } from "../../../../plugins/services/sqlite/index.ts"
import { openDatabase } from "../../../../plugins/services/sqlite/open-database.ts"
import { sqliteError } from "../../../../plugins/services/sqlite/sqlite-error.ts"
import { failureOf, openService } from "../../../fixtures/service.ts"

const directory = mkdtempSync(join(tmpdir(), "state-"))
afterAll(() => rmSync(directory, { recursive: true }))
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

let files = 0
const fresh = (): string => join(directory, `state-${++files}.db`)
const open = async (path: string): Promise<State["Service"]> => {
  const { service, close } = await openService(sqlite, { path }, directory)
  closing.push(close)
  return service
}
const put = (state: State["Service"], space: string, key: string, next: string | undefined) =>
  Effect.runPromise(state.update(space, key, (current) => ({ next, result: current })))
const count = (current: string | undefined) => {
  const next = Number(current ?? 0) + 1
  return { next: String(next), result: next }
}

describe("entries", () => {
  it("keeps, replaces, deletes and answers what the change answers", async () => {
    const state = await open(fresh())
    expect(await put(state, "a", "k", "1")).toBeUndefined()
    expect(await put(state, "a", "k", "2")).toBe("1")
    expect(await Effect.runPromise(state.read("a", "k"))).toBe("2")
    expect(await Effect.runPromise(state.read("b", "k"))).toBeUndefined()
    expect(await put(state, "a", "k", undefined)).toBe("2")
    expect(await Effect.runPromise(state.read("a", "k"))).toBeUndefined()
  })
  it("writes nothing when the change throws, and says so without quoting", async () => {
    const state = await open(fresh())
    await put(state, "a", "k", "canary")
    const error = await failureOf(state.update("a", "k", (current) => {
      throw new Error(`on ${current}`)
    }))
    expect(error.message).toContain("threw")
    expect(error.message).not.toContain("canary")
    expect(await put(state, "a", "k", "after")).toBe("canary")
  })
  it("refuses text that would come back as another", async () => {
    const state = await open(fresh())
    for (const bad of ["a\0b", "\ud800", "x".repeat(1025)]) {
      expect((await failureOf(state.read("a", bad))).message).toContain("does not keep")
      expect((await failureOf(state.list(bad, ""))).message).toContain("does not keep")
    }
    expect((await failureOf(state.update("a", "k", () => ({ next: "\0", result: 1 })))).message).toContain("NUL")
    expect(await Effect.runPromise(state.read("a", "k"))).toBeUndefined()
  })
  it("behaves like a map, for any names and values", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 6 }).map((t) => t.replaceAll("\0", "0"))
    const name = fc.oneof(fc.constantFrom("", "a", "ab", "a%", "a_", "'", "é", "𝄞", "\uffff"), text)
    const step = fc.tuple(fc.constantFrom("s", "t"), name, fc.option(text, { nil: undefined }))
    const state = await open(fresh())
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), name, async (steps, prefix) => {
        const id = ++run
        const model = new Map<string, string>()
        for (const [space, key, next] of steps) {
          await put(state, `${space}${id}`, key, next)
          if (space !== "s") continue
          if (next === undefined) model.delete(key)
          else model.set(key, next)
        }
        const expected = [...model].filter(([key]) => key.startsWith(prefix)).toSorted(([a], [b]) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b))
        )
        expect(await Effect.runPromise(state.list(`s${id}`, prefix))).toEqual(expected)
      }),
      { numRuns: 1000 }
    )
  }, 60_000)
})

describe("updates", () => {
  const race = async (path: string, how: "service" | "torn", times: number): Promise<Array<number>> => {
    const workers = [1, 2].map(() =>
      new Promise<Array<number>>((resolve, reject) => {
        const worker = new Worker(new URL("./counter.ts", import.meta.url), { workerData: { path, times, how } })
        worker.once("message", resolve)
        worker.once("error", reject)
      })
    )
    return (await Promise.all(workers)).flat().toSorted((a, b) => a - b)
  }
  const all = (times: number): Array<number> => Array.from({ length: 2 * times }, (_, i) => i + 1)

  it("are linearizable between connections: nobody gets a number that another got", async () => {
    const path = fresh()
    await open(path)
    expect(await race(path, "service", 300)).toEqual(all(300))
  }, 60_000)
  it("(the mutant that reads without the lock is caught)", async () => {
    const path = fresh()
    await open(path)
    expect(await race(path, "torn", 3000)).not.toEqual(all(3000))
  }, 60_000)
  it("are linearizable between the fibers of one gateway", async () => {
    const state = await open(fresh())
    const updates = Array.from({ length: 200 }, () => state.update("s", "k", count))
    const got = await Effect.runPromise(Effect.all(updates, { concurrency: "unbounded" }))
    expect(got.toSorted((a, b) => a - b)).toEqual(all(100))
  })
  it("wait for another process, and give up with its name for it", async () => {
    const path = fresh()
    const state = await open(path)
    const other = new DatabaseSync(path)
    other.exec("begin immediate")
    setTimeout(() => other.exec("commit"), 300)
    expect(await put(state, "s", "k", "1")).toBeUndefined()
    other.exec("begin immediate")
    const error = await failureOf(state.update("s", "k", count))
    other.exec("rollback")
    other.close()
    expect(error.message).toContain("locked by another process")
  }, 30_000)
  it("that were answered outlive a kill", async () => {
    const path = fresh()
    const child = spawn(process.execPath, [join(import.meta.dirname, "crasher.ts"), path])
    let said = ""
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        said += String(chunk)
        if (said.split("\n").length > 50) child.kill("SIGKILL")
      })
      child.once("close", () => resolve())
    })
    const answered = Number(said.trimEnd().split("\n").at(-1))
    expect(answered).toBeGreaterThan(48)
    const kept = Number(await Effect.runPromise((await open(path)).read("s", "k")))
    expect(kept === answered || kept === answered + 1).toBe(true)
  }, 60_000)
})

describe("the file", () => {
  it("is its owner's alone, and what stands beside it too", async () => {
    const path = fresh()
    writeFileSync(path, "", { mode: 0o644 })
    const state = await open(path)
    await put(state, "s", "k", "1")
    for (const name of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600)
  })
  it("of a newer format is refused by both numbers, and left as it is", async () => {
    const path = fresh()
    openDatabase(path, [...FORMATS, "select 1", "select 1"]).close()
    await expect(open(path)).rejects.toThrow(
      `format ${FORMATS.length + 2}, and this version knows formats up to ${FORMATS.length}`
    )
    openDatabase(path, [...FORMATS, "select 1", "select 1"]).close()
  })
  it("of an older format is brought up to date, keeping what it holds", async () => {
    const path = fresh()
    await put(await open(path), "s", "k", "1")
    const newer = openDatabase(path, [...FORMATS, "alter table entry add column since integer"])
    expect(newer.prepare("select * from entry").all()).toEqual([{ space: "s", key: "k", value: "1", since: null }])
    newer.close()
  })
  it("is left at its format when a step fails", async () => {
    const path = fresh()
    await put(await open(path), "s", "k", "1")
    expect(() => openDatabase(path, [...FORMATS, "create table more (a) strict; nonsense"])).toThrow()
    expect(await Effect.runPromise((await open(path)).read("s", "k"))).toBe("1")
  })
  it("of another program is refused and not touched", async () => {
    const path = fresh()
    const other = new DatabaseSync(path)
    other.exec("create table theirs (a)")
    other.close()
    await expect(open(path)).rejects.toThrow("another program's database")
  })
  it("that is no database is refused and not touched", async () => {
    const path = fresh()
    writeFileSync(path, "precious text, but no database. ".repeat(100))
    await expect(open(path)).rejects.toThrow("not an SQLite database")
    expect(readFileSync(path, "utf8")).toContain("precious")
  })
  it("that is damaged is refused", async () => {
    const path = fresh()
    const { service, close } = await openService(sqlite, { path }, directory)
    for (let i = 0; i < 200; i++) await put(service, "s", `key-${i}`, "v".repeat(200))
    await close()
    const bytes = readFileSync(path)
    bytes.fill(0xa5, 8192, 16384)
    writeFileSync(path, bytes)
    await expect(open(path)).rejects.toThrow("is damaged")
  })
  it("in no folder, or as a folder, is refused with the remedy", async () => {
    await expect(open(join(directory, "no/such/state.db"))).rejects.toThrow("ENOENT")
    await expect(open(directory)).rejects.toThrow("EISDIR")
  })
  it("that cannot be written is said to be so", () => {
    const path = fresh()
    openDatabase(path).close()
    const database = new DatabaseSync(path, { readOnly: true })
    let thrown: unknown
    try {
      database.exec("insert into entry values ('s', 'k', 'v')")
    } catch (cause) {
      thrown = cause
    }
    database.close()
    expect(sqliteError(path, thrown).message).toContain("cannot be written to")
  })
})
