import * as Effect from "effect/Effect"
import { grantJson, requestJson } from "../../plugins/approval/index.ts"
import { GRANT_HEAD, grantRow, REQUEST_HEAD, requestRow, table } from "../approval-text.ts"
import { deskOptions, visit } from "../approvals-desk.ts"
import { type Command, jsonOption } from "../command.ts"

/** `sluice approvals list`: what waits for a yes, as far as it concerns you. */
export const approvalsList: Command = {
  name: "approvals list",
  about: "list requests that wait for approval, or grants",
  details: "Lists what you may decide on and what you asked for yourself. With --json: one array of objects.",
  options: {
    all: { type: "boolean", about: "also those that are over" },
    grants: { type: "boolean", about: "list grants instead of requests" },
    ...deskOptions,
    json: jsonOption
  },
  run: (args, io) =>
    visit(args, io, "approvals list", ({ desk, visitor }) =>
      Effect.gen(function*() {
        const json = args.flag("json")
        if (args.flag("grants")) {
          const grants = yield* desk.grants(visitor)
          for (
            const line of json
              ? [JSON.stringify(grants.map(grantJson), null, 2)]
              : table([GRANT_HEAD, ...grants.map(grantRow)])
          ) {
            io.out(line)
          }
        } else {
          const views = yield* desk.list(visitor, args.flag("all"))
          const rows = () => table([REQUEST_HEAD, ...views.map(requestRow)])
          for (const line of json ? [JSON.stringify(views.map(requestJson), null, 2)] : rows()) io.out(line)
        }
      }))
}
