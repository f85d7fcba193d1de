import type { PolicyDocument, PolicyPipeline } from "../../../core/index.ts"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { WorldDataSet, WorldEndpoint, WorldPipeline } from "../world.ts"
import { normalAddress } from "./address.ts"
import { compileSelectors } from "./selectors.ts"
import { placeOf, type PlaceSet, unknownPlace } from "./zones.ts"

/** What the engine knows of each pipeline, by name. */
export const compilePipelines = (
  section: ResidencySection,
  document: PolicyDocument,
  zones: ReadonlyMap<string, PlaceSet>,
  dataSets: ReadonlyMap<string, WorldDataSet>
): ReadonlyMap<string, WorldPipeline> =>
  new Map(document.pipelines.map((pipeline) => [pipeline.name, {
    name: pipeline.name,
    at: placeOf(zones, pipeline.at),
    address: normalAddress(pipeline.address),
    store: storeOf(pipeline, document),
    plugins: pipeline.plugins,
    mode: pipeline.mode,
    selectors: compileSelectors(section, dataSets, pipeline.name),
    dataSets: [...dataSets.values()].filter(({ name }) =>
      Object.hasOwn(section.data_sets[name]?.on ?? {}, pipeline.name)
    )
  }]))

/**
 * The upstream's name among labels: address and database. Where some pipeline leaves the database to its clients, all
 * databases of that server are one.
 */
const storeOf = ({ address, database }: PolicyPipeline, { pipelines }: PolicyDocument): string => {
  const server = normalAddress(address)
  const shared = pipelines.some((other) => normalAddress(other.address) === server && other.database === undefined)
  return shared ? server : `${server}/${database ?? ""}`
}

/** The declared upstreams by address. One address at two places is at none that we know. */
export const compileEndpoints = (
  document: PolicyDocument,
  zones: ReadonlyMap<string, PlaceSet>,
  problems: Problems
): ReadonlyMap<string, WorldEndpoint> => {
  const endpoints = new Map<string, WorldEndpoint>()
  for (const pipeline of [...document.pipelines].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const address = normalAddress(pipeline.address)
    const at = placeOf(zones, pipeline.at)
    const known = endpoints.get(address)
    const agreed = known === undefined || known.at.name === at.name
    if (!agreed) {
      problems.warn(
        ["pipelines", pipeline.name, "upstream", "at"],
        `${pipeline.address} is at ${at.name} here and elsewhere in another place`,
        "Give the address one place; until then data that a server ships to it is denied."
      )
    }
    endpoints.set(address, {
      at: agreed ? at : unknownPlace,
      pipelines: [...known?.pipelines ?? [], pipeline.name]
    })
  }
  return endpoints
}
