import { deflateRawSync } from "node:zlib"
import { encode, forge, type ForgeKey, signed } from "../forge.ts"
import { goodClaims } from "../vectors.ts"
import { no, type Ring, type Row, tokenBy, yes } from "./row.ts"

/** The header brings a key, or says where one is: `nowhere` counts who comes. */
const ownKeys = ({ attacker, ec }: Ring, nowhere: string): ReadonlyArray<Row> => {
  const by = (key: ForgeKey, header: object): string => tokenBy(key, "ES256", { kid: "ec", ...header })
  const asked: ReadonlyArray<readonly [string, object]> = [
    ["jwk", { jwk: attacker.jwk }],
    ["jwk with the issuer's name for it", { jwk: { ...attacker.jwk, kid: "ec" } }],
    ["jwk that is a secret", { jwk: { kty: "oct", k: "AA" } }],
    ["jku", { jku: `${nowhere}/jku` }],
    ["jku in a file", { jku: "file:///etc/hostname" }],
    ["jku that the issuer's name begins", { jku: `https://login.example.com@${nowhere.slice(7)}/jku` }],
    ["x5u", { x5u: `${nowhere}/x5u` }],
    ["x5c", { x5c: ["MIIBVjCB/aADAgECAhQ="] }],
    ["x5t", { x5t: "AAAA" }],
    ["x5t#S256", { "x5t#S256": "AAAA" }],
    ["all of them", { jwk: attacker.jwk, jku: `${nowhere}/jku`, x5u: `${nowhere}/x5u`, x5c: ["AA"] }]
  ]
  return [
    ...asked.map(([name, header]) => no("signature", `${name}, signed by the attacker`, by(attacker, header))),
    ...asked.map(([name, header]) =>
      no("signature", `${name}, and no kid`, by(attacker, { ...header, kid: undefined }))
    ),
    yes("jku and jwk beside a good signature", "they are not looked at", by(ec, { jwk: attacker.jwk, jku: nowhere }))
  ]
}

/** Names that lead elsewhere in a file system, a database, a shell or a prototype. */
const NAMES = [
  "../../../../../../dev/null",
  "..\\..\\windows\\win.ini",
  "/proc/self/environ",
  "file:///dev/null",
  "ec\u0000.pem",
  "ec%00",
  "ec' UNION SELECT 'key';--",
  "' OR '1'='1",
  "\"; DROP TABLE keys; --",
  "| sleep 5",
  "$(id)",
  "`id`",
  "${jndi:ldap://127.0.0.1:9/a}",
  "{{7*7}}",
  "*",
  "__proto__",
  "prototype",
  "toString",
  "length",
  "0",
  " ec",
  "ec ",
  "Ec",
  "еc",
  "x".repeat(8000)
]

const names = (ring: Ring): ReadonlyArray<Row> => [
  ...NAMES.flatMap((kid) => [
    no("signature", `kid ${JSON.stringify(kid.slice(0, 30))}`, tokenBy(ring.attacker, "ES256", { kid })),
    no("signature", `kid ${JSON.stringify(kid.slice(0, 30))} of a good signature`, tokenBy(ring.ec, "ES256", { kid }))
  ]),
  ...[0, 1.5, true, null, [], ["ec"], {}].map((kid) =>
    no("malformed", `kid ${JSON.stringify(kid)}`, tokenBy(ring.ec, "ES256", { kid }))
  ),
  no("signature", "a key that was withdrawn", tokenBy(ring.withdrawn, "ES256")),
  no("signature", "a key for encryption", tokenBy(ring.encryption, "ES256")),
  no("signature", "a key that is not for checking", tokenBy(ring.signingOnly, "ES256")),
  no("signature", "another's key under a good name", tokenBy(ring.attacker, "ES256", { kid: "twin" })),
  yes("the first of two keys with one name", "both are the issuer's", tokenBy(ring.twins[0], "ES256")),
  yes("the second of two keys with one name", "both are the issuer's", tokenBy(ring.twins[1], "ES256")),
  yes(
    "a key of another type with that name",
    "alternatives share a name (RFC 7517, 4.5)",
    tokenBy(ring.twins[2], "EdDSA")
  ),
  yes("no kid", "the issuer's keys are tried", tokenBy(ring.ec, "ES256", { kid: undefined }))
]

