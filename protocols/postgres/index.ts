import { Sql } from "../../core/family/sql/index.ts"
import { type Codec, type CodecContext, defineProtocol } from "../../core/protocol/index.ts"
import { analysis } from "./analysis/index.ts"
import { PostgresCodec } from "./codec.ts"
import { PostgresConfig } from "./config.ts"
import { PostgresConnector } from "./connector.ts"
import { AskedStatement } from "./statement.ts"

/** The codec of PostgreSQL's protocol: once per pipeline with its configuration, then once per session. */
export const postgresCodec = (config: PostgresConfig) => (context: CodecContext): Codec<Sql> =>
  new PostgresCodec(config, context)

/** PostgreSQL's protocol, 3.0 and 3.2, in front of servers from 13 to 18. */
export const postgres = defineProtocol({
  name: "postgres",
  family: Sql,
  config: PostgresConfig,
  defaultPort: 5432,
  alpn: "postgresql",
  codec: postgresCodec,
  analysis,
  ask: (text) => new AskedStatement(text, "simple"),
  connector: (context) => new PostgresConnector(context)
})

export default postgres
export { PostgresConfig } from "./config.ts"
export { AskedStatement } from "./statement.ts"
