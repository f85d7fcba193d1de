import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { clerk, shop } from "../fixtures/shop.ts"
import { WireClient } from "../fixtures/wire-client.ts"

/** Disks that fill up, files that are changed while all runs, clients that never read, and the end of the process. */
let live: Live
let token: string
const pipeline = "    limits: { idle_seconds: 2, sessions_max: 20 }"
beforeAll(async () => {
  live = await Live.start({ ...shop, pipeline })
})
afterAll(() => live?.stop())
beforeEach(async () => {
  token = await live.token(clerk)
})
afterEach(async () => {
  if (live.process!.exitCode !== null || live.process!.signalCode !== null) await live.up()
})

const login = () => WireClient.login(live.port, token)
const insert = (sku: string): Uint8Array => say.query(`insert into scratch values ('${sku}', 1)`)
const kept = async (sku: string): Promise<number> =>
  live.direct(async (client) => (await client.query("select from scratch where sku = $1", [sku])).rows.length)
const whenLogged = async (pattern: RegExp, from: number): Promise<string> => {
  for (let i = 0; i < 200; i++) {
    const text = live.log.slice(from).join("\n")
    if (pattern.test(text)) return text
    await sleep(50)
  }
  throw new Error(`Never logged ${pattern}:\n${live.log.slice(from).join("\n")}`)
}

