import type { PolicyDocument } from "../../../core/index.ts"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { World, WorldAllowance, WorldDataSet, WorldTransfer } from "../world.ts"
import { within } from "./zones.ts"

/** Warns of what stands in the file and does nothing. `now`: epoch milliseconds; undefined: ends are not looked at. */
export const warnOfIdle = (
  section: ResidencySection,
  document: PolicyDocument,
  world: World,
  now: number | undefined,
  problems: Problems
): void => {
  const compiled = new Map<string, WorldAllowance>()
  for (const { exceptions, transfers } of world.dataSets.values()) {
    for (const one of [...transfers, ...exceptions]) compiled.set(one.id, one)
  }
  for (const list of ["transfers", "exceptions"] as const) {
    for (const [index, { id }] of section[list].entries()) {
      const one = compiled.get(id)
      if (one !== undefined) warnOfEnd(["residency", list, index], one, now, problems)
    }
  }
  for (const [index, { from, id }] of section.transfers.entries()) {
    const sets = [...world.dataSets.values()].filter(({ transfers }) => transfers.some((one) => one.id === id))
    warnOfSource(["residency", "transfers", index, "from"], id, from, sets, world, problems)
  }
  for (const [index, { id }] of section.exceptions.entries()) warnOfHidden(index, id, world, now, problems)
  warnOfZones(section, document, problems)
}

type Path = ReadonlyArray<string | number>

const warnOfEnd = (path: Path, { id, until }: WorldAllowance, now: number | undefined, problems: Problems): void => {
  if (now === undefined || now < until) return
  problems.warn(
    [...path, "valid_until"],
    `${id} has run out, and covers nothing any more`,
    "Renew it, or take it out: the ledger keeps what it once covered."
  )
}

/** A transfer is from where an upstream is. */
const warnOfSource = (
  path: Path,
  id: string,
  from: string,
  sets: ReadonlyArray<WorldDataSet>,
  { pipelines, zones }: World,
  problems: Problems
): void => {
  const places = zones.get(from)
  const holds = [...pipelines.values()].filter(({ dataSets }) => dataSets.some((one) => sets.includes(one)))
  if (holds.length === 0 || holds.some(({ at }) => within(at.places, places))) return
  problems.warn(
    path,
    `${id} covers nothing: no upstream that holds its data is in ${from}`,
    `Let \`from\` be where the upstream is: ${[...new Set(holds.map(({ at }) => at.name))].join(", ")}.`
  )
}

/** A transfer stands before an exception: one that asks for something hides an exception that asks for nothing. */
const warnOfHidden = (index: number, id: string, world: World, now: number | undefined, problems: Problems): void => {
  for (const { exceptions, transfers } of world.dataSets.values()) {
    const exception = exceptions.find((one) => one.id === id)
    const hiding = exception && transfers.find((one) => hides(one, exception, now))
    if (hiding === undefined) continue
    return problems.warn(
      ["residency", "exceptions", index],
      `${id} stands behind transfer ${hiding.id}, whose conditions hold where both cover a crossing`,
      `Leave out of ${hiding.id} whom the exception is for, if it is to be without these conditions.`
    )
  }
}

const hides = (transfer: WorldTransfer, exception: WorldAllowance, now: number | undefined): boolean =>
  (transfer.mask || transfer.approve) && (now === undefined || (now < transfer.until && now < exception.until))
  && transfer.from < exception.until && exception.from < transfer.until
  && [...exception.to].some((place) => transfer.to.has(place))
  && [...exception.operations].some((kind) => transfer.operations.has(kind))
  && (transfer.recipients === undefined || exception.recipients === undefined
    || [...exception.recipients].some((name) => transfer.recipients?.has(name)))

/** A zone that nothing names. A claim may name any, so with one in use nobody can tell. */
const warnOfZones = (section: ResidencySection, document: PolicyDocument, problems: Problems): void => {
  const parties = Object.values(section.parties)
  const places = parties.flatMap(({ at, model }) => [at, model?.at])
  if (places.some((at) => typeof at === "object")) return
  const named = new Set<unknown>([
    ...places,
    ...parties.flatMap(({ clearance, model, under }) => [...clearance, under, model?.under]),
    ...Object.values(section.data_sets).flatMap(({ home, zone_by }) => [
      ...home,
      ...Object.values(typeof zone_by === "object" ? zone_by.zones ?? {} : {})
    ]),
    ...section.transfers.flatMap(({ from, to }) => [from, to]),
    ...section.exceptions.map(({ to }) => to),
    document.gateway.at,
    document.recorder?.at,
    ...document.pipelines.map(({ at }) => at)
  ])
  for (const [name, { includes = [] }] of Object.entries(section.zones)) {
    const within = Object.values(section.zones).some((other) =>
      [...other.includes ?? [], ...other.excludes ?? []].includes(name)
    )
    // A zone that nobody names may still be what makes its members places.
    if (within || named.has(name) || includes.some((member) => named.has(member))) continue
    problems.warn(["residency", "zones", name], `zone ${name} is named nowhere`, "Use it, or take it out.")
  }
}
