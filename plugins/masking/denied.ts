import { type Deny, deny } from "../../core/index.ts"
import type { Statement } from "../../core/family/sql/index.ts"
import type { MaskSet } from "./masks.ts"
import type { Shield } from "./shield.ts"

/** A refusal where an output is of a column that the file masks with `deny`. */
export const deniedOutput = (statement: Statement, shield: Shield, masks: MaskSet): Deny | undefined => {
  for (const { columns } of statement.results) {
    for (const { sources } of columns) {
      for (const source of sources) {
        const kind = shield.kindOf(source)
        if (kind === undefined || masks.of(source, kind, shield.obliges(source)).denies !== true) continue
        return deny("masking", `${source.table}.${source.column} is not shown at all.`, {
          hint: "Leave the column out, and name the others."
        })
      }
    }
  }
  return undefined
}
