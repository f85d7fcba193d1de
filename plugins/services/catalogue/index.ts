import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { defineService, Readers } from "../../../core/index.ts"
import { openReader } from "./pg-reader.ts"

const config = Schema.Struct({
  /** The longest that one question about the catalogue may take at the upstream, in seconds. */
  statement_timeout_seconds: Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 300 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(10))
  ),
  /** The longest that connecting may take, TLS and login included, in seconds. */
  connect_timeout_seconds: Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 300 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(10))
  )
})

/** Asks upstreams that speak PostgreSQL about themselves: one connection for each catalogue that is followed. */
const catalogue = defineService({
  name: "catalogue",
  config,
  provides: Readers,
  layer: (options) =>
    Layer.succeed(Readers, {
      open: (target) =>
        openReader(target, {
          statementMillis: options.statement_timeout_seconds * 1000,
          connectMillis: options.connect_timeout_seconds * 1000
        })
    })
})

export default catalogue
