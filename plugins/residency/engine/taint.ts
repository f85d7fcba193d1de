import { placeOf } from "../compile/zones.ts"
import type { World, WorldDataSet } from "../world.ts"
import { type Finding, finding } from "./finding.ts"
import type { Flow } from "./flow.ts"
import type { Atom, InputOperation, InputTaint } from "./inputs.ts"
import { judgePair, leaves, type Pair } from "./pair.ts"
import { type Sink, upstreamSink } from "./sinks.ts"

/** A longer value is no scalar that someone looks up: it may be what was read. In bytes. */
export const SCALAR_BYTES_MAX = 64

/**
 * Check 7. What a run has seen may be in anything that it sends, so every atom of its label is judged against the
 * upstream, and against every endpoint of a move, as if the data set were written there. The caller's own sinks are not
 * judged again: they have seen it.
 */
export const taint = (flow: Flow): ReadonlyArray<Finding> => {
  const { inputs: { operation, taint: label }, world } = flow
  if (label === undefined || world.taint.mode === "off") return []
  const findings = resetOf(label)
  if (isShort(world, operation, label)) return [...findings, short(label)]
  const upstream = upstreamSink(flow.pipeline)
  for (const atom of label.atoms) findings.push(judgeAtom(flow, atom, upstream))
  for (const sink of flow.endpoints) {
    for (const atom of [...label.atoms, ...label.shipped ?? []]) findings.push(judgeAtom(flow, atom, sink))
  }
  return findings
}

/** The data sets that an operation's own words may tell of; not those that were seen only as they may leave. */
export const carried = ({ inputs: { taint: label }, world }: Flow): ReadonlyArray<string> => {
  if (label === undefined || world.taint.mode === "off") return []
  const atoms = label.atoms.filter((atom) => {
    const dataSet = world.dataSets.get(atom.data_set)
    return dataSet === undefined || declassifiedBy(atom, dataSet) === undefined
  })
  return [...new Set(atoms.map(({ data_set }) => data_set))].toSorted()
}

/** Whether an operation may pass for its brevity, if what it says is short enough: it asks, and changes nothing. */
export const mayBeShort = (world: World, operation: InputOperation): boolean =>
  world.taint.mode !== "strict" && operation.resolved && operation.writes.length === 0
  && (operation.kind === "read" || operation.kind === "export" || operation.kind === "session")

const isShort = (world: World, operation: InputOperation, { literals }: InputTaint): boolean =>
  literals !== undefined && mayBeShort(world, operation) && literals.longest <= SCALAR_BYTES_MAX
  && literals.spent + literals.bytes <= world.taint.literalBytesMax

const short = ({ literals }: InputTaint): Finding =>
  finding({
    check: "taint",
    outcome: "allow",
    cites: "taint: balanced",
    reason: `asks in ${literals?.bytes ?? 0} bytes of new literals, ${literals?.spent ?? 0} were sent before`
  })

/** An owner's reset is said in every receipt that rests on it: so it stands in the ledger. */
const resetOf = ({ reset, run }: InputTaint): Array<Finding> =>
  reset === undefined ? [] : [
    finding({
      check: "taint",
      outcome: "allow",
      cites: "reset",
      reason: `the label of ${run} was reset by ${reset.by} at ${new Date(reset.at).toISOString()}: ${reset.reason}`
    })
  ]

const judgeAtom = (flow: Flow, atom: Atom, sink: Sink): Finding => {
  const { world } = flow
  const dataSet = world.dataSets.get(atom.data_set)
  const base = { check: "taint", data_set: atom.data_set, sink: sink.sink, at: sink.at.name } as const
  const seen = seenAs(atom)
  if (dataSet === undefined) {
    return finding({
      ...base,
      outcome: "deny",
      code: "taint",
      reason: `${seen}; the file no longer says where it may be`
    })
  }
  const declassified = declassifiedBy(atom, dataSet)
  if (declassified !== undefined && sink.at.places !== undefined) {
    return finding({ ...base, outcome: "allow", cites: declassified, reason: seen })
  }
  const from = placeOf(world.zones, atom.from)
  const rows = homesOfAtom(atom, dataSet)
  const { check, obligations } = judgePair(flow, { check: "taint", dataSet, sink, access: "carried", from, ...rows })
  return finding({
    ...check,
    ...(check.outcome === "deny" ? { code: "taint", cites: eventOf(atom) } : {}),
    reason: `${seen}; ${check.reason ?? ""}`
  }, obligations)
}

/** Rows of a home that the file names no more can be at any. */
const homesOfAtom = ({ homes }: Atom, { name, rows }: WorldDataSet): Pick<Pair, "homes"> => {
  const names = rows?.homes.map((home) => home.name)
  return homes !== undefined && homes.every((home) => names?.includes(home)) ? { homes: { [name]: homes } } : {}
}

/** The data set's own word that what was seen in this form is not this data any more. */
const declassifiedBy = ({ form }: Atom, { aggregates, masked }: WorldDataSet): string | undefined => {
  if (form === "masked" && masked === "leaves") return leaves
  return form === "aggregate" && aggregates?.leaves === true ? "aggregates: leaves" : undefined
}

/** The operation that made the label grow, as the ledger knows it. */
const eventOf = ({ exchange, session }: Atom): string => `${session}#${exchange}`

const formOf = { clear: "", masked: " masked", aggregate: " in aggregates" } as const

const seenAs = ({ at, data_set, exchange, form, of, pipeline, session }: Atom): string =>
  `${data_set} was seen${formOf[form]} at ${new Date(at).toISOString()} through ${pipeline}, `
  + `operation ${exchange} of session ${session}${of === undefined ? "" : `, by way of ${of}`}`
