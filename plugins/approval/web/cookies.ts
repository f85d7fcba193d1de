import type { WebRequest } from "../../../core/index.ts"

/** One of the page's cookies: a name for something that stays here. */
export interface CookieKind {
  readonly name: string
  /** `Lax` comes along when another site leads here, as an issuer does; `Strict` does not. */
  readonly sameSite: "Strict" | "Lax"
  /** Seconds; until the browser is closed when left out. */
  readonly seconds?: number
}

/** A name that browsers bind to this host and to encryption, where there is any. */
const nameOf = ({ name }: CookieKind, encrypted: boolean): string => encrypted ? `__Host-${name}` : name

export const cookieIn = (kind: CookieKind, { encrypted, headers }: WebRequest): string | undefined =>
  (headers.get("cookie") ?? "").split(/; */)
    .map((pair) => pair.split("="))
    .find(([name]) => name === nameOf(kind, encrypted))?.[1]

/** As it stands in `set-cookie`; without a value, the browser forgets it. */
export const cookieOf = (kind: CookieKind, { encrypted }: WebRequest, value: string): string => {
  const seconds = value === "" ? 0 : kind.seconds
  return [
    `${nameOf(kind, encrypted)}=${value}`,
    "Path=/",
    "HttpOnly",
    `SameSite=${kind.sameSite}`,
    ...(encrypted ? ["Secure"] : []),
    ...(seconds === undefined ? [] : [`Max-Age=${seconds}`])
  ].join("; ")
}
