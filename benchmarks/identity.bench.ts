import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startDatabase } from "./gateway/database.ts"
import { logIn, type LoginGateway, loginGateway, type Taken } from "./gateway/logins.ts"
import { stubbed } from "./gateway/stubbed.ts"
import { inTurn } from "./gateway/turns.ts"
import { type Figure, figureOf } from "./measure/figure.ts"

/** Of each gateway, in each round. */
const LOGINS = Number(process.env["BENCH_LOGINS"] ?? 300)

/** What it adds to a login that its token is verified, with the issuer's keys at hand: beside one that verifies none. */
export const measure = async function*(): AsyncIterable<Figure> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"))
  chmodSync(folder, 0o755)
  const postgres = await startDatabase()
  const stub = await stubbed(postgres)
  const running: Array<LoginGateway> = []
  try {
    const anyone = await loginGateway(stub, folder, { name: "anyone", identity: "anyone" })
    const token = await loginGateway(stub, folder, { name: "token", identity: "token" })
    const state = await loginGateway(stub, folder, { name: "token and state", identity: "token", state: true })
    running.push(anyone, token, state)
    const taken = await inTurn(running, (gateway) => logIn(gateway as LoginGateway, LOGINS))
    const without = taken.get(anyone)!
    yield figureOf("identity: a login, no token verified", "ms", without.map(({ latency }) => latency))
    yield* added("identity: added by a token", taken.get(token)!, without)
    yield* added("identity: added by a token, with state", taken.get(state)!, without)
  } finally {
    for (const gateway of running) await gateway.stop()
    await stub.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Round by round, so that drift cancels. */
const added = function*(name: string, taken: ReadonlyArray<Taken>, without: ReadonlyArray<Taken>): Iterable<Figure> {
  const difference = (of: (one: Taken) => number) => taken.map((one, i) => of(one) - of(without[i]!))
  yield { ...figureOf(`${name}, latency`, "ms", difference(({ latency }) => latency)), goal: "≤ 1" }
  yield figureOf(`${name}, CPU`, "ms", difference(({ cpu }) => cpu))
}
