import { Inference, type Reads, type Writes } from "../../core/index.ts"
import type { Statement } from "../../core/family/sql/index.ts"
import { steers } from "./handling.ts"
import { spelt } from "./judge.ts"
import type { Shield } from "./shield.ts"

/** Counts, for one session, the operations that compare protected values in clear. */
export class Inferences {
  private count = 0

  /** A statement is looked at in each phase of its life, and again once it was rewritten: it counts when it runs. */
  note(
    exchange: { readonly operation: Statement } & Reads<[]> & Writes<readonly [typeof Inference]>,
    shield: Shield | undefined
  ): void {
    const columns = shield === undefined ? [] : comparedBy(exchange.operation, shield)
    if (columns.length === 0) return
    const { phase } = exchange.operation
    const runs = phase === "simple" || phase === "execute"
    if (runs && exchange.find(Inference) === undefined) this.count++
    exchange.set(Inference, { columns, count: this.count })
  }
}

/** The protected columns that a statement compares, as `schema.table.column`. */
const comparedBy = ({ uses }: Statement, shield: Shield): ReadonlyArray<string> => {
  const compared = uses.filter((use) => steers.has(use.use) && shield.kindOf(use) !== undefined)
  return [...new Set(compared.map(spelt))].toSorted()
}
