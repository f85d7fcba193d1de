import * as Effect from "effect/Effect"
import { requestJson } from "../../plugins/approval/index.ts"
import { requestText } from "../approval-text.ts"
import { deskOptions, visit } from "../approvals-desk.ts"
import { type Command, jsonOption } from "../command.ts"

/** `sluice approvals show`: exactly what would run. */
export const approvalsShow: Command = {
  name: "approvals show",
  about: "show exactly what a request would run, for whom, and where it would be seen",
  positionals: ["ID"],
  options: { ...deskOptions, json: jsonOption },
  run: (args, io) =>
    visit(
      args,
      io,
      "approvals show",
      ({ desk, visitor }) =>
        Effect.map(desk.show(visitor, args.positionals[0]!), (view) => {
          if (args.flag("json")) io.out(JSON.stringify(requestJson(view), null, 2))
          else for (const line of requestText(view)) io.out(line)
        })
    )
}
