import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startDatabase } from "./gateway/database.ts"
import { freshToken, logIn, type LoginGateway, loginGateway } from "./gateway/logins.ts"
import { stubbed } from "./gateway/stubbed.ts"
import { cpuSeconds } from "./measure/cpu.ts"
import { type Figure, figureOf, median } from "./measure/figure.ts"

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5)
/** Of each gateway, in each round. */
const LOGINS = Number(process.env["BENCH_LOGINS"] ?? 200)

/** What it adds to a login that its token is verified, with the issuer's keys at hand. */
export const measure = async function*(): AsyncIterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  chmodSync(folder, 0o755)
  const postgres = await startDatabase()
  const stub = await stubbed(postgres)
  const running: Array<LoginGateway> = []
  try {
    running.push(
      await loginGateway(stub, folder, { name: "anyone", identity: "anyone" }),
      await loginGateway(stub, folder, { name: "token", identity: "token" }),
      await loginGateway(stub, folder, { name: "token and state", identity: "token", state: true })
    )
    await round(running)
    const rounds: Array<ReadonlyArray<Taken>> = []
    for (let count = 0; count < ROUNDS; count++) rounds.push(await round(running))
    yield figureOf("identity: a login, no token verified", "ms", rounds.map(([anyone]) => median(anyone!.latencies)))
    yield* added("identity: added by a token", rounds.map(([anyone, token]) => [anyone!, token!]))
    yield* added("identity: added by a token, with state", rounds.map(([anyone, , state]) => [anyone!, state!]))
  } finally {
    for (const gateway of running) await gateway.stop()
    await stub.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What one round of logins took at one gateway, of time as its clients saw it and of its CPU. Milliseconds. */
interface Taken {
  readonly latencies: ReadonlyArray<number>
  readonly cpu: number
}

/** A login at each, one after the other, again and again: what disturbs one disturbs the next. */
const round = async (gateways: ReadonlyArray<LoginGateway>): Promise<ReadonlyArray<Taken>> => {
  const before = gateways.map(({ pid }) => cpuSeconds(pid!))
  const latencies = gateways.map((): Array<number> => [])
  for (let count = 0; count < LOGINS; count++) {
    for (const [i, gateway] of gateways.entries()) {
      const token = await freshToken(gateway)
      latencies[i]!.push(await logIn(gateway, token))
    }
  }
  return gateways.map(({ pid }, i) => ({
    latencies: latencies[i]!,
    cpu: (cpuSeconds(pid!) - before[i]!) * 1000 / LOGINS
  }))
}

/** Login by login, so that drift cancels. */
const added = function*(
  name: string,
  pairs: ReadonlyArray<readonly [without: Taken, taken: Taken]>
): Iterable<Figure> {
  const latencies = pairs.map(([without, taken]) =>
    median(taken.latencies.map((latency, i) => latency - without.latencies[i]!))
  )
  yield { ...figureOf(`${name}, latency`, "ms", latencies), goal: "≤ 1" }
  yield figureOf(`${name}, CPU`, "ms", pairs.map(([without, taken]) => taken.cpu - without.cpu))
}
