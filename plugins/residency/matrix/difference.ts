import type { Decision } from "../../../core/index.ts"
import type { World } from "../world.ts"
import { dataSetsOf, groupBy, type Holding, resourcesOf, strangers } from "./holdings.ts"
import { matrixOf, type MatrixOptions } from "./matrix.ts"
import { type MatrixRow, type MatrixSink, opensMore, questionOf, reachOf } from "./row.ts"
import { uncovered, type UncoveredColumn } from "./uncovered.ts"

/** One question that two policies answer differently. */
export interface MatrixChange {
  /** The wider of the two answers. */
  readonly row: MatrixRow
  readonly before: Decision
  readonly after: Decision
  /** Who sees it in one of them only. */
  readonly sinks: ReadonlyArray<MatrixSink>
  /** When it begins to differ, in milliseconds since the epoch. */
  readonly from: number
}

/** What a change of policy opens and closes. */
export interface MatrixDifference {
  readonly opens: ReadonlyArray<MatrixChange>
  readonly closes: ReadonlyArray<MatrixChange>
  /** Columns that have lost their kind, or whose pipeline no longer masks. */
  readonly unmasks: ReadonlyArray<UncoveredColumn>
}

/**
 * Puts the same questions to both worlds: about every resource that either of them names, now and after each instant at
 * which a transfer or an exception of either begins or ends. A difference is told once, from when it begins.
 */
export const differenceOf = (
  old: World,
  next: World,
  options: Omit<MatrixOptions, "holdings" | "denied">
): MatrixDifference => {
  const holdings = sharedHoldings(old, next)
  const instants = [...new Set([options.at, ...old.boundaries, ...next.boundaries])]
    .filter((instant) => instant >= options.at).toSorted((a, b) => a - b)
  const opens = new Map<string, MatrixChange>()
  const closes = new Map<string, MatrixChange>()
  for (const [index, at] of instants.entries()) {
    const progress = (half: number) => (share: number) =>
      options.progress?.((index + (half + share) / 2) / instants.length)
    const before = byQuestion(matrixOf(old, { ...options, at, holdings, progress: progress(0) }).rows)
    const after = byQuestion(matrixOf(next, { ...options, at, holdings, progress: progress(1) }).rows)
    collect(before, after, at, opens)
    collect(after, before, at, closes)
  }
  const narrowed = [...closes.values()].map((change) => ({ ...change, before: change.after, after: change.before }))
  return { opens: [...opens.values()], closes: narrowed, unmasks: uncovered(old, next) }
}

const byQuestion = (rows: ReadonlyArray<MatrixRow>): ReadonlyMap<string, MatrixRow> =>
  new Map(rows.map((row) => [questionOf(row), row]))

/** What `to` lets through and `from` did not. */
const collect = (
  from: ReadonlyMap<string, MatrixRow>,
  to: ReadonlyMap<string, MatrixRow>,
  at: number,
  into: Map<string, MatrixChange>
): void => {
  for (const [key, row] of to) {
    const other = from.get(key)
    const sinks = row.sinks.filter((sink) => other?.sinks.some((one) => sameSink(one, sink)) !== true)
    if (
      into.has(key) || (other !== undefined && !opensMore(row, other) && sinks.length === 0 && !hasMoreRows(row, other))
    ) continue
    into.set(key, { row, before: other === undefined ? "deny" : reachOf(other), after: reachOf(row), sinks, from: at })
  }
}

/** Rows of a home that the other has not; one that is not confined has them all. */
const hasMoreRows = ({ rows }: MatrixRow, { rows: others }: MatrixRow): boolean =>
  others !== undefined && (rows === undefined || rows.some((home) => !others.includes(home)))

const sameSink = (a: MatrixSink, b: MatrixSink): boolean => a.sink === b.sink && a.at === b.at

/**
 * What to ask both about: each data set as it is where nothing moved, and what was moved from one to another under the
 * resource's own name.
 */
const sharedHoldings = (old: World, next: World): ReadonlyArray<Holding> =>
  [...new Set([...old.pipelines.keys(), ...next.pipelines.keys()])].flatMap((name) => {
    const pipelines = [old.pipelines.get(name), next.pipelines.get(name)]
    const known = pipelines.flatMap((pipeline) => pipeline === undefined ? [] : resourcesOf(pipeline))
    const resources = new Map(known.map((one) => [`${one.kind}\0${one.name}`, one]))
    const places = (one: Holding["resources"][number]) =>
      pipelines.map((pipeline) => pipeline === undefined ? "" : dataSetsOf(pipeline, one).join(", "))
    const groups = groupBy([...resources.values(), ...strangers], (one) => places(one).join("\0"))
    return [...groups].map(([key, members]): Holding => {
      const [was, is] = key.split("\0")
      const label = was === is || was === "" ? is : was
      const moved = was !== is && old.pipelines.has(name) && next.pipelines.has(name)
      const list = members.slice(0, 3).map((one) => one.name).join(", ") + (members.length > 3 ? "…" : "")
      return {
        pipeline: name,
        name: moved ? `${list} (${was || "unclassified"} → ${is || "unclassified"})` : label || "unclassified",
        resources: members.slice(0, 1)
      }
    })
  })
