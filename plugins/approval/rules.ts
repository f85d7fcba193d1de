/** Who may approve, and how. A request carries the rules that held when it was made: they are part of what it binds. */
export interface Rules {
  /** Whoever is in one of these groups may approve. */
  readonly approvers: ReadonlyArray<string>
  /** How many distinct people must say yes. */
  readonly quorum: number
  readonly within_seconds: number
  readonly reason_required: boolean
}
