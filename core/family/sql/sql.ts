import { defineFamily } from "../family.ts"
import type { Input } from "../input.ts"
import type { SqlOutput } from "./answer.ts"
import type { RowRun } from "./row.ts"
import type { Statement } from "./statement.ts"

/** A piece of what the client sends into COPY FROM STDIN. Pieces need not be whole rows. */
export interface CopyPiece extends Input {
  readonly kind: "copy"
}

/** The family of relational databases that are asked in SQL. */
export const Sql = defineFamily<Statement, SqlOutput, CopyPiece, RowRun>("sql")
export type Sql = typeof Sql
