import * as Schema from "effect/Schema"
import type { PolicyDocument } from "../../core/index.ts"
import { ResidencySection } from "../../plugins/residency/index.ts"

/** How large a policy to make. */
export interface PolicySize {
  readonly parties: number
  readonly dataSets: number
  readonly places: number
}

const issuer = "https://issuer.test"

/** Always the same numbers from the same seed: mulberry32. */
const random = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

/**
 * A policy as a large organisation has it: zones over places, data sets at home in some of them, parties all over, half
 * of them agents with a model elsewhere, transfers by class and by recipient, exceptions, and two rules.
 */
export const largePolicy = ({ dataSets, parties, places }: PolicySize): PolicyDocument => {
  const next = random(7)
  const of = <A>(values: ReadonlyArray<A>): A => values[Math.floor(next() * values.length)]!
  const named = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}-${i}`)
  const all = named(places, "place")
  const zones = { world: { includes: all }, east: { includes: all.slice(0, 4) }, west: { includes: all.slice(3) } }
  const homes = [...Object.keys(zones), ...all]
  const pipelines = named(Math.max(2, Math.ceil(places / 2)), "db")
  const sets = named(dataSets, "set")
  const people = named(parties, "party")
  const section = {
    zones,
    data_sets: Object.fromEntries(sets.map((name, i) => [name, {
      home: [of(homes)],
      classes: [of(["personal", "health", "payment", "public"])],
      masked: i % 3 === 0 ? "leaves" : "counts",
      otherwise: i % 7 === 0 ? "approve" : "deny",
      on: { [of(pipelines)]: { tables: { [`public.${name}`]: { email: "email" } } } }
    }])),
    parties: Object.fromEntries(people.map((name, i) => [name, {
      match: { subject: i % 2 === 0 ? `${name}.*` : name },
      at: of(homes),
      clearance: [of(["world", "east", "west"])],
      ...(i % 2 === 0 ? { model: { at: of(all) } } : {})
    }])),
    transfers: Array.from({ length: places * 5 }, (_, i) => ({
      id: `transfer-${i}`,
      from: of(["east", "west", "world"]),
      to: of(homes),
      ...(i % 2 === 0 ? { classes: [of(["personal", "health", "payment"])] } : { data_sets: [of(sets)] }),
      recipients: i % 3 === 0 ? "any" : [of(people), "gateway", "recorder"],
      operations: i % 4 === 0 ? ["read", "write"] : ["read"],
      mechanism: "scc",
      requires: i % 2 === 0 ? ["mask"] : []
    })),
    rules: [
      { name: "agents do not export", when: "operation.kind == \"export\" && caller.agent", then: "deny" },
      { name: "health is approved", when: "data_sets.exists(d, \"health\" in d.classes)", then: "approve" }
    ]
  }
  return {
    hash: "0".repeat(64),
    gateway: { name: "bench", at: all[0]! },
    residency: Schema.decodeUnknownSync(ResidencySection)(section),
    pipelines: pipelines.map((name, i) => ({
      name,
      at: all[i % all.length]!,
      address: `${name}.internal:5432`,
      plugins: ["identity", "residency", "masking"],
      mode: "enforce"
    })),
    recorder: { at: all[0]! },
    issuers: [issuer]
  }
}
