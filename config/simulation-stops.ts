import type { Receipt } from "../core/plugin/index.ts"
import type { RecordedJudgement } from "./recorded-judgements.ts"

/** What enforcing a policy would have stopped, run by run. A run is an agent's, or a session where none is known. */
export interface StopFigures {
  readonly runs: number
  readonly denials: number
  readonly denials_per_100_runs: number
  readonly stopped_runs: number
  /** The first operation of a run that is denied, counted from 1; the median of the stopped runs. Null without any. */
  readonly operations_to_first_denial: number | null
  /** The last operation of a run by which its label still grew; the median of the runs that have a label. */
  readonly operations_to_saturation: number | null
  /**
   * Stopped for taint alone, although the operation only asks, and in no value of its own that could hold what was
   * seen. Of all denials, 0 to 1. Known of what was recorded under `balanced` or `shadow`; `strict` measures nothing.
   */
  readonly false_stops: number
}

interface Run {
  operations: number
  firstDenial: number | undefined
  label: number
  grownAt: number
}

/** What the ledger has of a taint label; undefined where the run had seen nothing, or nothing keeps labels. */
interface RecordedTaint {
  readonly run: string
  readonly atoms: ReadonlyArray<unknown>
  readonly literals?: { readonly longest: number }
}

/** A longer value is no key that someone looks up: it may be what was seen. In bytes. */
const SCALAR_BYTES_MAX = 64

export class Stops {
  private readonly runs = new Map<string, Run>()
  /** Sessions whose run has become known: the part before that counts to it. */
  private readonly named = new Map<string, string>()
  private denials = 0
  private falseStops = 0

  add({ inputs, session }: RecordedJudgement, after: Receipt): void {
    const taint = inputs?.["taint"] as RecordedTaint | undefined
    const run = this.run(session, taint?.run)
    run.operations++
    const atoms = taint?.atoms.length ?? 0
    if (atoms > run.label) {
      run.label = atoms
      run.grownAt = run.operations
    }
    if (after.outcome !== "deny") return
    this.denials++
    run.firstDenial ??= run.operations
    const refusing = after.checks.filter(({ outcome }) => outcome === "deny")
    // Words are measured only where nothing is written, published or set.
    const asks = taint?.literals !== undefined && taint.literals.longest <= SCALAR_BYTES_MAX
    if (asks && refusing.every(({ check }) => check === "taint")) this.falseStops++
  }

  private run(session: string, id: string | undefined): Run {
    if (id !== undefined && !this.named.has(session)) {
      this.named.set(session, id)
      this.fold(`session ${session}`, `run ${id}`)
    }
    const name = this.named.get(session)
    return this.runAt(name === undefined ? `session ${session}` : `run ${name}`)
  }

  /** What a session did before its run was known, the run did: also where other sessions have named it by then. */
  private fold(session: string, name: string): void {
    const before = this.runs.get(session)
    if (before === undefined) return
    this.runs.delete(session)
    const run = this.runAt(name)
    const denials = [run.firstDenial, before.firstDenial].filter((at) => at !== undefined)
    run.operations += before.operations
    run.firstDenial = denials.length === 0 ? undefined : Math.min(...denials)
  }

  private runAt(key: string): Run {
    let run = this.runs.get(key)
    if (run === undefined) this.runs.set(key, run = { operations: 0, firstDenial: undefined, label: 0, grownAt: 0 })
    return run
  }

  figures(): StopFigures {
    const runs = [...this.runs.values()]
    const stopped = runs.flatMap(({ firstDenial }) => firstDenial === undefined ? [] : [firstDenial])
    const grown = runs.flatMap(({ grownAt }) => grownAt === 0 ? [] : [grownAt])
    return {
      runs: runs.length,
      denials: this.denials,
      denials_per_100_runs: runs.length === 0 ? 0 : round(100 * this.denials / runs.length),
      stopped_runs: stopped.length,
      operations_to_first_denial: median(stopped),
      operations_to_saturation: median(grown),
      false_stops: this.denials === 0 ? 0 : round(this.falseStops / this.denials)
    }
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

const median = (values: ReadonlyArray<number>): number | null => {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1]!
}
