import * as Effect from "effect/Effect"
import type { OperationKind } from "../../core/index.ts"
import type { GrantTerms } from "../../plugins/approval/index.ts"
import { requestText } from "../approval-text.ts"
import { deskOptions, visit } from "../approvals-desk.ts"
import { type Arguments, type Command, jsonOption, type Option } from "../command.ts"

const reason: Option = { type: "string", value: "TEXT", about: "why, for whoever asked and for the record" }
const digest: Option = {
  type: "string",
  value: "HEX",
  about: "approve only if this is still the request's digest; otherwise what is shown now is what is approved"
}

/** `sluice approvals approve`: yes, to exactly this. */
export const approvalsApprove: Command = {
  name: "approvals approve",
  about: "approve exactly what a request would run, once",
  details: "Shows what is approved before it is. When the request needs several people, each of them says so.",
  positionals: ["ID"],
  options: { reason, digest, ...deskOptions, json: jsonOption },
  run: (args, io) => visit(args, io, "approvals approve", ({ desk, visitor }) => approve(args, io.out, desk, visitor))
}

/** `sluice approvals grant`: yes, and to more like it for a while. */
export const approvalsGrant: Command = {
  name: "approvals grant",
  about: "approve a request, and more of the same for a while",
  details: [
    "The grant covers the same identities, pipeline, data sets and places as the request, and the kinds of",
    "operation that you name. It ends by itself, and `sluice approvals revoke` ends it at once."
  ].join("\n"),
  positionals: ["ID"],
  options: {
    seconds: { type: "string", value: "N", about: "how long it holds, at most a day", required: true },
    uses: { type: "string", value: "N", about: "how many operations it covers", required: true },
    kind: {
      type: "string",
      value: "KIND",
      about: "read, export, write…; the request's own, unless given",
      multiple: true
    },
    reason,
    digest,
    ...deskOptions,
    json: jsonOption
  },
  run: async (args, io) => {
    const terms = termsOf(args)
    if (typeof terms === "string") {
      io.err(`sluice approvals grant: ${terms}`)
      return 2
    }
    return visit(args, io, "approvals grant", ({ desk, visitor }) => approve(args, io.out, desk, visitor, terms))
  }
}

/** `sluice approvals deny`: no. */
export const approvalsDeny: Command = {
  name: "approvals deny",
  about: "deny a request",
  details: "A no wins over every yes that was not used yet.",
  positionals: ["ID"],
  options: { reason, ...deskOptions, json: jsonOption },
  run: (args, io) =>
    visit(args, io, "approvals deny", ({ desk, visitor }) => {
      const [id] = args.positionals
      const denied = desk.decide(visitor, id!, { approve: false, binding: "", reason: args.text("reason") })
      return Effect.map(denied, ({ status }) => io.out(said(args, id!, status)))
    })
}

type Parts = Parameters<Parameters<typeof visit>[3]>[0]

const approve = (
  args: Arguments,
  out: (text: string) => void,
  desk: Parts["desk"],
  visitor: Parts["visitor"],
  terms?: Terms
) =>
  Effect.gen(function*() {
    const [id] = args.positionals
    const view = yield* desk.show(visitor, id!)
    if (!args.flag("json")) { for (const line of [...requestText(view), ""]) out(line) }
    const { binding, shown } = view.request
    const grant = terms === undefined
      ? undefined
      : { ...terms, kinds: terms.kinds.length > 0 ? terms.kinds : [shown.kind as OperationKind] }
    const decision = { approve: true, binding: args.text("digest") ?? binding, reason: args.text("reason"), grant }
    const { rules, status, votes } = yield* desk.decide(visitor, id!, decision)
    out(said(args, id!, status, status === "pending" ? ` (${votes.length} of ${rules.quorum} have approved)` : ""))
  })

const said = (args: Arguments, id: string, status: string, more = ""): string =>
  args.flag("json") ? JSON.stringify({ id, status }) : `${id} is ${status}${more}.`

type Terms = GrantTerms

const KINDS = ["session", "read", "export", "write", "define", "admin", "execute", "move", "unknown"]
const SECONDS_MAX = 86_400
const USES_MAX = 10_000

const termsOf = (args: Arguments): Terms | string => {
  const seconds = Number(args.text("seconds"))
  const uses = Number(args.text("uses"))
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX)) {
    return `--seconds must be a whole number from 1 to ${SECONDS_MAX}.`
  }
  if (!(Number.isInteger(uses) && uses >= 1 && uses <= USES_MAX)) {
    return `--uses must be a whole number from 1 to ${USES_MAX}.`
  }
  const kinds = args.texts("kind")
  const strange = kinds.find((kind) => !KINDS.includes(kind))
  if (strange !== undefined) return `\`${strange}\` is no kind. There are: ${KINDS.join(", ")}.`
  return { seconds, uses, kinds: kinds as ReadonlyArray<OperationKind> }
}
