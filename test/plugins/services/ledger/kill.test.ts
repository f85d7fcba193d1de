import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { readRecords, verifyNow } from "../../../../plugins/services/ledger/index.ts"
import { discard, freshFolder, openBench } from "./bench.ts"

const KILLS = Number(process.env["LEDGER_KILLS"] ?? 20)
const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url))

/** Runs a writer, kills it after it worked for a while, and gives what it said was acknowledged. */
const runAndKill = (folder: string, sync: string, run: number, milliseconds: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, folder, sync, String(run)], { stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    let wrong = ""
    let timer: NodeJS.Timeout | undefined
    child.stderr.on("data", (chunk) => wrong += chunk)
    child.stdout.on("data", (chunk) => {
      said += chunk
      timer ??= setTimeout(() => child.kill("SIGKILL"), milliseconds)
    })
    child.on("close", (_code, signal) => {
      clearTimeout(timer)
      if (signal === "SIGKILL") resolve(said.split("\n").slice(0, -1))
      else reject(new Error(wrong))
    })
  })

it.each(["interval", "before_forward"])(`loses nothing acknowledged in ${KILLS} kills, sync: %s`, async (sync) => {
  const folder = freshFolder()
  const acknowledged = new Set<string>()
  for (let run = 0; run < KILLS; run++) {
    for (const line of await runAndKill(folder, sync, run, run * 13 % 97)) acknowledged.add(line)
    expect(verifyNow(folder).failures).toEqual([])
  }
  const ledger = openBench(folder)
  await ledger.close()
  const report = verifyNow(folder)
  expect(report).toMatchObject({ failures: [], openSessions: [], unsigned: 0 })
  const kept = new Set<string>()
  for (const { body, session, type } of readRecords(folder))
    if (type === "operation") kept.add(`${session} ${Number(body["n"])}`)
  expect(acknowledged.size).toBeGreaterThan(KILLS)
  expect([...acknowledged].filter((line) => !kept.has(line))).toEqual([])
  discard(folder)
}, 300_000)
