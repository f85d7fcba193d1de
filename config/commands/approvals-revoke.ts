import * as Effect from "effect/Effect"
import { deskOptions, visit } from "../approvals-desk.ts"
import { type Command, jsonOption } from "../command.ts"

/** `sluice approvals revoke`: takes back what was asked, approved or granted. */
export const approvalsRevoke: Command = {
  name: "approvals revoke",
  about: "take back a request, an approval that was not used, or a grant",
  details: "Whoever asked may withdraw; an approver may revoke. A grant ends at once, for open sessions too.",
  positionals: ["ID"],
  options: {
    reason: { type: "string", value: "TEXT", about: "why, for whoever waits and for the record" },
    ...deskOptions,
    json: jsonOption
  },
  run: (args, io) =>
    visit(args, io, "approvals revoke", ({ desk, visitor }) => {
      const [id] = args.positionals
      return Effect.map(
        desk.revoke(visitor, id!, args.text("reason")),
        () => io.out(args.flag("json") ? JSON.stringify({ id, status: "revoked" }) : `${id} is revoked.`)
      )
    })
}
