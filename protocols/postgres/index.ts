import type { Sql } from "../../core/family/sql/index.ts"
import type { Codec, CodecContext } from "../../core/protocol/index.ts"
import { PostgresCodec } from "./codec.ts"
import type { PostgresConfig } from "./config.ts"

export { PostgresConfig } from "./config.ts"
export { AskedStatement } from "./statement.ts"

/** The codec of PostgreSQL's protocol: once per pipeline with its configuration, then once per session. */
export const postgresCodec = (config: PostgresConfig) => (context: CodecContext): Codec<Sql> =>
  new PostgresCodec(config, context)
