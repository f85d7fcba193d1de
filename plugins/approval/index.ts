import * as Effect from "effect/Effect"
import {
  admit,
  Any,
  Approval,
  definePlugin,
  Policy,
  Principal,
  Receipt,
  Revocations,
  Tokens
} from "../../core/index.ts"
import { Approvals } from "./approvals.ts"
import { ApprovalConfig } from "./config.ts"
import { Holder } from "./holder.ts"

export { Approvals } from "./approvals.ts"
export { Book } from "./book.ts"
export { type Decision, Desk, type Refused, type View, type Visitor } from "./desk.ts"
export type { Grant, GrantTerms } from "./grant.ts"
export { inert, inertLine } from "./inert.ts"
export type { Request } from "./request.ts"
export { approvals } from "./service.ts"
export { grantJson, requestJson } from "./view-json.ts"

/**
 * `use: approval`: holds what the engine answers `approve` until enough people said yes. What they said it of is judged
 * anew when it is released: the plugin asks for another judgement (`again`), and lets pass only what still is, in every
 * respect, what was approved.
 */
export const approval = definePlugin({
  name: "approval",
  family: Any,
  config: ApprovalConfig,
  requires: [Principal, Receipt, Approvals, Policy, Tokens, Revocations],
  provides: [Approval],
  acquire: () =>
    Effect.gen(function*() {
      return {
        approvals: yield* Approvals,
        policy: yield* Policy,
        tokens: yield* Tokens,
        revocations: yield* Revocations
      }
    }),
  connect: (session, { config, resources }) => {
    const holder = new Holder(session, config, resources)
    return {
      authenticate: (login) => {
        holder.login(login)
        return admit
      },
      inspect: (exchange) => holder.inspect(exchange),
      decide: (exchange) => holder.decide(exchange),
      close: () => holder.close()
    }
  }
})
export default approval
