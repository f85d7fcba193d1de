export type { Completion, Description, Notification, Report, Setting, SqlOutput } from "./answer.ts"
export {
  type Aggregation,
  columnKey,
  type ColumnRef,
  type ColumnUse,
  type Lineage,
  type Source,
  type UseKind
} from "./lineage.ts"
export type { ConfinedTable, Later, Projection, RowCondition, TableRef, Unprojected } from "./projection.ts"
export type { Column, Row } from "./row.ts"
export { type CopyPiece, Sql } from "./sql.ts"
export type { CopyFormat, Parameter, ResultShape, Statement, StatementPhase } from "./statement.ts"
export type { Substitute, ValueType } from "./value-type.ts"
