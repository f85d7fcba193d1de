import { guardedHeaders, type WebAnswer } from "../../../core/index.ts"
import type { Refused } from "../desk.ts"

// With `no-referrer` browsers would send our own forms with the origin `null`.
const GUARDED = guardedHeaders({ forms: "'self'", styles: "'self'", referrer: "same-origin" })

export const page = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): WebAnswer => ({
  status,
  headers: { ...GUARDED, "content-type": "text/html; charset=utf-8", ...headers },
  body
})

export const style = (body: string): WebAnswer => ({
  status: 200,
  headers: { ...GUARDED, "content-type": "text/css; charset=utf-8" },
  body
})

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WebAnswer => ({
  status,
  headers: { ...GUARDED, "content-type": "application/json; charset=utf-8", ...headers },
  body: `${JSON.stringify(value)}\n`
})

export const redirect = (to: string, headers: Readonly<Record<string, string>> = {}): WebAnswer => ({
  status: 303,
  headers: { ...GUARDED, location: to, ...headers },
  body: ""
})

const STATUSES: Readonly<Record<Refused["code"], number>> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unavailable: 503
}

export const statusOf = ({ code }: Refused): number => STATUSES[code]
