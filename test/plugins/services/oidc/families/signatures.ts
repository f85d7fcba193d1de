import { constants, createHash, privateEncrypt, sign } from "node:crypto"
import { encode, forge, signed } from "../forge.ts"
import { goodClaims } from "../vectors.ts"
import { no, type Ring, type Row, tokenBy, yes } from "./row.ts"

const P256_ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
const ED25519_ORDER = (1n << 252n) + 27742317777372353535851937790883648493n
const big = (value: bigint, bytes = 32): Buffer => Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex")
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`)

/** ECDSA after Wycheproof, and the "psychic" zeros of CVE-2022-21449. */
const ecdsa = ({ ec }: Ring): ReadonlyArray<Row> => {
  const by = (make: (good: Buffer, input: string) => Uint8Array): string =>
    forge({ alg: "ES256", kid: "ec" }, goodClaims, (input) => make(Buffer.from(signed("ES256", ec, input)), input))
  const pairs: ReadonlyArray<readonly [string, bigint, bigint]> = [
    ["r 0, s 0", 0n, 0n],
    ["r 0, s 1", 0n, 1n],
    ["r 1, s 0", 1n, 0n],
    ["r 1, s 1", 1n, 1n],
    ["r n, s n", P256_ORDER, P256_ORDER],
    ["r n, s 0", P256_ORDER, 0n],
    ["r n - 1, s n - 1", P256_ORDER - 1n, P256_ORDER - 1n],
    ["r n + 1, s 1", P256_ORDER + 1n, 1n],
    ["r and s all ones", (1n << 256n) - 1n, (1n << 256n) - 1n]
  ]
  return [
    ...pairs.map(([name, r, s]) => no("signature", `ES256 ${name}`, by(() => Buffer.concat([big(r), big(s)])))),
    no("signature", "ES256 with a good r and s 0", by((good) => Buffer.concat([good.subarray(0, 32), big(0n)]))),
    no("signature", "ES256 with r 0 and a good s", by((good) => Buffer.concat([big(0n), good.subarray(32)]))),
    no(
      "signature",
      "ES256 with r and s changed over",
      by((good) => Buffer.concat([good.subarray(32), good.subarray(0, 32)]))
    ),
    no("signature", "ES256 in DER", by((_, input) => sign("sha256", Buffer.from(input), ec.privateKey))),
    no("signature", "ES256 with zeros before", by((good) => Buffer.concat([Buffer.alloc(1), good]))),
    no(
      "signature",
      "ES256 with zeros before each half",
      by((good) => Buffer.concat([Buffer.alloc(1), good.subarray(0, 32), Buffer.alloc(1), good.subarray(32)]))
    ),
    no("signature", "ES256 with zeros behind", by((good) => Buffer.concat([good, Buffer.alloc(2)]))),
    ...[0, 1, 31, 32, 62, 63].map((length) =>
      no("signature", `ES256 of ${length} bytes`, by((good) => good.subarray(0, length)))
    ),
    no("signature", "ES256 twice", by((good) => Buffer.concat([good, good]))),
    no(
      "signature",
      "ES256 over SHA-512",
      by((_, input) => sign("sha512", Buffer.from(input), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }))
    ),
    no("signature", "ES256 over the claims alone", by((_, input) => signed("ES256", ec, input.split(".")[1]!))),
    yes(
      "ES256 with n - s",
      "ECDSA has two good s; tokens are told apart by their claims",
      by((good) => Buffer.concat([good.subarray(0, 32), big(P256_ORDER - numberOf(good.subarray(32)))]))
    )
  ]
}

/** EMSA-PKCS1-v1_5 as it must not be (RFC 8017, 9.2), signed with the real key: lenient readers take these. */
const rsa = ({ rsa: key }: Ring): ReadonlyArray<Row> => {
  const INFO = "3031300d060960864801650304020105000420"
  const by = (block: (digest: string) => string): string =>
    forge({ alg: "RS256", kid: "rsa" }, goodClaims, (input) => {
      const hex = block(createHash("sha256").update(input).digest("hex"))
      return privateEncrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, Buffer.from(hex, "hex"))
    })
  const filled = (info: string, rest = "", type = "0001"): string =>
    `${type}${"ff".repeat(256 - 3 - (info.length + rest.length) / 2)}00${info}${rest}`
  return [
    yes("RS256 by hand", "the control of those below: this block is right", by((digest) => filled(INFO + digest))),
    no(
      "signature",
      "RS256 with text behind a short padding (Bleichenbacher 2006)",
      by((digest) => `0001${"ff".repeat(8)}00${INFO}${digest}${"00".repeat(256 - 11 - 51)}`)
    ),
    no(
      "signature",
      "RS256 without NULL in its algorithm",
      by((digest) => filled(`302f300b06096086480165030402010420${digest}`))
    ),
    no(
      "signature",
      "RS256 with a long form of length",
      by((digest) => filled(`308131300d060960864801650304020105000420${digest}`))
    ),
    no(
      "signature",
      "RS256 with SHA-1's name",
      by((digest) => filled(`3021300906052b0e03021a05000414${digest.slice(0, 40)}`))
    ),
    no(
      "signature",
      "RS256 with SHA-512's name",
      by((digest) => filled(`3051300d060960864801650304020305000440${digest}${digest}`))
    ),
    no("signature", "RS256 with the digest alone", by((digest) => filled(digest))),
    no(
      "signature",
      "RS256 with padding of zeros",
      by((digest) => filled(INFO + digest).replaceAll(/(?<=^0001)(?:ff)+/g, (run) => "00".repeat(run.length / 2)))
    ),
    no("signature", "RS256 with block type 2", by((digest) => filled(INFO + digest, "", "0002"))),
    no("signature", "RS256 with something behind the digest", by((digest) => filled(INFO + digest, "0500"))),
    no(
      "signature",
      "RS256 of one byte less",
      forge({ alg: "RS256", kid: "rsa" }, goodClaims, (i) => Buffer.from(signed("RS256", key, i)).subarray(1))
    ),
    no(
      "signature",
      "RS256 with a zero before",
      forge({ alg: "RS256", kid: "rsa" }, goodClaims, (i) => Buffer.concat([Buffer.alloc(1), signed("RS256", key, i)]))
    ),
    no(
      "signature",
      "RS256 plus the modulus",
      forge({ alg: "RS256", kid: "rsa" }, goodClaims, (i) => {
        const sum = numberOf(signed("RS256", key, i)) + numberOf(Buffer.from(key.jwk["n"] as string, "base64url"))
        return big(sum, sum >> 2048n === 0n ? 256 : 257)
      })
    ),
    ...[0, 20, 64].map((saltLength) =>
      no(
        "signature",
        `PS256 with a salt of ${saltLength} bytes (RFC 7518, 3.5 has 32)`,
        forge({ alg: "PS256", kid: "rsa" }, goodClaims, (i) =>
          sign("sha256", Buffer.from(i), { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }))
      )
    )
  ]
}

/** Ed25519 after Wycheproof (RFC 8032, 5.1.7). */
const eddsa = ({ ed }: Ring): ReadonlyArray<Row> => {
  const by = (make: (good: Buffer) => Uint8Array): string =>
    forge({ alg: "EdDSA", kid: "ed" }, goodClaims, (input) => make(Buffer.from(signed("EdDSA", ed, input))))
  const little = (value: bigint): Buffer => big(value).reverse()
  const sOf = (good: Buffer): bigint => numberOf(Buffer.from(good.subarray(32)).reverse())
  return [
    ...[1n, 2n].map((times) =>
      no(
        "signature",
        `EdDSA with s + ${times}L`,
        by((good) => Buffer.concat([good.subarray(0, 32), little(sOf(good) + times * ED25519_ORDER)]))
      )
    ),
    no("signature", "EdDSA with s 0", by((good) => Buffer.concat([good.subarray(0, 32), Buffer.alloc(32)]))),
    no("signature", "EdDSA with the neutral point and s 0", by(() => Buffer.concat([little(1n), Buffer.alloc(32)]))),
    no("signature", "EdDSA with another R", by((good) => Buffer.concat([little(2n), good.subarray(32)]))),
    no("signature", "EdDSA of 63 bytes", by((good) => good.subarray(0, 63))),
    no("signature", "EdDSA of 65 bytes", by((good) => Buffer.concat([good, Buffer.alloc(1)]))),
    no(
      "signature",
      "EdDSA over the claims alone",
      forge({ alg: "EdDSA", kid: "ed" }, goodClaims, (i) => signed("EdDSA", ed, i.split(".")[1]!))
    )
  ]
}

/** Parts of two good tokens put together. */
const grafts = (ring: Ring): ReadonlyArray<Row> => {
  const [ann, root] = [
    tokenBy(ring.ec, "ES256").split("."),
    tokenBy(ring.ec, "ES256", {}, { sub: "root" }).split(".")
  ] as [Array<string>, Array<string>]
  const rsaToken = tokenBy(ring.rsa, "RS256").split(".")
  return [
    no("signature", "one token's claims in another", `${ann[0]}.${root[1]}.${ann[2]}`),
    no("signature", "one token's signature on another", `${ann[0]}.${ann[1]}.${root[2]}`),
    no("signature", "one token's header on another", `${rsaToken[0]}.${ann[1]}.${ann[2]}`),
    no("signature", "no signature", `${ann[0]}.${ann[1]}.`),
    no("signature", "a signature of text", `${ann[0]}.${ann[1]}.${encode("signature")}`)
  ]
}

export const signatures = (ring: Ring): ReadonlyArray<Row> =>
  [ecdsa, rsa, eddsa, grafts].flatMap((group) => group(ring))
