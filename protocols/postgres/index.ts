import { Sql } from "../../core/family/sql/index.ts"
import { defineProtocol } from "../../core/protocol/index.ts"
import { analysis } from "./analysis/index.ts"
import { PostgresCodec } from "./codec.ts"
import { PostgresConfig } from "./config.ts"
import { AskedStatement } from "./statement.ts"

/** PostgreSQL's protocol, 3.0 and 3.2, in front of servers from 13 to 18. */
export const postgres = defineProtocol({
  name: "postgres",
  family: Sql,
  config: PostgresConfig,
  defaultPort: 5432,
  alpn: "postgresql",
  codec: (config) => (context) => new PostgresCodec(config, context),
  analysis,
  ask: (text) => new AskedStatement(text, "simple")
})

export default postgres
export { PostgresConfig } from "./config.ts"
export { AskedStatement } from "./statement.ts"
