/** One measured figure, as `--json` prints it: one object a line. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, measured in turn with it. */
  readonly ratio_to?: string
  /** The median of the ratios pair by pair. */
  readonly ratio?: number
  readonly runs: number
  readonly min: number
  readonly max: number
  /** What the ratio should be at least (or at most), where there is a goal. */
  readonly goal?: string
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A figure of several runs: the median stands for them. */
export const figureOf = (name: string, unit: string, values: ReadonlyArray<number>): Figure => ({
  name,
  value: round(median(values)),
  unit,
  runs: values.length,
  min: round(Math.min(...values)),
  max: round(Math.max(...values))
})

/** A figure of runs that were taken in turn with `others`; the ratio is taken pair by pair, so that drift cancels. */
export const pairedFigure = (
  name: string,
  unit: string,
  values: ReadonlyArray<number>,
  to: string,
  others: ReadonlyArray<number>,
  goal?: string
): Figure => ({
  ...figureOf(name, unit, values),
  ratio_to: to,
  ratio: round(median(values.map((value, i) => value / others[i]!))),
  ...(goal === undefined ? {} : { goal })
})

const round = (value: number): number => Number(value.toPrecision(4))

/** Prints a figure: as JSON, or as a line for people. */
export const report = (figure: Figure, json: boolean): void => {
  if (json) return console.log(JSON.stringify(figure))
  const spread = `[${figure.min} … ${figure.max}, ${figure.runs} runs]`
  const ratio = figure.ratio === undefined ? "" : `  ${figure.ratio} × ${figure.ratio_to}`
  const goal = figure.goal === undefined ? "" : `  (goal ${figure.goal})`
  console.log(
    `${figure.name.padEnd(44)} ${String(figure.value).padStart(10)} ${figure.unit.padEnd(18)} ${spread}${ratio}${goal}`
  )
}
