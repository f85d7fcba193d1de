import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chmodSync } from "node:fs"
import { askDirectly } from "../config/demo/sample-data.ts"
import { findPostgres } from "../config/demo/find-postgres.ts"
import { type LocalPostgres, startPostgres } from "../config/demo/local-postgres.ts"
import { type Contender, direct, gateway, haproxy, pgbouncer } from "./gateway/contenders.ts"
import { bigResult, pgbench } from "./gateway/load.ts"
import { type Figure, figureOf, pairedFigure } from "./measure/figure.ts"

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5)
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5)
const CLIENTS = 32
const BIG = "select id, name, city, ssn, note, amount from people"

/**
 * The whole pipeline with real clients and a real PostgreSQL, against pgbouncer and haproxy where they are installed.
 */
export const measure = async function*(): AsyncIterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  chmodSync(folder, 0o755)
  const programs = findPostgres().find(({ origin }) => origin === "machine") ?? findPostgres()[0]!
  const postgres = await startPostgres({ programs, settings: { max_connections: "200", shared_buffers: "256MB" } })
  const running: Array<Contender> = []
  try {
    await fill(postgres)
    const bouncer = await pgbouncer(postgres, folder)
    const proxy = await haproxy(postgres, folder)
    const ours = await gateway(postgres, folder, { name: "gateway" })
    const recording = await gateway(postgres, folder, { name: "gateway, answers recorded", answers: true })
    for (const contender of [bouncer, proxy, ours, recording]) if (contender !== undefined) running.push(contender)
    yield* transactions(ours, bouncer, [direct(postgres), ...(proxy === undefined ? [] : [proxy])])
    yield* results(ours, recording, bouncer)
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
      (contender) => pgbench(contender, { clients: CLIENTS, seconds: SECONDS, mode })
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

/** Round after round, each contender once; every second round backwards, so that no one is always first. */
const inTurn = async <A>(
  contenders: ReadonlyArray<Contender>,
  run: (contender: Contender) => Promise<A>
): Promise<ReadonlyMap<Contender, ReadonlyArray<A>>> => {
  const taken = new Map<Contender, Array<A>>(contenders.map((contender) => [contender, []]))
  for (const contender of contenders) await run(contender)
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      taken.get(contender)!.push(await run(contender))
    }
  }
  return taken
}

const fill = async (postgres: LocalPostgres): Promise<void> => {
  const { execFile } = await import("node:child_process")
  const { promisify } = await import("node:util")
  const { findPgbench } = await import("./gateway/load.ts")
  await promisify(execFile)(
    findPgbench(),
    ["-i", "-q", "-s", "1", "-h", "127.0.0.1", "-p", String(postgres.port), "-U", postgres.user, "postgres"],
    { env: { ...process.env, PGPASSWORD: postgres.password } }
  )
  await askDirectly(
    postgres,
    "postgres",
    `create table people as select i as id, 'Person ' || i as name, 'City ' || i % 100 as city,
       lpad((i % 1000)::text, 3, '0') || '-' || lpad((i % 100)::text, 2, '0') || '-' || lpad(i::text, 4, '0') as ssn,
       md5(i::text) as note, (i * 1.25)::numeric(12, 2) as amount from generate_series(1, 100000) i`
  )
  await askDirectly(postgres, "postgres", "vacuum analyze")
}
