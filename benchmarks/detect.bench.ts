import { find } from "../core/detect/index.ts"
import { type Figure, figureOf } from "./measure/figure.ts"
import { nanosecondsPer, threadClock } from "./measure/micro.ts"

const encoder = new TextEncoder()

const prose = "The committee met again in the old town hall,"
  + " and after a long debate it was agreed that the bridge should be mended "
  + "before winter. Nobody could say what that would cost; the engineers asked for time, and the mayor for patience.\n"

/** One find in some forty bytes: what an export of customers looks like. */
const dense =
  "Erika Mustermann,erika.mustermann@example.com,+49 30 901820,4111 1111 1111 1111,DE89 3704 0044 0532 0130 00\n"
  + "Jane Doe,jane@example.org,(212) 555-0142,123-45-6789,192.168.17.4,1979-11-23,jane.doe@work.example\n"

const repeated = (text: string, bytes: number): Uint8Array =>
  encoder.encode(text.repeat(Math.ceil(bytes / text.length))).subarray(0, bytes)

const throughput = (name: string, text: Uint8Array, goal: string): Figure => ({
  ...figureOf(name, "MB/s", nanosecondsPer(text.length, () => find(text), threadClock).map((ns) => 1000 / ns)),
  goal
})

const perCell = (name: string, cells: ReadonlyArray<string>, goal: string): Figure => {
  const all = cells.map((cell) => encoder.encode(cell))
  const values = nanosecondsPer(all.length, () => {
    for (const cell of all) find(cell)
  }, threadClock)
  return { ...figureOf(name, "ns", values), goal }
}

/**
 * What it costs to look for everything, in texts without and with something to find, and in cells of fourteen
 * bytes: processor time, so that a busy machine says nearly the same as a quiet one.
 */
export const measure = function*(): Iterable<Figure> {
  yield throughput("detect: clean text", repeated(prose, 1 << 20), "≥ 100 MB/s")
  yield throughput("detect: dense text", repeated(dense, 1 << 18), "≥ 20 MB/s")
  yield perCell("detect: a clean cell of 14 bytes", ["waiting for it", "shipped, paid.", "Grüße aus Ulm"], "≤ 150 ns")
  const undecided = ["50326271113742", "4111 1111 1112", "ORD-2019-11404", "2 of 7 pieces.", "19:33:00 today"]
  yield perCell("detect: an undecided cell of 14 bytes", undecided, "≤ 2000 ns")
}
