import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readRecords } from "../../plugins/services/ledger/index.ts"
import { Live } from "../fixtures/live.ts"
import { dpo, hold, optionsOf, timesRun, until, virginia } from "./approvals-bench.ts"

const isRoot = process.getuid?.() === 0
let live: Live
let disk: string
beforeAll(async () => {
  const options = optionsOf("approvers: [dpo], within_seconds: 60")
  // Nothing records the operation itself: only what is kept of approvals stands between a yes and the upstream.
  const plugins = options.plugins!.filter((plugin) => !plugin.includes("recording"))
  live = await Live.start({ ...options, plugins })
  if (!isRoot) return
  await live.down()
  disk = live.ledger
  rmSync(disk, { recursive: true })
  mkdirSync(disk)
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk])
  await live.up()
}, 60_000)
afterAll(async () => {
  await live?.down("SIGKILL")
  if (disk !== undefined) execFileSync("umount", [disk])
  await live?.stop()
})

/** Leaves no page free. */
const fill = (): void => {
  for (const size of [65_536, 4096]) {
    for (let i = 0;; i++) {
      try {
        writeFileSync(join(disk, `filler-${size}-${i}`), Buffer.alloc(size))
      } catch {
        break
      }
    }
  }
}

const clear = (): unknown => execFileSync("sh", ["-c", `rm ${disk}/filler-*`])

describe("a ledger whose disk is full", () => {
  it.runIf(isRoot)(
    "lets nothing run by a yes that it could not record, and all goes on once there is room",
    async () => {
      const psql = await hold(live, virginia, "select 'disk full', name from customers")
      const id = await psql.id
      fill()
      expect((await live.approvals(dpo, "approve", id, "--reason", "y".repeat(20_000))).status).toBe(0)
      const { status, stderr, stdout } = await psql.done
      expect([status === 0, stdout]).toEqual([expect.any(Boolean), ""])
      expect(stderr).toMatch(/\((approval_unavailable|timeout)\)/)
      const asked = await live.psql(virginia, "select 'disk full still', name from customers", "-At")
      expect(asked.stdout).toBe("")
      expect(asked.stderr).not.toBe("")
      clear()
      const steps = () =>
        [...readRecords(disk)].filter(({ body, type }) => type === "approval" && body["request"] === id)
          .map(({ body }) => body["step"])
      // What happened meanwhile is made up for, once.
      await until(() => steps().some((step) => step === "used" || step === "void"))
      expect(new Set(steps()).size).toBe(steps().length)
      expect(timesRun(live, "'disk full")).toBe(0)
      const again = await hold(live, virginia, "select 'room again', name from customers")
      expect((await live.approvals(dpo, "approve", await again.id)).status).toBe(0)
      expect((await again.done).stdout).toContain("|Ada")
      await live.down()
      const verified = await live.command("audit", "verify", disk)
      expect(verified.status, verified.stdout + verified.stderr).toBe(0)
    },
    90_000
  )
})
