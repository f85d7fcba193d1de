import { encode, forge, type ForgeKey, signed } from "./forge.ts"

export const ISSUER = "https://login.example.com"
export const AUDIENCE = "sluice"
/** Seconds. */
export const NOW = 1_900_000_000
/** Stands in every forged token; may stand in no refusal. */
export const CANARY = "canary-52711"

export interface Keys {
  readonly rsa: ForgeKey
  readonly ec: ForgeKey
  readonly ed: ForgeKey
  /** The attacker's own. */
  readonly evil: ForgeKey
}

/** A token that must be refused with `code`. `valid` says that a library's defaults take it: it is well signed. */
export interface Forged {
  readonly name: string
  readonly code: string
  readonly token: string
  readonly valid: boolean
}
type Vector = readonly [name: string, code: string, token: string, valid?: "valid"]

export const goodClaims = { iss: ISSUER, aud: AUDIENCE, sub: "ann", iat: NOW - 5, exp: NOW + 300, note: CANARY }

export const goodToken = (keys: Keys, claims: object = {}, header: object = {}): string =>
  forge(
    { alg: "ES256", kid: "ec", ...header },
    { ...goodClaims, ...claims },
    (input) => signed("ES256", keys.ec, input)
  )

/** I01: the token chooses how it is checked. */
const algorithms = (keys: Keys): ReadonlyArray<Vector> => [
  ...["none", "None", "nOnE", "NONE"].flatMap((alg): ReadonlyArray<Vector> => [
    [`I01 alg ${alg}, no signature`, "signature", forge({ alg }, goodClaims, () => new Uint8Array())],
    [`I01 alg ${alg}, some signature`, "signature", forge({ alg }, goodClaims, (i) => signed("ES256", keys.ec, i))]
  ]),
  ...["HS256", "HS384", "HS512"].map((alg): Vector => [
    `I01 ${alg} with the RSA public key as the secret`,
    "signature",
    forge({ alg, kid: "rsa" }, goodClaims, (input) => signed(alg, keys.rsa, input))
  ]),
  ["I01 no alg", "malformed", forge({ kid: "ec" }, goodClaims, (i) => signed("ES256", keys.ec, i))],
  ["I01 alg is a list", "malformed", forge({ alg: ["ES256"] }, goodClaims, (i) => signed("ES256", keys.ec, i))],
  ["I01 alg of another family", "signature", goodToken(keys, {}, { alg: "RS256" })],
  ["I01 alg of another size", "signature", goodToken(keys, {}, { alg: "ES384" })],
  [
    "I01 a padding that the key was not used with",
    "signature",
    forge({ alg: "PS256", kid: "rsa" }, goodClaims, (i) => signed("RS256", keys.rsa, i))
  ]
]

/** I02: the header points at the attacker's key, or changes what is signed. */
const headers = (keys: Keys): ReadonlyArray<Vector> => {
  const evil = (header: object): string =>
    forge({ alg: "ES256", kid: "ec", ...header }, goodClaims, (input) => signed("ES256", keys.evil, input))
  return [
    ["I02 the attacker's key", "signature", evil({})],
    ["I02 jwk", "signature", evil({ jwk: keys.evil.jwk })],
    ["I02 jwk without kid", "signature", evil({ jwk: keys.evil.jwk, kid: undefined })],
    ["I02 jku", "signature", evil({ jku: "http://127.0.0.1:9/jwks" })],
    ["I02 x5u", "signature", evil({ x5u: "http://127.0.0.1:9/cert" })],
    ["I02 x5c", "signature", evil({ x5c: ["MIIB"] })],
    ...["../../dev/null", "/dev/null", "' or 1=1 --", "http://127.0.0.1:9/", "__proto__", "constructor", "", "EC"].map(
      (kid): Vector => [`I02 kid ${kid}`, "signature", goodToken(keys, {}, { kid })]
    ),
    ["I02 kid is a number", "malformed", goodToken(keys, {}, { kid: 0 })],
    ["I02 kid is null", "malformed", goodToken(keys, {}, { kid: null })],
    ["I02 crit", "malformed", goodToken(keys, {}, { crit: ["exp"], exp: 1 })],
    ["I02 crit b64", "malformed", goodToken(keys, {}, { crit: ["b64"], b64: true }), "valid"],
    ["I02 b64 without crit", "malformed", goodToken(keys, {}, { b64: false })],
    ["I02 zip", "malformed", goodToken(keys, {}, { zip: "DEF" }), "valid"],
    ["I02 a token in a token", "malformed", goodToken(keys, {}, { cty: "JWT" }), "valid"],
    ["I02 encrypted", "malformed", `${encode({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`],
    ["I02 as JSON", "malformed", JSON.stringify({ protected: "e30", payload: "e30", signature: "" })],
    ["typ is another thing", "malformed", goodToken(keys, {}, { typ: "logout+jwt" }), "valid"],
    ["typ is a proof", "malformed", goodToken(keys, {}, { typ: "dpop+jwt" }), "valid"],
    ["typ is no text", "malformed", goodToken(keys, {}, { typ: 1 }), "valid"]
  ]
}

