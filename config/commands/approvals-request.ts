import * as Effect from "effect/Effect"
import { deskOptions, visit } from "../approvals-desk.ts"
import { type Command, jsonOption } from "../command.ts"

/** `sluice approvals request`: brings what was refused to the approvers. */
export const approvalsRequest: Command = {
  name: "approvals request",
  about: "ask for the approval of an operation that was refused",
  details: [
    "Where clients do not wait, the refusal names a request. This brings it to the approvers; once they have",
    "approved it, the same operation passes, once. Only whoever was refused can ask."
  ].join("\n"),
  positionals: ["ID"],
  options: {
    reason: { type: "string", value: "TEXT", about: "why, for the approvers and for the record" },
    ...deskOptions,
    json: jsonOption
  },
  run: (args, io) =>
    visit(args, io, "approvals request", ({ desk, visitor }) => {
      const [id] = args.positionals
      return Effect.map(
        desk.submit(visitor, id!, args.text("reason")),
        ({ status }) => io.out(args.flag("json") ? JSON.stringify({ id, status }) : `${id} is ${status}.`)
      )
    })
}
