import { createHmac } from "node:crypto"
import { encode, forge, type ForgeKey, signed } from "../forge.ts"
import { goodClaims } from "../vectors.ts"
import { no, type Ring, type Row, tokenBy, yes } from "./row.ts"

/** The public key in every spelling that a library might take for a secret (RFC 8725, 2.1: confusion of algorithms). */
const secretsOf = ({ jwk, privateKey }: ForgeKey): ReadonlyArray<readonly [string, string | Buffer]> => {
  const spki = privateKey.asymmetricKeyType === undefined ? "" : publicPem(privateKey)
  return [
    ["PEM", spki],
    ["PEM without its last line break", spki.trimEnd()],
    ["PEM with DOS line breaks", spki.replaceAll("\n", "\r\n")],
    ["DER", Buffer.from(spki.replace(/-----[^-]+-----|\s/g, ""), "base64")],
    ["JWK", JSON.stringify(jwk)],
    ["modulus or x", (jwk["n"] ?? jwk["x"]) as string],
    ["nothing", ""],
    ["its name", jwk.kid!]
  ]
}
const publicPem = (key: ForgeKey["privateKey"]): string => {
  const { createPublicKey } = process.getBuiltinModule("node:crypto")
  return createPublicKey(key).export({ format: "pem", type: "spki" }).toString()
}

const confusion = ({ ec, ed, rsa }: Ring): ReadonlyArray<Row> =>
  [rsa, ec, ed].flatMap((key) =>
    secretsOf(key).flatMap(([spelling, secret]) =>
      [["HS256", "sha256"], ["hs256", "sha256"], ["HS512", "sha512"]].map(([alg, hash]) =>
        no(
          "signature",
          `${alg} with ${key.jwk.kid}'s public key as secret: ${spelling}`,
          forge({ alg, kid: key.jwk.kid }, goodClaims, (i) => createHmac(hash!, secret).update(i).digest())
        )
      )
    )
  )

const none = ({ ec }: Ring): ReadonlyArray<Row> =>
  ["none", "NONE", "None", "nOnE", "NonE", "none ", " none", "none\u0000", "no ne", "null", "", "ＮＯＮＥ"].flatMap((
    alg
  ) => [
    no("signature", `alg ${JSON.stringify(alg)}, nothing signed`, forge({ alg }, goodClaims, () => new Uint8Array())),
    no("signature", `alg ${JSON.stringify(alg)}, a good signature`, tokenBy(ec, "ES256", { alg })),
    no("malformed", `alg ${JSON.stringify(alg)}, no last part`, `${encode({ alg })}.${encode(goodClaims)}`)
  ])

const others = (ring: Ring): ReadonlyArray<Row> => [
  ...[
    "es256",
    "ES256 ",
    "ES256K",
    "ES",
    "RS1",
    "RS256,ES256",
    "EdDSA25519",
    "Ed448",
    "A128KW",
    "dir",
    "PBES2-HS256+A128KW"
  ]
    .map((alg) => no("signature", `alg ${JSON.stringify(alg)}`, tokenBy(ring.ec, "ES256", { alg }))),
  ...[null, 0, true, {}, [], ["ES256"], [["ES256"]]].map((alg) =>
    no("malformed", `alg ${JSON.stringify(alg)}`, tokenBy(ring.ec, "ES256", { alg }))
  ),
  no("signature", "RS256 said of a PS256 signature", rsaWith(ring, "RS256", "PS256")),
  no("signature", "PS256 said of an RS256 signature", rsaWith(ring, "PS256", "RS256")),
  no("signature", "RS512 said of an RS256 signature", rsaWith(ring, "RS512", "RS256")),
  no("signature", "PS512 said of a PS256 signature", rsaWith(ring, "PS512", "PS256")),
  no("signature", "ES384 with a P-256 key", tokenBy(ring.ec, "ES384")),
  no("signature", "ES256 with a P-384 key", tokenBy(ring.ec384, "ES256")),
  no(
    "signature",
    "EdDSA said of an ES256 signature",
    forge({ alg: "EdDSA", kid: "ed" }, goodClaims, (i) => signed("ES256", ring.ec, i))
  ),
  no("signature", "an algorithm that the operator left out", tokenBy(ring.rsa, "RS256", {}, { iss: NARROW })),
  yes("an algorithm that the operator named", "it is the one", tokenBy(ring.ec, "ES256", {}, { iss: NARROW })),
  yes("RS512", "it is in the list, by the right key", tokenBy(ring.rsa, "RS512")),
  yes("PS384", "it is in the list, by the right key", tokenBy(ring.rsa, "PS384")),
  yes("ES384", "it is in the list, by the right key", tokenBy(ring.ec384, "ES384")),
  yes("Ed25519", "EdDSA's own name (RFC 9864)", tokenBy(ring.ed, "Ed25519"))
]

/** An issuer whose tokens the operator wants in ES256 alone. */
export const NARROW = "https://narrow.example.com"

const rsaWith = ({ rsa }: Ring, said: string, used: string): string =>
  forge({ alg: said, kid: "rsa" }, goodClaims, (input) => signed(used, rsa, input))

/** RFC 8725, 3.1 and 3.2; RFC 7518, 3.6. */
export const algorithms = (ring: Ring): ReadonlyArray<Row> => [confusion, none, others].flatMap((group) => group(ring))