/** What changes how a token is to be read (RFC 7515, 4.1.11; RFC 7797; RFC 7516; RFC 8725, 3.11). */
const readings = (ring: Ring): ReadonlyArray<Row> => {
  const good = (header: object): string => tokenBy(ring.ec, "ES256", header)
  const nested = good({})
  const refused: ReadonlyArray<readonly [string, object]> = [
    ["crit with an unknown name", { crit: ["http://example.com/UNDEFINED"], "http://example.com/UNDEFINED": true }],
    ["crit with a known name", { crit: ["exp"], exp: 1 }],
    ["crit that names what is not there", { crit: ["absent"] }],
    ["crit that names `alg`", { crit: ["alg"] }],
    ["crit that names itself", { crit: ["crit"] }],
    ["crit that is empty", { crit: [] }],
    ["crit that is a text", { crit: "b64" }],
    ["crit that is null", { crit: null }],
    ["crit twice the same", { crit: ["a", "a"], a: 1 }],
    ["b64 true", { b64: true }],
    ["b64 false, critical", { b64: false, crit: ["b64"] }],
    ["zip", { zip: "DEF" }],
    ["zip null", { zip: null }],
    ["enc", { enc: "A256GCM" }],
    ["cty", { cty: "JWT" }],
    ["cty lower case", { cty: "jwt" }]
  ]
  return [
    ...refused.map(([name, header]) => no("malformed", name, good(header))),
    no(
      "malformed",
      "a token whose claims are a token",
      forge({ alg: "ES256", kid: "ec" }, nested, (i) => signed("ES256", ring.ec, i))
    ),
    no("malformed", "claims that are not encoded (b64 false)", unencoded(ring)),
    no(
      "malformed",
      "claims that are packed",
      forge({ alg: "ES256", kid: "ec" }, deflateRawSync(JSON.stringify(goodClaims)), (i) => signed("ES256", ring.ec, i))
    ),
    no(
      "malformed",
      "claims that unpack to a megabyte",
      forge(
        { alg: "ES256", kid: "ec", zip: "DEF" },
        deflateRawSync("x".repeat(1e6)),
        (i) => signed("ES256", ring.ec, i)
      )
    ),
    no("malformed", "an encrypted token (RFC 7516, A.1)", JWE),
    no(
      "malformed",
      "an encrypted token by a password",
      `${encode({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: 2_147_483_647, p2s: "AA" })}.AA.AA.AA.AA`
    ),
    no("malformed", "an encrypted token in three parts", `${encode({ alg: "dir", enc: "A256GCM" })}.AAAA.AAAA`),
    no("malformed", "a token in JSON, flattened", flattened(nested)),
    no("malformed", "a detached token", nested.replace(/\..*\./, ".."))
  ]
}

const unencoded = ({ ec }: Ring): string => {
  const input = `${encode({ alg: "ES256", kid: "ec", b64: false, crit: ["b64"] })}.${JSON.stringify({ sub: "ann" })}`
  return `${input}.${encode(signed("ES256", ec, input))}`
}
const flattened = (token: string): string => {
  const [protectedHeader, payload, signature] = token.split(".")
  return JSON.stringify({ protected: protectedHeader, payload, signature, header: { kid: "ec" } })
}
/** The shape of RFC 7516's first example. */
const JWE =
  `${encode({ alg: "RSA-OAEP", enc: "A256GCM" })}.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe`
  + ".48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ"

/** One kind of token where another is wanted (RFC 8725, 3.11 and 3.12). */
const types = (ring: Ring): ReadonlyArray<Row> => {
  const good = (typ: unknown, claims: object = {}): string => tokenBy(ring.ec, "ES256", { typ }, claims)
  const logout = { "http://schemas.openid.net/event/backchannel-logout": {} }
  return [
    ...[
      "logout+jwt",
      "secevent+jwt",
      "dpop+jwt",
      "token-introspection+jwt",
      "oauth-authz-req+jwt",
      "client-authentication+jwt",
      "entity-statement+jwt",
      "kb+jwt",
      "dc+sd-jwt",
      "vc+jwt",
      "passport",
      "JOSE",
      "JOSE+JSON",
      "JWE",
      "",
      "JWT ",
      "jwt;charset=utf-8",
      "application/application/jwt",
      "text/jwt",
      "at+jwt,jwt",
      "at+jwt\u0000"
    ]
      .map((typ) => no("malformed", `typ ${JSON.stringify(typ)}`, good(typ))),
    ...[null, 0, true, ["JWT"], {}].map((typ) => no("malformed", `typ ${JSON.stringify(typ)}`, good(typ))),
    no("claims", "a logout token that says it is a JWT", good("JWT", { events: logout })),
    no("claims", "a logout token without a type", good(undefined, { events: logout, sid: "s" })),
    no("claims", "an event token with no event", good("JWT", { events: {} })),
    no("audience", "an ID token, for the client", good("JWT", { aud: "sluice-cli", nonce: "n", at_hash: "h" })),
    no("audience", "an ID token, for several clients", good("JWT", { aud: ["sluice-cli", "web"], azp: "web" })),
    no("audience", "a client's assertion, for the issuer", good("JWT", { aud: goodClaims.iss })),
    no(
      "audience",
      "a workload's token, for the issuer",
      good("JWT", { sub: "spiffe://prod.test/a", aud: ["https://issuer.example"] })
    ),
    yes("typ JWT", "as RFC 7519 (5.1) recommends", good("JWT")),
    yes("typ application/at+jwt", "an access token (RFC 9068, 2.1)", good("application/at+jwt")),
    yes("typ AT+JWT", "types know no case (RFC 2045, 5.1)", good("AT+JWT"))
  ]
}

export const headers = (ring: Ring, nowhere: string): ReadonlyArray<Row> =>
  [ownKeys(ring, nowhere), names(ring), readings(ring), types(ring)].flat()
