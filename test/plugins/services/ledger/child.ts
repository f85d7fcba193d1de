import { openBench } from "./bench.ts"
import * as fs from "node:fs"

/** A writer that works until it is killed, and says on its output which records are acknowledged. */
const [folder, sync, run] = process.argv.slice(2) as [string, "interval" | "before_forward", string]
const ledger = openBench(folder, { sync, segmentBytesMax: 20_000, checkpointMilliseconds: 20 })

const work = (name: string, i: number): void => {
  const log = ledger.writer.open(name)
  const next = (n: number): void => {
    log.append("operation", { n, text: "select ".padEnd(n % 400, "x") })
    log.whenWritten(() => {
      fs.writeSync(1, `${name} ${n}\n`)
      if (n === 40) log.append("session.end", { reason: "finished" })
      if (n === 40) work(`${run}-${i + 4}`, i + 4)
      else next(n + 1)
    })
  }
  next(1)
}
for (let i = 0; i < 4; i++) work(`${run}-${i}`, i)
