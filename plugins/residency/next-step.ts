import type { ReceiptCheck } from "../../core/index.ts"
import { fits } from "./compile/glob.ts"
import { isAtHome } from "./engine/homes.ts"
import type { InputPrincipal, Inputs } from "./engine/inputs.ts"
import { judge } from "./engine/judge.ts"
import type { World, WorldDataSet, WorldParty } from "./world.ts"

/** Parties that are tried out at most. */
const triedMax = 20

/**
 * The cheapest lawful next step for a pair that was refused, or undefined when none is known. Each is tried out on the
 * engine first: nobody is sent where they would be refused again.
 */
export const nextStep = (world: World, inputs: Inputs, check: ReceiptCheck): string | undefined => {
  const dataSet = check.data_set === undefined ? undefined : world.dataSets.get(check.data_set)
  if (dataSet === undefined) return undefined
  return masked(world, inputs, dataSet) ?? asRead(world, inputs) ?? byOtherParty(world, inputs, dataSet, check)
    ?? later(inputs, dataSet)
}

/** A cap that was reached twice over holds until its window ends. */
const later = ({ spent = [] }: Inputs, { transfers }: WorldDataSet): string | undefined => {
  const full = spent.find(({ level, transfer }) => level === "twice" && transfers.some(({ id }) => id === transfer))
  return full
    && `Transfer ${full.transfer} has let out twice as many people as its cap says: wait for its next window, or ask `
      + "its owner for more."
}

const passes = (world: World, inputs: Inputs): ReturnType<typeof judge> | undefined => {
  const receipt = judge(world, inputs)
  return receipt.decision === "deny" || receipt.outcome === "deny" ? undefined : receipt
}

const masked = (world: World, inputs: Inputs, { masked: leaves, name }: WorldDataSet): string | undefined => {
  const masks = world.pipelines.get(inputs.pipeline)?.plugins.includes("masking") ?? false
  if (leaves !== "leaves" || !masks || inputs.seen[name] !== "clear") return undefined
  return passes(world, { ...inputs, seen: { ...inputs.seen, [name]: "masked" } })
    && `Ask only for columns that come masked, and use them nowhere else: masked ${name} may leave.`
}

const asRead = (world: World, inputs: Inputs): string | undefined => {
  if (inputs.operation.kind !== "export" || inputs.operation.writes.length > 0) return undefined
  const receipt = passes(world, { ...inputs, operation: { ...inputs.operation, kind: "read" } })
  const cites = receipt?.checks.find(({ check, cites: by }) => check === "home" && by !== undefined)?.cites
  return receipt && `Ask with a plain SELECT instead: reads are covered${cites === undefined ? "" : ` by ${cites}`}.`
}

/** Someone at home, with a model at home, who would be let through as things stand. */
const byOtherParty = (
  world: World,
  inputs: Inputs,
  dataSet: WorldDataSet,
  { sink = "" }: ReceiptCheck
): string | undefined => {
  if (sink !== "caller" && !sink.startsWith("actor:") && !sink.startsWith("model:")) return undefined
  const places = (at: WorldParty["at"]) => typeof at === "string" ? world.zones.get(at) : undefined
  const home = (at: WorldParty["at"]): boolean => {
    const found = places(at)
    return found !== undefined && isAtHome(inputs.homes, dataSet, found)
  }
  const near = world.parties.filter(({ at, clearance, model }) =>
    home(at) && (model === undefined || home(model.at)) && clearance.size > 0
  )
  for (const party of near.slice(0, triedMax)) {
    const principal = someoneOf(world, party, inputs.principal)
    if (principal === undefined || passes(world, { ...inputs, principal }) === undefined) continue
    const model = party.model === undefined ? "" : `, its model at ${named(party.model.at)}`
    const whom = sink.startsWith("model:") ? "an agent whose model is" : "an agent or client"
    const homes = dataSet.home.join(", ")
    return `Use ${whom} in ${homes}: ${party.name}, at ${named(party.at)}${model}, would be let through.`
  }
  return undefined
}

const named = (at: WorldParty["at"]): string => typeof at === "string" ? at : "no known place"

/** An identity that would be this party and no other; undefined when none can be thought of. */
const someoneOf = (world: World, party: WorldParty, asking: InputPrincipal): InputPrincipal | undefined => {
  const { group, issuer = asking.issuer, pattern, subject = "someone" } = party.match
  const name = pattern ? subject.replaceAll("*", "x") : subject
  const groups = group === undefined ? [] : [group]
  const first = world.parties.find(({ match }) =>
    (match.issuer ?? issuer) === issuer && (match.group === undefined || groups.includes(match.group))
    && (match.subject === undefined || (match.pattern ? fits(match.subject, name) : match.subject === name))
  )
  if (first !== party) return undefined
  return { issuer, subject: name, groups, claims: {}, actors: [], evidence: asking.evidence }
}
