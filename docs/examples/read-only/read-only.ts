import * as Schema from "effect/Schema"
import { allow, definePlugin, deny, Principal } from "sluice"
import { Sql } from "sluice/sql"

/** Lets everyone read, and only one group do anything else. */
export default definePlugin({
  name: "read-only",
  family: Sql,
  config: Schema.Struct({
    except_group: Schema.String.annotate({ description: "Who may do more than read." })
  }),
  requires: [Principal],
  connect: (_session, { config }) => ({
    decide(exchange) {
      if (exchange.operation.kind === "read" || exchange.operation.kind === "session") return allow
      if (exchange.get(Principal).groups.includes(config.except_group)) return allow
      return deny("read_only", "This connection may only read.")
    }
  })
})
