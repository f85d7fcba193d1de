export interface Allow {
  readonly _tag: "Allow"
}

/** A refusal. No text in it quotes data. */
export interface Deny {
  readonly _tag: "Deny"
  /** Stable, for machines: `residency`, `clearance`, `fault`. */
  readonly code: string
  /** One sentence: what was refused, and why. */
  readonly message: string
  /** The facts behind it: data set, sink, zone. */
  readonly detail?: string
  /** The cheapest lawful next step. */
  readonly hint?: string
}

export type Verdict = Allow | Deny

/** The one Allow there is: a verdict is compared by identity on the hot path. */
export const allow: Allow = Object.freeze({ _tag: "Allow" })

/** Answered by a hold only: what was waited for has happened, and the operation is analysed and judged anew. */
export interface Again {
  readonly _tag: "Again"
}

export const again: Again = Object.freeze({ _tag: "Again" })

export const deny = (
  code: string,
  message: string,
  more?: { readonly detail?: string | undefined; readonly hint?: string | undefined }
): Deny => ({
  _tag: "Deny",
  code,
  message,
  ...(more?.detail === undefined ? {} : { detail: more.detail }),
  ...(more?.hint === undefined ? {} : { hint: more.hint })
})
