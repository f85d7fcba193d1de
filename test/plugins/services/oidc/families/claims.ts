import { forge, signed } from "../forge.ts"
import { AUDIENCE, goodClaims, ISSUER, NOW } from "../vectors.ts"
import { no, type Ring, type Row, tokenBy, yes } from "./row.ts"

type Say = (claims: object) => string

/** Times as no time can be, and as they can just be: RFC 7519 (2) has numbers, RFC 8725 (3.8) has them checked. */
const times = ({ ec }: Ring, say: Say): ReadonlyArray<Row> => {
  const raw = (name: string, value: string): string => {
    const text = JSON.stringify({ ...goodClaims, nbf: NOW }).replace(new RegExp(`"${name}":\\d+`), `"${name}":${value}`)
    return forge({ alg: "ES256", kid: "ec" }, text, (i) => signed("ES256", ec, i))
  }
  const noTimes = [
    "\"1900000300\"",
    "\"\"",
    "\"2030-01-01T00:00:00Z\"",
    "null",
    "true",
    "[]",
    "[1900000300]",
    "{}",
    "-1",
    "-1e9",
    "1e308",
    "-1e308",
    "1e999",
    "1900000300000",
    "18446744073709551616",
    "9007199254740993e3",
    "99999999999999999999999999"
  ]
  return [
    ...["exp", "nbf", "iat"].flatMap((name) =>
      noTimes.map((value) => no("claims", `${name} ${value}`, raw(name, value)))
    ),
    no("expired", "exp 0", raw("exp", "0")),
    no("expired", "exp -0", raw("exp", "-0")),
    no("expired", "exp half a second ago", raw("exp", `${NOW - 0.5}`)),
    no("expired", "exp now", say({ exp: NOW })),
    no("expired", "exp within the skew", say({ exp: NOW - 29 })),
    no("not_yet_valid", "nbf just past the skew", raw("nbf", `${NOW + 30.001}`)),
    no("not_yet_valid", "nbf tomorrow", say({ nbf: NOW + 86_400, exp: NOW + 90_000 })),
    no("not_yet_valid", "iat just past the skew", raw("iat", `${NOW + 31}`)),
    no("not_yet_valid", "nbf is past exp", say({ nbf: NOW + 400 })),
    no("claims", "no exp", say({ exp: undefined })),
    no("claims", "no time at all", say({ exp: undefined, iat: undefined })),
    yes("exp in a second", "it is not over", say({ exp: NOW + 1 })),
    yes("exp 1.9000003e9", "a spelling of the same number", raw("exp", "1.9000003e9")),
    yes("nbf at the skew", "clocks may differ by that", say({ nbf: NOW + 30 })),
    yes("iat at the skew", "clocks may differ by that", say({ iat: NOW + 30 })),
    yes("iat 0", "issued long ago, and no lifetime is limited", say({ iat: 0 })),
    yes("nbf 0", "valid since for ever", say({ nbf: 0 }))
  ]
}

/** Whom it is for, letter for letter (RFC 7519, 4.1.3; RFC 8725, 3.9). */
const audiences = (say: Say): ReadonlyArray<Row> => [
  ...[
    "",
    " ",
    "sluice ",
    " sluice",
    "SLUICE",
    "sluice/",
    "/sluice",
    "sluice\u0000",
    "sluice,other",
    "sluice other",
    "*",
    "sluic",
    "sluicé",
    "ѕluice",
    "sluice\u200b",
    "urn:sluice",
    ISSUER
  ]
    .map((aud) => no("audience", `aud ${JSON.stringify(aud)}`, say({ aud }))),
  ...[
    null,
    true,
    0,
    {},
    [],
    [[AUDIENCE]],
    [AUDIENCE, null],
    [AUDIENCE, ["x"]],
    [AUDIENCE, {}],
    ["a", "b"],
    { sluice: true },
    [""],
    { 0: AUDIENCE, length: 1 }
  ]
    .map((aud) => no("audience", `aud ${JSON.stringify(aud)}`, say({ aud }))),
  no("audience", "no aud", say({ aud: undefined })),
  no("audience", "aud in another claim", say({ aud: undefined, audience: AUDIENCE, resource: AUDIENCE })),
  yes("aud among others", "it is named", say({ aud: ["other", AUDIENCE] })),
  yes("aud twice in the list", "it is named", say({ aud: [AUDIENCE, AUDIENCE] }))
]

