import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Contender, gateway, pgbouncer } from "./gateway/contenders.ts"
import { startDatabase } from "./gateway/database.ts"
import { pgbench } from "./gateway/load.ts"
import { stubbed } from "./gateway/stubbed.ts"
import { inTurn } from "./gateway/turns.ts"
import { type Figure, figureOf, pairedFigure } from "./measure/figure.ts"

const CLIENTS = 32
/** Of each client, in each round. */
const TRANSACTIONS = Number(process.env["BENCH_TRANSACTIONS"] ?? 1000)

/** What the gateway itself costs, before an upstream that costs next to nothing and so is never what is waited for. */
export const measure = async function*(): AsyncIterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  chmodSync(folder, 0o755)
  const postgres = await startDatabase()
  const stub = await stubbed(postgres)
  const running: Array<Contender> = []
  try {
    const bouncer = await pgbouncer(stub, folder)
    const ours = await gateway(stub, folder, { name: "gateway" })
    const burdened = await gateway(stub, folder, { name: "gateway, one idle plugin", idlePlugin: true })
    for (const contender of [ours, burdened, bouncer]) if (contender !== undefined) running.push(contender)
    yield* costs(ours, burdened, bouncer)
  } finally {
    for (const contender of running) await contender.stop()
    await stub.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const costs = async function*(
  ours: Contender,
  burdened: Contender,
  bouncer: Contender | undefined
): AsyncIterable<Figure> {
  for (const mode of ["simple", "extended"] as const) {
    const contenders = [ours, burdened, ...(bouncer === undefined ? [] : [bouncer])]
    const load = { clients: CLIENTS, until: { transactions: TRANSACTIONS }, mode }
    const taken = await inTurn(contenders, async (contender) => (await pgbench(contender, load)).cpuPer100k)
    const name = `gateway: ${mode}, stub upstream, CPU`
    const cpu = taken.get(ours)!
    if (bouncer === undefined) yield figureOf(name, "s/100k tx", cpu)
    else {
      const goal = mode === "simple" ? "≤ 1.7" : undefined
      yield pairedFigure(name, "s/100k tx", cpu, "pgbouncer", taken.get(bouncer)!, goal)
    }
    yield pairedFigure(
      `gateway: ${mode}, one idle plugin, CPU`,
      "s/100k tx",
      taken.get(burdened)!,
      "none",
      cpu,
      "≤ 1.01"
    )
  }
}
