import type { Node } from "./parse/tree.ts"

/** What a session has named: statements by PREPARE, cursors by DECLARE. */
export interface SessionNames {
  /** The statement under a name that PREPARE gave. */
  readonly prepared: (name: string) => Node | undefined
  /** The query of an open cursor. */
  readonly cursor: (name: string) => Node | undefined
}

export const noNames: SessionNames = { prepared: () => undefined, cursor: () => undefined }

/** What a text will have changed in its session once it ran well. */
export type Consequence =
  | { readonly _tag: "Prepare"; readonly name: string; readonly query: Node }
  | { readonly _tag: "Deallocate"; readonly name: string | undefined }
  | { readonly _tag: "Declare"; readonly name: string; readonly query: Node }
  | { readonly _tag: "Close"; readonly name: string | undefined }
  | { readonly _tag: "Define"; readonly statement: Node }
  /** A definition that was not kept: what it defined is not known. */
  | { readonly _tag: "Lose" }
  | { readonly _tag: "Discard" }
  /** Part of the transaction is undone: what was defined in it is no longer known. */
  | { readonly _tag: "RollbackTo" }