/** I03, I05: for someone else, from someone else. */
const parties = (keys: Keys): ReadonlyArray<Vector> => [
  ["I03 no aud", "audience", goodToken(keys, { aud: undefined }), "valid"],
  ...["sluice2", "Sluice", "sluice ", "", "sluic", "https://sluice"].map((aud): Vector => [
    `I03 aud ${aud}`,
    "audience",
    goodToken(keys, { aud }),
    "valid"
  ]),
  ["I03 aud lists others", "audience", goodToken(keys, { aud: ["a", "b"] }), "valid"],
  ["I03 aud lists no one", "audience", goodToken(keys, { aud: [] }), "valid"],
  ["I03 aud lists a number too", "audience", goodToken(keys, { aud: [AUDIENCE, 1] }), "valid"],
  ["I03 aud is an object", "audience", goodToken(keys, { aud: { 0: AUDIENCE } }), "valid"],
  ...[
    `${ISSUER}/`,
    "HTTPS://login.example.com",
    "https://LOGIN.example.com",
    "http://login.example.com",
    "",
    `${ISSUER}.evil.example`,
    `${ISSUER}#`,
    `${ISSUER}\u0000`,
    "__proto__",
    "toString"
  ].map(
    (iss): Vector => [`I05 iss ${JSON.stringify(iss)}`, "issuer", goodToken(keys, { iss }), "valid"]
  ),
  ["I05 iss is a list", "issuer", goodToken(keys, { iss: [ISSUER] }), "valid"],
  ["I05 no iss", "issuer", goodToken(keys, { iss: undefined }), "valid"],
  ["I05 another trusted issuer's name", "signature", goodToken(keys, { iss: "https://other.example.com" }), "valid"],
  ["no sub", "claims", goodToken(keys, { sub: undefined }), "valid"],
  ["sub is a number", "claims", goodToken(keys, { sub: 7 }), "valid"],
  ["sub is empty", "claims", goodToken(keys, { sub: "" }), "valid"],
  ["sub has a line break", "claims", goodToken(keys, { sub: "ann\nroot" }), "valid"],
  ["sub is long", "claims", goodToken(keys, { sub: "a".repeat(257) }), "valid"]
]

/** I04: times. */
const times = (keys: Keys): ReadonlyArray<Vector> => [
  ["I04 no exp", "claims", goodToken(keys, { exp: undefined }), "valid"],
  ...[String(NOW + 300), null, true, [NOW + 300], {}, -1].map((exp): Vector => [
    `I04 exp ${JSON.stringify(exp)}`,
    "claims",
    goodToken(keys, { exp })
  ]),
  ["I04 exp 1e308", "claims", rawTime(keys, "1e308"), "valid"],
  ["I04 exp 1e999", "claims", rawTime(keys, "1e999")],
  ["I04 exp in milliseconds", "claims", goodToken(keys, { exp: NOW * 1000 }), "valid"],
  ["I04 exp this second", "expired", goodToken(keys, { exp: NOW })],
  ["I04 exp a second ago, within the skew", "expired", goodToken(keys, { exp: NOW - 1 })],
  ["I04 nbf past the skew", "not_yet_valid", goodToken(keys, { nbf: NOW + 31 })],
  ["I04 iat past the skew", "not_yet_valid", goodToken(keys, { iat: NOW + 31 }), "valid"],
  ["I04 nbf is a text", "claims", goodToken(keys, { nbf: "0" })],
  ["I04 nbf is null", "claims", goodToken(keys, { nbf: null })],
  ["I04 iat is a text", "claims", goodToken(keys, { iat: "0" })],
  [
    "I04 nbf 1e308",
    "claims",
    forge(
      { alg: "ES256", kid: "ec" },
      goodText().replace("\"note\"", "\"nbf\":1e308,\"note\""),
      (i) => signed("ES256", keys.ec, i)
    )
  ]
]