/** Resident memory of the gateway, in MiB. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${live.process!.pid}/status`, "utf8"))![1]) / 1024

describe("a client that", () => {
  it("asks nothing for too long is told so", async () => {
    const wire = await login()
    expect(await wire.gone(15_000)).toBe(true)
    expect(wire.errors.join()).toMatch(/^FATAL 57P05 /)
  })
  it.runIf(existsSync("/proc/self/status"))("never reads a large answer costs no memory", async () => {
    for (let i = 0; i < 3; i++) await live.as(clerk, (client) => client.query("select repeat('x', 1000000)"))
    const before = memory()
    const readers = await Promise.all(Array.from({ length: 5 }, login))
    for (const { socket } of readers) socket.pause()
    for (const reader of readers) {
      reader.send(say.query("select repeat('x', 1000) from generate_series(1, 1000000)"))
    }
    const seen: Array<number> = []
    for (let i = 0; i < 20; i++) {
      await sleep(200)
      seen.push(memory())
    }
    for (const reader of readers) reader.destroy()
    // A gigabyte waits for each of them. What the first moment leaves to be collected is gone after a while.
    expect(Math.max(...seen) - before).toBeLessThan(1000)
    expect(Math.min(...seen.slice(-5)) - before).toBeLessThan(250)
  })
})

describe("a reload", () => {
  const swapped = async (from: string, to: string, sign: RegExp, use: (log: string) => Promise<void>) => {
    const right = readFileSync(live.file, "utf8")
    expect(right).toContain(from)
    const mark = live.log.length
    writeFileSync(live.file, right.replace(from, to))
    try {
      await use(await whenLogged(sign, mark))
    } finally {
      const again = live.log.length
      writeFileSync(live.file, right)
      await whenLogged(/plan in force|nothing in it has changed/, again)
    }
  }

  it("of a broken file keeps the old plan, and says why", async () => {
    const wire = await login()
    await swapped("idle_seconds: 2", "idle_secondz: 2", /the one before stays in force/, async (log) => {
      expect(log).toMatch(/sluice\.config\.yaml:\d+:\d+/)
      expect((await wire.ask(say.query("select 1"))).map(({ type }) => type).join("")).toBe("TDCZ")
      expect((await login()).isClosed).toBe(false)
    })
    wire.destroy()
  })
  it("of a policy judges the next operation of a session that is open", async () => {
    const wire = await login()
    const ask = async () => (await wire.ask(say.query("select count(*) from prices"))).map(({ type }) => type).join("")
    expect(await ask()).toBe("TDCZ")
    await swapped("            public.prices: {}\n", "", /plan in force/, async () => {
      expect(await ask()).toBe("EZ")
      expect(wire.errors.join()).toMatch(/^ERROR 42501 /)
    })
    expect(await ask()).toBe("TDCZ")
    wire.destroy()
  })
})

describe("SIGTERM", () => {
  it("lets what runs finish, and takes nothing new", async () => {
    const [busy, idle] = [await login(), await login()]
    busy.send(say.query("select count(*) from generate_series(1, 12000000)"))
    const from = busy.told.length
    await sleep(200)
    const code = live.down()
    expect(await idle.gone(1200)).toBe(true)
    expect(idle.errors.join()).toMatch(/^FATAL 57P01 /)
    await expect(WireClient.open(live.port)).rejects.toThrow()
    expect(await code).toBe(0)
    const answer = busy.told.slice(from).map(({ type }) => type).join("")
    expect(answer).toBe("TDCZE")
  })
  it("lets an open transaction commit", async () => {
    const wire = await login()
    await wire.ask(say.query("begin"))
    await wire.ask(insert("drained"))
    const code = live.down()
    await sleep(300)
    await wire.ask(say.query("commit"))
    expect(await code).toBe(0)
    expect(wire.errors.join()).toMatch(/^FATAL 57P01 /)
    expect(await kept("drained")).toBe(1)
  })
})

describe("a ledger", () => {
  const replaced = async (use: () => Promise<void>) => {
    await live.down()
    const aside = `${live.ledger}-aside`
    renameSync(live.ledger, aside)
    mkdirSync(live.ledger)
    try {
      await use()
    } finally {
      await live.down("SIGKILL")
      rmSync(live.ledger, { recursive: true, force: true })
      renameSync(aside, live.ledger)
    }
  }

  it.runIf(process.getuid?.() === 0)("on a disk that is full lets nothing run that it has not recorded", async () => {
    await live.down()
    const disk = join(live.folder, "disk")
    mkdirSync(disk)
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])
    const right = readFileSync(live.file, "utf8")
    try {
      writeFileSync(live.file, right.replace("directory: ./ledger", "directory: ./disk/ledger"))
      await live.up()
      await fillUp(join(disk, "ledger"))
      // Room again, and it goes on by itself.
      execFileSync("mount", ["-o", "remount,size=4m", disk])
      let told = ""
      for (let i = 0; i < 40 && told !== "in"; i++) {
        told = await login().then((wire) => (wire.destroy(), "in"), (error: Error) => error.message)
        await sleep(250)
      }
      expect(told).toBe("in")
      await live.down()
      const verified = await live.sluice("audit", "verify", join(disk, "ledger"))
      expect(verified.status, verified.stdout + verified.stderr).toBe(0)
    } finally {
      await live.down("SIGKILL")
      writeFileSync(live.file, right)
      execFileSync("umount", [disk])
    }
  })

  const fillUp = async (ledger: string): Promise<void> => {
    const told: Array<string> = []
    const answered = new Set<string>()
    for (let i = 0; i < 60; i++) {
      try {
        const wire = await login()
        for (let j = 0; j < 20 && !wire.isClosed; j++) {
          const sku = `full-${i}-${j}-${"y".repeat(2000)}`
          const types = (await wire.ask(insert(sku))).map(({ type }) => type).join("")
          if (types === "CZ") answered.add(sku)
        }
        told.push(...wire.errors)
        wire.destroy()
      } catch (error) {
        told.push((error as Error).message)
        break
      }
    }
    expect(told.join("\n")).toMatch(/(FATAL|ERROR) (58030|57P03|58000) /)
    const rows = await live.direct((client) =>
      client.query<{ sku: string }>("select sku from scratch where sku like 'full-%'")
    )
    const recorded = execFileSync("sh", ["-c", `cat ${ledger}/*`], { maxBuffer: 1 << 26 }).toString("latin1")
    expect(rows.rows.filter(({ sku }) => !recorded.includes(sku))).toEqual([])
    for (const sku of answered) expect(rows.rows.some((row) => row.sku === sku)).toBe(true)
    await live.direct((client) => client.query("delete from scratch where sku like 'full-%'"))
  }

  it("that is removed while all runs lets nothing more run", async () => {
    await replaced(async () => {
      await live.up()
      const wire = await login()
      await wire.ask(insert("before-removal"))
      rmSync(live.ledger, { recursive: true, force: true })
      await sleep(1000)
      wire.send(insert("after-removal"))
      await Promise.race([wire.closed, sleep(3000)])
      expect(await kept("after-removal")).toBe(0)
      await expect(login()).rejects.toThrow(/57P03/)
    })
  })

  it("that is not a folder keeps the gateway from coming up, and it says which", async () => {
    await replaced(async () => {
      rmSync(live.ledger, { recursive: true })
      writeFileSync(live.ledger, "")
      chmodSync(live.ledger, 0o400)
      const ran = await live.sluice("up", "--config", live.file)
      expect(ran.status).toBe(1)
      expect(ran.stderr).toContain("ledger")
    })
  })
})
