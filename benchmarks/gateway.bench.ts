import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { idleKilobytes } from "./gateway/connections.ts"
import { type Contender, direct, gateway, haproxy, pgbouncer } from "./gateway/contenders.ts"
import { startDatabase } from "./gateway/database.ts"
import { bigResult, connectionsPerSecond, latency99, pgbench } from "./gateway/load.ts"
import { inTurn, SECONDS } from "./gateway/turns.ts"
import { type Figure, figureOf, pairedFigure } from "./measure/figure.ts"

const CLIENTS = 32
const BIG = "select id, name, city, ssn, note, amount from people"

/**
 * The whole pipeline with real clients and a real PostgreSQL, against pgbouncer and haproxy where they are installed.
 */
export const measure = async function*(): AsyncIterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  chmodSync(folder, 0o755)
  const postgres = await startDatabase()
  const running: Array<Contender> = []
  try {
    const bouncer = await pgbouncer(postgres, folder)
    const proxy = await haproxy(postgres, folder)
    const ours = await gateway(postgres, folder, { name: "gateway" })
    const recording = await gateway(postgres, folder, { name: "gateway, answers recorded", answers: true })
    for (const contender of [bouncer, proxy, ours, recording]) if (contender !== undefined) running.push(contender)
    yield* transactions(ours, bouncer, [direct(postgres), ...(proxy === undefined ? [] : [proxy])])
    yield* results(ours, recording, bouncer)
    yield* quiet(ours, bouncer, direct(postgres))
  } finally {
    for (const contender of running) await contender.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const transactions = async function*(
  ours: Contender,
  bouncer: Contender | undefined,
  others: ReadonlyArray<Contender>
): AsyncIterable<Figure> {
  for (const mode of ["simple", "extended"] as const) {
    const contenders = [ours, ...(bouncer === undefined ? [] : [bouncer]), ...others]
    const taken = await inTurn(
      contenders,
      (contender) => pgbench(contender, { clients: CLIENTS, until: { seconds: SECONDS }, mode })
    )
    const tps = (contender: Contender) => taken.get(contender)!.map((load) => load.transactionsPerSecond)
    const cpu = (contender: Contender) => taken.get(contender)!.map((load) => load.cpuPer100k)
    for (const other of contenders.slice(1)) {
      const goal = mode === "simple" ? { pgbouncer: "≥ 0.85", haproxy: "≥ 0.95" }[other.name] : undefined
      yield pairedFigure(`gateway: ${mode}, ${CLIENTS} clients`, "tx/s", tps(ours), other.name, tps(other), goal)
      if (other.pid === undefined) continue
      const cpuGoal = mode === "simple" && other.name === "pgbouncer" ? "≤ 1.7" : undefined
      yield pairedFigure(`gateway: ${mode}, CPU`, "s/100k tx", cpu(ours), other.name, cpu(other), cpuGoal)
    }
    if (bouncer !== undefined) yield figureOf(`pgbouncer: ${mode}, CPU`, "s/100k tx", cpu(bouncer))
  }
}

const results = async function*(
  ours: Contender,
  recording: Contender,
  bouncer: Contender | undefined
): AsyncIterable<Figure> {
  const contenders = [ours, recording, ...(bouncer === undefined ? [] : [bouncer])]
  const taken = await inTurn(contenders, (contender) => bigResult(contender, BIG))
  for (const [contender, goal] of [[ours, "≤ 1.3"], [recording, "≤ 2.2"]] as const) {
    const name = `${contender.name}: 100k rows, one column masked, CPU`
    if (bouncer === undefined) yield figureOf(name, "s", taken.get(contender)!)
    else yield pairedFigure(name, "s", taken.get(contender)!, "pgbouncer", taken.get(bouncer)!, goal)
  }
}

/** What is felt where the gateway is not busy: the slowest answers at half load, connecting, and being idle. */
const quiet = async function*(
  ours: Contender,
  bouncer: Contender | undefined,
  without: Contender
): AsyncIterable<Figure> {
  const most = await pgbench(ours, { clients: CLIENTS, until: { seconds: SECONDS } })
  const perSecond = Math.round(most.transactionsPerSecond / 2)
  const contenders = [ours, ...(bouncer === undefined ? [] : [bouncer])]
  const late = await inTurn(contenders, (contender) => latency99(contender, { clients: CLIENTS, perSecond }))
  if (bouncer === undefined) yield figureOf("gateway: p99 at half load", "ms", late.get(ours)!)
  else yield pairedFigure("gateway: p99 at half load", "ms", late.get(ours)!, "pgbouncer", late.get(bouncer)!, "≤ 1.5")
  const connecting = await inTurn([ours, without], (contender) => connectionsPerSecond(contender))
  const [mine, theirs] = [connecting.get(ours)!, connecting.get(without)!]
  yield pairedFigure("gateway: a connection for each query", "connections/s", mine, "direct", theirs, "≥ 8")
  for (const contender of contenders) {
    const kilobytes = [await idleKilobytes(contender), await idleKilobytes(contender), await idleKilobytes(contender)]
    yield {
      ...figureOf(`${contender.name}: an idle connection`, "KB", kilobytes),
      ...(contender === ours ? { goal: "≤ 12" } : {})
    }
  }
}
