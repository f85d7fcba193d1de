import type { Resource } from "./resource.ts"

/**
 * What an operation does, for every protocol alike, from the mildest to the gravest:
 *
 * - `session`: touches no data (`SELECT 1`, `SET`, `BEGIN`). `read`. `export`: bulk out. `write`.
 * - `define`: changes definitions. `admin`. `execute`: runs code whose effect is not known.
 * - `move`: the server itself ships data to another endpoint. `unknown`: never treated as a read.
 */
export type OperationKind =
  | "session"
  | "read"
  | "export"
  | "write"
  | "define"
  | "admin"
  | "execute"
  | "move"
  | "unknown"

/** What was asked, and what it touches. A family adds its own: SQL, the text and the lineage of each output. */
export interface Operation {
  readonly kind: OperationKind
  readonly reads: ReadonlyArray<Resource>
  readonly writes: ReadonlyArray<Resource>
  /** False when the reads and writes are not all known: the operation could touch anything behind this upstream. */
  readonly resolved: boolean
  /** Why it is not resolved, naming the construct and never quoting data. */
  readonly unresolved?: string
  /** SHA-256, in hex, of the bytes and the parameters: what an approval binds to. Computed on demand. */
  readonly digest: string
  /** The operation as an operator would read it in a log. Computed on demand. */
  readonly summary: string
  /** What the client is told when this runs in place of what it asked, where the protocol can say so. */
  readonly note?: string | undefined
}
