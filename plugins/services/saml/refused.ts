/** A login that was not accepted, in words for the page. They say nothing of what the response held. */
export interface LoginRefused {
  readonly _tag: "LoginRefused"
  readonly message: string
}

export const refused = (message: string): LoginRefused => ({ _tag: "LoginRefused", message })
