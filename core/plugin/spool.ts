/**
 * Where a recorder writes without waiting, seen from the relay. What was appended is written in batches, at least once
 * per turn of the event loop; until it is, nothing that follows from it leaves the gateway: *intent before effect*.
 */
export interface Spool {
  /** Entries appended and not yet written (or durable, where the operator asks for that). */
  readonly pending: number
  /** Why nothing can be written now, or undefined. Operations are refused meanwhile. */
  readonly trouble: string | undefined
  /** Calls back, once, when nothing is pending; not before the current turn ends. */
  whenWritten(resume: () => void): void
}
