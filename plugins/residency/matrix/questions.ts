import type { OperationKind, Resource } from "../../../core/index.ts"
import { endpointSink, type Sink } from "../engine/sinks.ts"
import { type Touched, touchedBy } from "../engine/touched.ts"
import type { InputOperation } from "../engine/inputs.ts"
import type { World, WorldPipeline } from "../world.ts"
import { holdingsOf } from "./holdings.ts"
import type { Access, MatrixRow } from "./row.ts"

/** Something that can be asked behind a pipeline, whoever asks it. */
export interface Question {
  readonly pipeline: WorldPipeline
  readonly labels: Pick<MatrixRow, "pipeline" | "data_set" | "operation" | "access" | "endpoint">
  /** The operations that ask it; what holds for the mildest of them holds for the question. */
  readonly forms: ReadonlyArray<Form>
  readonly endpoints: ReadonlyArray<Sink>
}

/** One operation. */
export interface Form {
  readonly operation: InputOperation
  readonly touched: Touched
  /** Whether something that it reads may leave masked, and this pipeline can mask it. */
  readonly maskable: boolean
}

/** The kinds of operation that touch data, and how each can. What is unresolved is a question of its own. */
const ways: ReadonlyArray<readonly [OperationKind, ReadonlyArray<Access>]> = [
  ["read", ["read"]],
  ["export", ["read"]],
  ["write", ["read", "written"]],
  ["define", ["read", "written"]],
  ["admin", ["read", "written"]],
  ["execute", ["read", "written"]]
]

/** Everything that can be asked of these holdings, and of what could not be resolved. */
export const questionsOf = (world: World, holdings = holdingsOf(world)): ReadonlyArray<Question> => [
  ...holdings.flatMap(({ name, pipeline: at, resources }) => {
    const pipeline = world.pipelines.get(at)
    if (pipeline === undefined) return []
    const asked = ways.flatMap(([kind, accesses]) =>
      accesses.map((access): Question => ({
        pipeline,
        labels: { pipeline: at, data_set: name, operation: kind, access },
        forms: resources.map((resource) => form(world, pipeline, kind, access, [resource])),
        endpoints: []
      }))
    )
    return [...asked, ...moves(world, pipeline, name, resources)]
  }),
  ...unresolved(world)
]

const form = (
  world: World,
  pipeline: WorldPipeline,
  kind: OperationKind,
  access: Access,
  resources: ReadonlyArray<Resource>
): Form => {
  const operation: InputOperation = {
    kind,
    reads: access === "read" ? resources : resources.filter((one) => one.kind === "endpoint"),
    writes: access === "written" ? resources : [],
    resolved: true
  }
  const touched = touchedBy(world, pipeline, operation)
  const leaves = touched.reads.some(({ masked }) => masked === "leaves")
  return {
    operation,
    touched,
    maskable: leaves && access === "read" && kind !== "move" && pipeline.plugins.includes("masking")
  }
}

/** Away to every other declared upstream. What is not declared is nowhere, and always denied. */
const moves = (
  world: World,
  pipeline: WorldPipeline,
  name: string,
  resources: ReadonlyArray<Resource>
): ReadonlyArray<Question> =>
  [...world.endpoints].filter(([address]) => address !== pipeline.address).map(([address, { pipelines }]) => {
    const endpoint: Resource = { kind: "endpoint", name: address }
    return {
      pipeline,
      labels: {
        pipeline: pipeline.name,
        data_set: name,
        operation: "move",
        access: "read",
        endpoint: pipelines.join(", ")
      },
      forms: resources.map((resource) => form(world, pipeline, "move", "read", [resource, endpoint])),
      endpoints: [endpointSink(world, address)]
    }
  })

/** What could touch anything: a question only where the policy lets a person answer it. */
const unresolved = (world: World): ReadonlyArray<Question> =>
  world.unresolved === "deny" ? [] : [...world.pipelines.values()].map((pipeline) => {
    const operation: InputOperation = { kind: "unknown", reads: [], writes: [], resolved: false }
    return {
      pipeline,
      labels: { pipeline: pipeline.name, data_set: "everything", operation: "unknown", access: "written" },
      forms: [{ operation, touched: touchedBy(world, pipeline, operation), maskable: false }],
      endpoints: []
    }
  })
