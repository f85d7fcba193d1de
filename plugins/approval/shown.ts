/** What an approver is shown: all that the binding rests on, in words. Kept as it is, shown inert: see `inert.ts`. */
export interface Shown {
  readonly pipeline: string
  /** Where the upstream is, and its address. */
  readonly from: string
  readonly address: string
  readonly kind: string
  /** The statement or request in full, exactly as it would run. */
  readonly text: string
  /** What the client had asked, where a plugin replaced it. */
  readonly asked?: string
  /** Parameters in their order; null is NULL. What is no text is in hexadecimal, with `\x` before it. */
  readonly parameters: ReadonlyArray<string | null>
  readonly who: ReadonlyArray<
    { readonly issuer: string; readonly subject: string; readonly groups: ReadonlyArray<string> }
  >
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
  /** What the caller's run has seen before: the text and the parameters may tell of it. */
  readonly carries?: ReadonlyArray<string>
  /** Who would see it, and where. */
  readonly sinks: ReadonlyArray<{ readonly sink: string; readonly at: string }>
  /** Why a person is asked. */
  readonly why: ReadonlyArray<string>
  /** SHA-256 of the policy in force. */
  readonly policy: string
}

/** Every data set that a request is about: what it touches, and what its words may tell of. */
export const dataSetsOf = (
  { carries = [], reads, writes }: Pick<Shown, "reads" | "writes" | "carries">
): ReadonlyArray<string> => [...new Set([...reads, ...writes, ...carries])]
