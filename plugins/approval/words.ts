import { type Deny, deny } from "../../core/index.ts"
import type { ApprovalConfig } from "./config.ts"
import { inertLine } from "./inert.ts"
import type { Request } from "./request.ts"

const REASON_CHARACTERS_MAX = 500

/** What an operation waits for, as the client and the operator may read it. */
export const waitsFor = ({ approvers, quorum }: ApprovalConfig): string =>
  `approval by ${quorum === 1 ? "one" : quorum} of ${approvers.join(", ")}`

/** What the client is told while it waits. */
export const noticeOf = ({ id, rules }: Request): string =>
  `This operation waits for a person's approval, for at most ${rules.within_seconds} seconds: request ${id}. `
  + `Approvers see it with: sluice approvals show ${id}`

/** Why an operation that was held does not run. */
export const refusalOf = (request: Request): Deny => {
  const { id, rules, status } = request
  const last = request.steps.at(-1)
  const reason = last?.reason === undefined ? undefined : inertLine(last.reason.slice(0, REASON_CHARACTERS_MAX))
  const detail = `request ${id}`
  switch (status) {
    case "denied":
      return deny("approval_denied", `Request ${id} was denied${reason === undefined ? "" : `: ${reason}`}.`, {
        detail,
        hint: "Ask whoever decides what they would agree to."
      })
    case "expired":
      return deny("approval_timeout", `Nobody approved request ${id} within ${rules.within_seconds} seconds.`, {
        detail,
        hint: "Ask again when an approver is there."
      })
    case "void":
    case "used":
    case "draft":
    case "pending":
    case "approved":
      break
  }
  return deny("approval_void", `Request ${id} is ${status}${reason === undefined ? "" : `: ${reason}`}.`, {
    detail,
    hint: "Ask again: that is another request."
  })
}

export const changed: Deny = deny(
  "approval_void",
  "What would run now is not what was approved: the policy, the definitions or the caller changed meanwhile.",
  { hint: "Ask again: that is another request." }
)

export const unshowable: Deny = deny(
  "approval_unavailable",
  "This operation needs a person's approval, and what it would run cannot be shown to one.",
  { hint: "Ask it as one plain statement, without EXECUTE, FETCH or MOVE of something that was named before." }
)

export const unreachable: Deny = deny(
  "approval_unavailable",
  "This operation needs a person's approval, and approvals cannot be had now.",
  { hint: "Try again soon. The gateway's log says what is wrong." }
)
