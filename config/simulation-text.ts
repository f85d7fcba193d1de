import type { Change, ChangeGroup, Simulation } from "./simulation.ts"

const titles: Readonly<Record<Change, readonly [title: string, colour: number]>> = {
  denied: ["newly denied", 31],
  held: ["newly held for approval", 33],
  masked: ["newly masked", 36],
  allowed: ["newly allowed", 32],
  released: ["no longer held", 32],
  unmasked: ["no longer masked", 35]
}

/** A simulation for people: what would change, what it would cost, and what could not be told. */
export const simulationText = (simulation: Simulation, policy: string, colour: boolean): string => {
  const paint = (text: string, code: number): string => colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const { changes, doubtful, missing, operations, recorded } = simulation
  const from = recorded.map((hash) => hash.slice(0, 12)).join(", ")
  const sections = [...Map.groupBy(changes, ({ change }) => change)].flatMap(([change, groups]) => {
    const [title, code] = titles[change]
    const sum = groups.reduce((total, { count }) => total + count, 0)
    return ["", paint(`${title}: ${sum}`, code), ...groups.flatMap(groupLines)]
  })
  return [
    `${operations} operations judged again under policy ${policy.slice(0, 12)}${
      from === "" ? "" : `; recorded under ${from}`
    }`,
    ...(sections.length === 0 ? ["", "Nothing would change."] : sections),
    "",
    ...stopsText(simulation),
    ...(missing === 0
      ? []
      : [`${missing} operations are left out: the ledger no longer has what they were judged by.`]),
    ...(doubtful === 0
      ? []
      : [`${doubtful} operations may see data masked; they were judged as if they saw it in clear.`])
  ].join("\n")
}

const groupLines = (group: ChangeGroup): ReadonlyArray<string> => {
  const { code, count, data_sets: sets, examples, operation, party, pipeline, reason } = group
  const why = [code, reason].filter((part) => part !== undefined).join(": ")
  return [
    `  ${String(count).padStart(5)} ×  ${party}  ${operation} ${sets.join(", ")}  (${pipeline})${
      why === "" ? "" : `  ${why}`
    }`,
    `           e.g. ${examples.join(", ")}`
  ].map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, "\u00b7"))
}

const stopsText = ({ stops }: Simulation): ReadonlyArray<string> => {
  if (stops.runs === 0) return []
  const first = stops.operations_to_first_denial
  const saturated = stops.operations_to_saturation
  return [
    `if enforced: ${stops.denials} denials in ${stops.runs} runs, ${stops.denials_per_100_runs} per 100 runs;`
    + ` ${stops.stopped_runs} runs stopped${first === null ? "" : `, at their operation ${first} (median)`}`,
    ...(saturated === null ? [] : [`labels stop growing at operation ${saturated} (median)`]),
    ...(stops.denials === 0
      ? []
      : [
        `false stops: ${
          Math.round(stops.false_stops * 100)
        } % of denials (for taint alone, of what only asks, by short values)`
      ])
  ]
}
