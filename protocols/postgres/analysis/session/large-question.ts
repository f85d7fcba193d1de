import type { ColumnRef, ConfinedTable, Projection, RowCondition, TableRef } from "../../../../core/family/sql/index.ts"
import { columnKey } from "../../../../core/family/sql/index.ts"
import type { SnapshotPart } from "../catalogue/parts.ts"
import type { Unprojected } from "../../../../core/family/sql/index.ts"
import type { Examined } from "../examine.ts"
import type { Node } from "../parse/tree.ts"

/** What is to be made of a text, in a catalogue that the thread was given before, and definitions on top of it. */
export interface LargeQuestion {
  readonly text: string
  readonly major: number | undefined
  readonly definitions: ReadonlyArray<Node>
  /** Undefined: only what the text touches is asked. */
  readonly projection: ProjectionAnswers | undefined
}

/** A projection as far as it was asked: functions do not cross over to another thread, their answers do. */
export interface ProjectionAnswers {
  /** By `columnKey`; undefined where no column is masked. */
  readonly masks: ReadonlyMap<string, string | null | undefined> | undefined
  /** By `tableKey`; undefined where every row is read. */
  readonly rows: ReadonlyMap<string, RowCondition | undefined> | undefined
}

export const tableKey = ({ table, within = [] }: TableRef): string => [table, ...within].join("\0")

/** What the thread is told. */
export type ToThread =
  | { readonly _tag: "Part"; readonly part: SnapshotPart }
  | { readonly _tag: "Question"; readonly question: LargeQuestion }

/** What the thread says. */
export type FromThread =
  /** It takes up the question: from here on the time counts. */
  | { readonly _tag: "Begun" }
  | { readonly _tag: "Examined"; readonly examined: Examined }
  /** It must know more of the projection, and is to be asked again. */
  | {
    readonly _tag: "Asks"
    readonly columns: ReadonlyArray<ColumnRef>
    readonly tables: ReadonlyArray<TableRef>
  }
  | {
    readonly _tag: "Projected"
    readonly text: string
    readonly examined: Examined
    readonly confined: ReadonlyArray<ConfinedTable>
  }
  | Unprojected

/** `known` with the answers to what was asked. */
export const answered = (
  { masks, rows }: ProjectionAnswers,
  { columns, tables }: Extract<FromThread, { readonly _tag: "Asks" }>,
  projection: Projection
): ProjectionAnswers => ({
  masks: masks && new Map([...masks, ...columns.map((ref) => [columnKey(ref), projection.mask?.(ref)] as const)]),
  rows: rows && new Map([...rows, ...tables.map((ref) => [tableKey(ref), projection.rows?.(ref)] as const)])
})

export const unanswered = ({ mask, rows }: Projection): ProjectionAnswers => ({
  masks: mask === undefined ? undefined : new Map(),
  rows: rows === undefined ? undefined : new Map()
})
