import type { World, WorldPipeline } from "../world.ts"
import { chainOf, type Hop } from "./chain.ts"
import type { Inputs } from "./inputs.ts"
import { endpointSink, type Sink, sinksOf } from "./sinks.ts"
import { type Touched, touchedBy } from "./touched.ts"

/** What one operation does: who is in it, what it touches, who sees it. Every check reads this and nothing else. */
export interface Flow {
  readonly world: World
  readonly inputs: Inputs
  readonly pipeline: WorldPipeline
  readonly chain: ReadonlyArray<Hop>
  readonly touched: Touched
  /** Those who see what is read and written. */
  readonly sinks: ReadonlyArray<Sink>
  /** Servers that this upstream is made to talk to. */
  readonly endpoints: ReadonlyArray<Sink>
}

/** Undefined when the world has no such pipeline. */
export const flowOf = (world: World, inputs: Inputs): Flow | undefined => {
  const pipeline = world.pipelines.get(inputs.pipeline)
  if (pipeline === undefined) return undefined
  const chain = chainOf(world, inputs.principal)
  const touched = touchedBy(world, pipeline, inputs.operation)
  return {
    world,
    inputs,
    pipeline,
    chain,
    touched,
    sinks: sinksOf(world, chain),
    endpoints: touched.endpoints.map((address) => endpointSink(world, address))
  }
}
