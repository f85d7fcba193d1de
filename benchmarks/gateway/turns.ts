import type { Contender } from "./contenders.ts"

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 5)
/** How long one round takes, where it is a matter of time. */
export const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 5)

/** Round after round, each contender once; every second round backwards, so that no one is always first. */
export const inTurn = async <A>(
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
