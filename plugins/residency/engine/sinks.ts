import { normalAddress } from "../compile/address.ts"
import { type Place, unknownPlace } from "../compile/zones.ts"
import type { World, WorldPipeline } from "../world.ts"
import type { Hop } from "./chain.ts"

/** Someone who will see clear bytes, or, where a mask is obliged, masked ones. */
export interface Sink {
  /** As receipts name it, see `ReceiptCheck.sink`. */
  readonly sink: string
  readonly at: Place
  /** The names under which transfers and exceptions may list it. */
  readonly recipients: ReadonlyArray<string>
  /** Whether it comes after the masks: callers, models and the recorder do; the gateway and servers do not. */
  readonly masks: boolean
  readonly under: string | undefined
}

/** Who sees what is read, and what is written: always the same ones, in this order. */
export const sinksOf = (world: World, chain: ReadonlyArray<Hop>): ReadonlyArray<Sink> => {
  const sinks: Array<Sink> = []
  const add = (sink: Sink): void => {
    const same = (other: Sink): boolean =>
      other.sink === sink.sink && other.at.name === sink.at.name && other.recipients[0] === sink.recipients[0]
    if (!sinks.some(same)) sinks.push(sink)
  }
  for (const { label, party, at } of chain) {
    add({ sink: label, at, recipients: party === undefined ? [] : [party.name], masks: true, under: party?.under })
  }
  for (const { party, model } of chain) {
    if (party === undefined || model === undefined) continue
    add({ sink: `model:${party.name}`, at: model.at, recipients: [party.name], masks: true, under: model.under })
  }
  add({ sink: "gateway", at: world.gateway, recipients: ["gateway"], masks: false, under: undefined })
  if (world.recorder !== undefined) {
    add({ sink: "recorder", at: world.recorder, recipients: ["recorder"], masks: true, under: undefined })
  }
  return sinks
}

/** The upstream itself, where what is written comes to rest. */
export const upstreamSink = (pipeline: WorldPipeline): Sink => ({
  sink: `upstream:${pipeline.name}`,
  at: pipeline.at,
  recipients: [`upstream:${pipeline.name}`],
  masks: false,
  under: undefined
})

/** Another server. One that no pipeline declares is nowhere that we know. */
export const endpointSink = (world: World, address: string): Sink => {
  const declared = world.endpoints.get(normalAddress(address))
  return {
    sink: `endpoint:${address}`,
    at: declared?.at ?? unknownPlace,
    recipients: declared?.pipelines.map((name) => `upstream:${name}`) ?? [],
    masks: false,
    under: undefined
  }
}