const goodText = (): string => JSON.stringify(goodClaims)
const rawTime = (keys: Keys, exp: string): string =>
  forge(
    { alg: "ES256", kid: "ec" },
    goodText().replace(String(goodClaims.exp), exp),
    (i) => signed("ES256", keys.ec, i)
  )

/** I07: signatures that are none. */
const signatures = (keys: Keys): ReadonlyArray<Vector> => {
  const ec = (make: (input: string) => Uint8Array): string => forge({ alg: "ES256", kid: "ec" }, goodClaims, make)
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex")
  return [
    ["I07 r = s = 0", "signature", ec(() => new Uint8Array(64))],
    ["I07 r = s = n", "signature", ec(() => Buffer.concat([order, order]))],
    ["I07 r = 0, s = 1", "signature", ec(() => new Uint8Array(64).fill(1, 63))],
    ["I07 no signature", "signature", ec(() => new Uint8Array())],
    ["I07 half a signature", "signature", ec((i) => signed("ES256", keys.ec, i).subarray(0, 32))],
    ["I07 a byte more", "signature", ec((i) => Buffer.concat([signed("ES256", keys.ec, i), new Uint8Array(1)]))],
    ["I07 of other claims", "signature", ec((i) => signed("ES256", keys.ec, `${i} `))],
    ["I07 RSA, all zero", "signature", forge({ alg: "RS256", kid: "rsa" }, goodClaims, () => new Uint8Array(256))],
    [
      "I07 RSA, one",
      "signature",
      forge({ alg: "RS256", kid: "rsa" }, goodClaims, () => new Uint8Array(256).fill(1, 255))
    ],
    ["I07 Ed25519, all zero", "signature", forge({ alg: "EdDSA", kid: "ed" }, goodClaims, () => new Uint8Array(64))]
  ]
}

/** Forms that two readers could read differently, or that cost more than they are worth. */
const forms = (keys: Keys): ReadonlyArray<Vector> => {
  const claims = (text: string | Uint8Array): string =>
    forge({ alg: "ES256", kid: "ec" }, text, (input) => signed("ES256", keys.ec, input))
  const good = goodText()
  const [head, body, tail] = goodToken(keys).split(".") as [string, string, string]
  return [
    ["sub twice", "malformed", claims(good.replace("{", "{\"sub\":\"root\",")), "valid"],
    ["sub twice, once escaped", "malformed", claims(good.replace("{", "{\"s\\u0075b\":\"root\",")), "valid"],
    [
      "groups twice, deep inside",
      "malformed",
      claims(good.replace("{", "{\"act\":{\"sub\":\"a\",\"x\":[{\"g\":1,\"g\":2}]},")),
      "valid"
    ],
    [
      "alg twice",
      "malformed",
      forge("{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"ec\"}", goodClaims, (i) => signed("ES256", keys.ec, i)),
      "valid"
    ],
    ["claims are a list", "malformed", claims("[]")],
    ["claims are null", "malformed", claims("null")],
    ["claims are no JSON", "malformed", claims("{")],
    [
      "claims are no UTF-8",
      "malformed",
      claims(Buffer.concat([Buffer.from("{\"sub\":\""), Buffer.from([0xff]), Buffer.from("\"}")]))
    ],
    [
      "claims nest 100 deep",
      "malformed",
      claims(good.replace("{", `{"deep":${"[".repeat(100)}${"]".repeat(100)},`)),
      "valid"
    ],
    ["17 KiB", "malformed", goodToken(keys, { pad: "x".repeat(12_500) }), "valid"],
    ["padding", "malformed", `${head}.${body}.${tail}=`],
    ["a line break at the end", "malformed", `${head}.${body}.${tail}\n`],
    ["a space inside", "malformed", `${head}. ${body}.${tail}`],
    ["bits that do not count", "malformed", `${head}.${body}.${otherSpelling(tail)}`],
    ["two parts", "malformed", `${head}.${body}`],
    ["four parts", "malformed", `${head}.${body}.${tail}.`],
    ["nothing", "malformed", ""],
    ["a password", "malformed", `hunter2-${CANARY}`]
  ]
}

/** The same 64 bytes in base64url, spelt with the unused low bits of the last character set. */
const otherSpelling = (tail: string): string => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  return tail.slice(0, -1) + letters[letters.indexOf(tail.at(-1)!) | 1]
}

export const vectors = (keys: Keys): ReadonlyArray<Forged> =>
  [algorithms, headers, parties, times, signatures, forms].flatMap((group) => group(keys)).map(
    ([name, code, token, valid]) => ({ name, code, token, valid: valid !== undefined })
  )