/** Who it is from, letter for letter (RFC 8725, 3.8; OpenID Connect Discovery 1.0, 4.3). */
const issuers = (say: Say): ReadonlyArray<Row> => [
  ...[
    `${ISSUER}/`,
    `${ISSUER}//`,
    `${ISSUER} `,
    ` ${ISSUER}`,
    ISSUER.toUpperCase(),
    ISSUER.replace("https", "http"),
    `${ISSUER}:443`,
    `${ISSUER}?`,
    `${ISSUER}#`,
    `${ISSUER}/.`,
    `${ISSUER}%00`,
    `${ISSUER}\n`,
    ISSUER.replace("example", "exаmple"),
    ISSUER.replace("example", "xn--exmple-4nf"),
    `${ISSUER}.`,
    ISSUER.slice(8),
    "",
    "null",
    "spiffe://prod.test",
    "__proto__",
    "constructor"
  ]
    .map((iss) => no("issuer", `iss ${JSON.stringify(iss)}`, say({ iss }))),
  ...[null, true, 0, {}, [], [ISSUER], { toString: ISSUER }].map((iss) =>
    no("issuer", `iss ${JSON.stringify(iss)}`, say({ iss }))
  ),
  no("issuer", "no iss", say({ iss: undefined })),
  no("issuer", "no iss, and a workload's sub", say({ iss: undefined, sub: "spiffe://prod.test/a" })),
  no("signature", "another trusted issuer's name", say({ iss: "https://other.example.com" }))
]

/** Whom it is about: one name, the same to every reader (RFC 7519, 4.1.2; OpenID Connect Core 1.0, 2). */
const subjects = (say: Say): ReadonlyArray<Row> => [
  ...[
    "",
    " ",
    "\t",
    " ann",
    "ann ",
    "ann\u00a0",
    "ann\u0000",
    "ann\n",
    "ann\r\nroot",
    "\u001b[2Jann",
    "ann\u007f",
    "ann\u0085",
    "ann\u202etoor",
    "\u200bann",
    "an\u00adn",
    "ann\ufeff",
    "an\u2028n",
    "an\u2029n",
    "ann\ud800",
    "\udc00ann",
    "a\u2066nn\u2069",
    "ann\u{e0041}",
    "a".repeat(257),
    "😀".repeat(129)
  ]
    .map((sub) => no("claims", `sub ${JSON.stringify(sub.slice(0, 20))}`, say({ sub }))),
  ...[null, true, 7, {}, [], ["ann"]].map((sub) => no("claims", `sub ${JSON.stringify(sub)}`, say({ sub }))),
  no("claims", "no sub", say({ sub: undefined })),
  no(
    "claims",
    "no sub, but a name elsewhere",
    say({ sub: undefined, preferred_username: "ann", email: "ann@example.com" })
  ),
  yes("sub of 256 characters", "that is the limit", say({ sub: "a".repeat(256) })),
  yes("sub in another script", "names may be", say({ sub: "Ænne Müller 山田" })),
  yes("sub that looks like SQL", "it is a name, and stays one", say({ sub: "'; drop table customers; --" }))
]

export const claims = (ring: Ring): ReadonlyArray<Row> => {
  const say: Say = (said) => tokenBy(ring.ec, "ES256", {}, said)
  return [times(ring, say), audiences(say), issuers(say), subjects(say)].flat()
}
