/** What a client said when it was offered OAUTHBEARER. */
export type BearerResponse =
  | { readonly _tag: "Token"; readonly token: Uint8Array }
  /** It has no token yet, and asks where to get one. */
  | { readonly _tag: "Discovery" }
  | { readonly _tag: "Malformed"; readonly why: string }

export const OAUTHBEARER = "OAUTHBEARER"
/** Separates the parts of every OAUTHBEARER message (RFC 7628, 3.1: `kvsep`). */
const SEPARATOR = 0x01

/** What a client answers to a challenge that says its token was not taken: one separator (RFC 7628, 3.2.3). */
export const isGivingUp = (data: Uint8Array): boolean => data.length === 1 && data[0] === SEPARATOR

/**
 * Reads a SASLInitialResponse of OAUTHBEARER (RFC 7628, 3.1; PostgreSQL manual, 54.3.3).
 *
 *     String(mechanism) Int32(length) | gs2-header kvsep *( key "=" value kvsep ) kvsep
 *
 * The header is `n,,` or `y,,`: no channel is bound, and nobody may name another identity than the token's. Keys other
 * than `auth` are passed over, and `auth` stands once: `Bearer`, spaces, and a token of RFC 6750's characters; nothing
 * at all asks for discovery. `body` starts at the mechanism.
 */
export const readBearerResponse = (body: Uint8Array): BearerResponse => {
  const end = body.indexOf(0)
  if (end < 0 || Buffer.from(body.subarray(0, end)).toString("latin1") !== OAUTHBEARER) {
    return malformed("it names another mechanism than OAUTHBEARER")
  }
  if (body.length < end + 5) return malformed("it is cut short")
  const length = new DataView(body.buffer, body.byteOffset + end + 1, 4).getInt32(0)
  if (length !== body.length - end - 5) return malformed("its length is not that of its data")
  const parts = Buffer.from(body.subarray(end + 5)).toString("latin1").split("\u0001")
  if (parts[0] !== "n,," && parts[0] !== "y,,") return malformed("it binds a channel or names an identity of its own")
  if (parts.length < 3 || parts.at(-1) !== "" || parts.at(-2) !== "") return malformed("it does not end as it must")
  return readPairs(parts.slice(1, -2))
}

/** What a client says with a token: the whole of the message's body. */
export const bearerResponse = (token: string): Uint8Array => {
  const data = Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`, "latin1")
  const length = Buffer.alloc(4)
  length.writeInt32BE(data.length)
  return Buffer.concat([Buffer.from(`${OAUTHBEARER}\0`, "latin1"), length, data])
}

/** What a client answers when its token was not taken. */
export const givingUp = (): Uint8Array => Uint8Array.of(SEPARATOR)

const readPairs = (pairs: ReadonlyArray<string>): BearerResponse => {
  let auth: string | undefined
  for (const pair of pairs) {
    const match = /^([A-Za-z]+)=([\t\n\r\x20-\x7e]*)$/.exec(pair)
    if (match === null) return malformed("a key or value in it is not one")
    if (match[1] !== "auth") continue
    if (auth !== undefined) return malformed("it says `auth` twice")
    auth = match[2]!
  }
  if (auth === undefined) return malformed("it says no `auth`")
  if (auth === "") return { _tag: "Discovery" }
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth)?.[1]
  return token === undefined
    ? malformed("its `auth` is no Bearer token")
    : { _tag: "Token", token: Buffer.from(token, "latin1") }
}

const malformed = (why: string): BearerResponse => ({ _tag: "Malformed", why })
