import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { Zone } from "../schema/zone.ts"
import { checkName } from "./names.ts"

/** A set of places. Never empty. */
export type PlaceSet = ReadonlySet<string>

/** Where something is: a zone or place, or nowhere that we know. */
export interface Place {
  /** As the file has it; `unknown` when it names nothing. */
  readonly name: string
  /** Undefined for `unknown`, which is inside no zone. */
  readonly places: PlaceSet | undefined
}

export const unknownPlace: Place = { name: "unknown", places: undefined }

/** A ⊆ B: every place of A is a place of B. What is unknown, or empty, is inside nothing. */
export const within = (inner: PlaceSet | undefined, outer: PlaceSet | undefined): boolean => {
  if (inner === undefined || outer === undefined || inner.size === 0) return false
  for (const place of inner) if (!outer.has(place)) return false
  return true
}

/** The place that a name stands for, or `unknown`. */
export const placeOf = (zones: ReadonlyMap<string, PlaceSet>, name: string | undefined): Place => {
  const places = name === undefined ? undefined : zones.get(name)
  return name === undefined || places === undefined ? unknownPlace : { name, places }
}

const path = ["residency", "zones"]

/** Resolves each zone to its places. A zone that cannot be resolved is reported and left out. */
export const compileZones = (section: ResidencySection, problems: Problems): Map<string, PlaceSet> => {
  const declared = new Map(Object.entries(section.zones))
  const zones = new Map<string, PlaceSet>()
  for (const [name, zone] of declared) {
    checkName([...path, name], name, "zone", ["unknown"], problems)
    for (const [index, member] of (zone.includes ?? []).entries()) {
      if (declared.has(member)) continue
      checkName([...path, name, "includes", index], member, "place", ["unknown"], problems)
      zones.set(member, new Set([member]))
    }
  }
  const open: Array<string> = []
  for (const name of declared.keys()) resolve(name, { declared, zones, open, problems })
  for (const [name, places] of zones) if (places.size === 0) zones.delete(name)
  return zones
}

interface Resolving {
  readonly declared: ReadonlyMap<string, Zone>
  /** Places, and zones that are resolved; one that failed is an empty set. */
  readonly zones: Map<string, PlaceSet>
  /** The zones that are being resolved, outermost first. */
  readonly open: Array<string>
  readonly problems: Problems
}

const resolve = (name: string, state: Resolving): PlaceSet => {
  const { declared, zones, open, problems } = state
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = declared.get(name) as Zone
  if (open.includes(name)) {
    const cycle = [...open.slice(open.indexOf(name)), name].join(" → ")
    problems.error(
      [...path, name],
      `zone ${name} contains itself: ${cycle}`,
      "Take one of these names out of the zone before it."
    )
    zones.set(name, new Set())
    return new Set()
  }
  if (zone.includes === undefined && zone.excludes === undefined) {
    const place = new Set([name])
    zones.set(name, place)
    return place
  }
  open.push(name)
  const places = members(name, zone, state)
  open.pop()
  if (places.size === 0 && zones.get(name) === undefined) {
    problems.error(
      [...path, name],
      `zone ${name} has no place`,
      "Name a place under `includes`, or leave `includes` out to make it a place."
    )
  }
  if (zones.get(name) === undefined) zones.set(name, places)
  return places
}

const members = (name: string, zone: Zone, state: Resolving): PlaceSet => {
  const places = new Set<string>()
  for (const member of zone.includes ?? []) for (const place of resolve(member, state)) places.add(place)
  for (const [index, member] of (zone.excludes ?? []).entries()) {
    if (!state.declared.has(member) && !state.zones.has(member)) {
      state.problems.error(
        [...path, name, "excludes", index],
        `zone ${member} does not exist`,
        "Name a zone, or a place that some zone includes."
      )
      continue
    }
    for (const place of resolve(member, state)) places.delete(place)
  }
  return places
}
