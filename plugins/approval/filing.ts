import { randomBytes } from "node:crypto"
import { type Deny, deny } from "../../core/index.ts"
import type { Filed, Filing } from "./approvals.ts"
import type { Request } from "./request.ts"

/** Who takes it in: a gateway, and which of its lives. */
export interface Keeper {
  readonly gateway: string
  readonly life: string
}

/** The request that a filing becomes. */
export const requestOf = (filing: Filing, { gateway, life }: Keeper): Request => {
  const { approvers, clients, quorum, reason_required, within_seconds } = filing.config
  return {
    version: 1,
    id: `ap-${freshName()}`,
    gateway,
    life,
    clients,
    binding: filing.binding,
    rules: { approvers, quorum, within_seconds, reason_required },
    chain: filing.chain,
    shown: filing.shown,
    status: clients === "wait" ? "pending" : "draft",
    at: filing.now,
    until: filing.now + within_seconds * 1000,
    votes: [],
    steps: [{ at: filing.now, step: "requested", ...by(filing) }],
    recorded: 0
  }
}

const by = ({ chain }: Filing) => chain[0] === undefined ? {} : { by: chain[0].subject }

const LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
/** Fifty bits, in letters that are not mistaken for one another. */
const freshName = (): string => [...randomBytes(10)].map((byte) => LETTERS[byte & 31]).join("")

/** What a client that does not wait comes back to. */
export const returning = (request: Request): Filed =>
  request.status === "approved" ? { _tag: "Approved", request } : { _tag: "Refused", denial: handleOf(request) }

/** The refusal of a client that does not wait: the request's name is its handle. */
const handleOf = ({ id, status }: Request): Deny =>
  status === "draft"
    ? deny("approval_required", `This operation needs a person's approval: request ${id}.`, {
      detail: `request ${id}`,
      hint: `Run \`sluice approvals request ${id}\`, and ask again once it is approved.`
    })
    : deny("approval_required", `This operation waits for approval as request ${id}.`, {
      detail: `request ${id}`,
      hint: "Ask again once it is approved."
    })
