import { randomBytes } from "node:crypto"
import type { WebRequest } from "../../../core/index.ts"
import { cookieIn, type CookieKind, cookieOf } from "./cookies.ts"

/** How long somebody stays logged in, in milliseconds. Their token is verified again with each page. */
const STAY_MILLISECONDS = 900_000
const GUESTS_MAX = 1000
const STAY: CookieKind = { name: "sluice-approvals", sameSite: "Strict" }

/** Somebody who logged in with a browser. The token stays here; the browser has a name for it, its forms a word. */
export interface Stay {
  readonly token: string
  readonly word: string
  readonly until: number
}

/** Who is logged in. In memory only: a restart logs everybody out. */
export class Guests {
  private readonly stays = new Map<string, Stay>()

  /** The cookie's value for somebody who brought `token`. */
  enter(token: string, now: number): string {
    for (const [name, { until }] of this.stays) if (until <= now) this.stays.delete(name)
    const [oldest] = this.stays.keys()
    if (this.stays.size >= GUESTS_MAX && oldest !== undefined) this.stays.delete(oldest)
    const name = randomBytes(32).toString("base64url")
    this.stays.set(name, { token, word: randomBytes(32).toString("base64url"), until: now + STAY_MILLISECONDS })
    return name
  }

  of(request: WebRequest, now: number): Stay | undefined {
    const stay = this.stays.get(cookieIn(STAY, request) ?? "")
    return stay !== undefined && now < stay.until ? stay : undefined
  }

  leave(request: WebRequest): void {
    this.stays.delete(cookieIn(STAY, request) ?? "")
  }
}

/** The cookie of somebody who is in; without a value, of somebody who is not any more. */
export const cookie = (request: WebRequest, value: string): string => cookieOf(STAY, request, value)

/** Whether a form was sent from one of our own pages, as far as the browser says. */
export const isOurs = ({ encrypted, headers }: WebRequest): boolean => {
  const site = headers.get("sec-fetch-site")
  if (site !== undefined && site !== "same-origin") return false
  const origin = headers.get("origin")
  return origin === undefined || origin === `${encrypted ? "https" : "http"}://${headers.get("host") ?? ""}`
}
