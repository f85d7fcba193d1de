import type { Outbox } from "../../core/bytes/index.ts"
import type { Deny } from "../../core/exchange/index.ts"
import { encodeReport } from "./messages/error-response.ts"

/** What the client is told in place of an answer, in PostgreSQL's words. */
export interface Refusal {
  readonly sqlstate: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  /** Stands in the field `R`, for programs: `sluice_residency`. */
  readonly code?: string
}

/** SQLSTATEs (manual, appendix A) by the code of a denial. What is not listed is a matter of privilege. */
const operationStates: ReadonlyMap<string, string> = new Map([
  ["fault", "58000"],
  ["internal", "58000"],
  ["timeout", "57014"],
  ["approval_timeout", "57014"],
  ["cancelled", "57014"],
  ["approval_queue", "53400"],
  ["limit", "54000"],
  ["statements_max", "54000"],
  ["unavailable", "58030"],
  ["ledger", "58030"],
  ["recording", "58030"],
  ["expired", "28000"],
  ["revoked", "28000"],
  ["unsupported", "0A000"],
  ["syntax", "42601"]
])

const loginStates: ReadonlyMap<string, string> = new Map([
  ["unavailable", "57P03"],
  ["ledger", "57P03"],
  ["fault", "58000"],
  ["upstream", "08006"],
  ["upstream_unreachable", "08006"],
  ["tls_required", "28000"],
  ["certificate", "28000"],
  ["residency", "28000"],
  ["not_permitted", "28000"],
  ["limit", "53300"],
  ["sessions_max", "53300"],
  ["timeout", "57014"],
  ["shutdown", "57P03"]
])

const closeStates: ReadonlyMap<string, string> = new Map([
  ["residency", "42501"],
  ["idle", "57P05"],
  ["shutdown", "57P01"],
  ["ended", "57P01"],
  ["expired", "28000"],
  ["revoked", "28000"],
  ["limit", "54000"],
  ["sessions_max", "53300"],
  ["timeout", "57014"],
  ["login_timeout", "57014"],
  ["fault", "58000"],
  ["ledger", "58030"],
  ["unavailable", "58030"],
  ["upstream", "08006"],
  ["upstream_lost", "08006"],
  ["upstream_unreachable", "08006"],
  ["violation", "08P01"]
])

const refusal = (denial: Deny, sqlstate: string): Refusal => ({
  sqlstate,
  message: `${denial.message} (${denial.code})`,
  ...(denial.detail === undefined ? {} : { detail: denial.detail }),
  ...(denial.hint === undefined ? {} : { hint: denial.hint }),
  code: denial.code
})

/** A denied operation. */
export const refusalOf = (denial: Deny): Refusal => refusal(denial, operationStates.get(denial.code) ?? "42501")

/** A denied login. */
export const loginRefusal = (denial: Deny): Refusal => refusal(denial, loginStates.get(denial.code) ?? "28P01")

/** The end of a session, from the gateway's side. */
export const closingRefusal = (denial: Deny): Refusal => refusal(denial, closeStates.get(denial.code) ?? "57P01")

/** ErrorResponse. FATAL tells the client that the connection closes. */
export const encodeRefusal = (out: Outbox, severity: "ERROR" | "FATAL", refused: Refusal): void => {
  const extras = new Map<string, string>()
  if (refused.detail !== undefined) extras.set("detail", refused.detail)
  if (refused.hint !== undefined) extras.set("hint", refused.hint)
  if (refused.code !== undefined) extras.set("routine", `sluice_${refused.code}`)
  encodeReport(out, "error", { severity, sqlstate: refused.sqlstate, message: refused.message, extras })
}
