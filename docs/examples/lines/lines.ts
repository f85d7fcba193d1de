import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Analyser, defineProtocol } from "sluice/protocol"
import { LinesCodec } from "./lines-codec.ts"
import { Lines, read } from "./lines-family.ts"

/** Here the line itself says all. A SQL analyser would ask the upstream's catalogue. */
export const analyser: Analyser<Lines> = {
  analyse: ({ operation }) => operation,
  settle: () => {},
  ready: () => {},
  settings: new Map()
}

export default defineProtocol({
  name: "lines",
  family: Lines,
  config: Schema.Struct({}),
  defaultPort: 7070,
  codec: () => (context) => new LinesCodec(context),
  analysis: () => Effect.succeed({ open: () => Effect.succeed(analyser) }),
  ask: read
})
