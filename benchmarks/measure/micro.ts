import { type Figure, figureOf, pairedFigure } from "./figure.ts"

const ROUNDS = 15
const ROUND_MILLISECONDS = 60

/** Nanoseconds of some clock. */
type Clock = () => number

const wallClock: Clock = () => Number(process.hrtime.bigint())

/** The time that this thread had a processor: what others do on the machine counts only where they share its caches. */
export const threadClock: Clock = () => {
  const { system, user } = process.threadCpuUsage()
  return (system + user) * 1000
}

/** Times `run`, which does `units` of work, in rounds; the best rounds say what it costs when nobody else is here. */
export const nanosecondsPer = (units: number, run: () => void, clock = wallClock): ReadonlyArray<number> => {
  const times = calibrate(run)
  return Array.from({ length: ROUNDS }, () => round(units, run, times, clock))
}

/** Times two things in turn, round by round. */
export const compare = (
  name: string,
  unit: string,
  units: number,
  run: () => void,
  to: string,
  other: () => void
): Figure => {
  const times = calibrate(run)
  const otherTimes = calibrate(other)
  const values: Array<number> = []
  const others: Array<number> = []
  for (let i = 0; i < ROUNDS; i++) {
    values.push(round(units, run, times))
    others.push(round(units, other, otherTimes))
  }
  return pairedFigure(name, unit, values, to, others)
}

export const micro = (name: string, unit: string, units: number, run: () => void): Figure =>
  figureOf(name, unit, nanosecondsPer(units, run))

/** How many calls make a round; warms the code up on the way. */
const calibrate = (run: () => void): number => {
  for (let times = 1;; times *= 2) {
    const began = process.hrtime.bigint()
    for (let i = 0; i < times; i++) run()
    if (Number(process.hrtime.bigint() - began) / 1e6 >= ROUND_MILLISECONDS) return times
  }
}

const round = (units: number, run: () => void, times: number, clock = wallClock): number => {
  const began = clock()
  for (let i = 0; i < times; i++) run()
  return (clock() - began) / (times * units)
}
