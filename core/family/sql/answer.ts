import type { Output } from "../output.ts"
import type { Column, Row } from "./row.ts"

/** What a result's rows will look like, before the first of them. Throw to refuse the answer: the session ends. */
export interface Description extends Output {
  readonly kind: "description"
  readonly columns: ReadonlyArray<Column>
  readonly result: number
}

/** A statement ended well. */
export interface Completion extends Output {
  readonly kind: "completion"
  /** The command tag, such as `SELECT 3`. */
  readonly tag: string
  readonly rows: number
}

/** An error or a notice, field by field (PostgreSQL manual 54.8). What is set here replaces what the server said. */
export interface Report extends Output {
  readonly kind: "error" | "notice"
  readonly sqlstate: string
  readonly severity: string
  message: string
  /**
   * Everything else that the server said and that may quote data: detail, hint, context, constraint, internal query.
   */
  extras: ReadonlyMap<string, string>
}

/** Something another session or the server itself says, outside any answer. */
export interface Notification extends Output {
  readonly kind: "notification"
  readonly channel: string
  payload: string
}

/** The server reports a setting's value. */
export interface Setting extends Output {
  readonly kind: "setting"
  readonly name: string
  readonly value: string
}

export type SqlOutput = Row | Description | Completion | Report | Notification | Setting
