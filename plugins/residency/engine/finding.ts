import type { Obligation, ReceiptCheck } from "../../../core/index.ts"

/** One check's answer, with the obligations that it rests on. */
export interface Finding {
  readonly check: ReceiptCheck
  readonly obligations: ReadonlyArray<Obligation>
}

export const finding = (check: ReceiptCheck, obligations: ReadonlyArray<Obligation> = []): Finding => ({
  check,
  obligations
})
