import { createHash, randomBytes, X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { writeInt32 } from "../../../../core/bytes/index.ts"
import { Authentication } from "../../../../protocols/postgres/authentication/authentication.ts"
import { tlsServerEndPoint } from "../../../../protocols/postgres/authentication/channel-binding.ts"
import { saslPrep } from "../../../../protocols/postgres/authentication/sasl-prep.ts"
import { scramKeys } from "../../../../protocols/postgres/authentication/scram-keys.ts"
import { Scram } from "../../../../protocols/postgres/authentication/scram.ts"
import { postgresInstalls, type RealPostgres, startPostgres } from "../../../fixtures/real-postgres.ts"
import { wireLogin } from "./wire-login.ts"

const body = (code: number, rest: string | Uint8Array = ""): Uint8Array => {
  const head = new Uint8Array(4)
  writeInt32(head, 0, code)
  return Buffer.concat([head, typeof rest === "string" ? Buffer.from(rest, "latin1") : rest])
}
const certificateOf = (name: string): Uint8Array =>
  new X509Certificate(readFileSync(new URL(`../../../fixtures/tls/${name}.crt`, import.meta.url))).raw
const rsa = certificateOf("rsa-sha384")
const credential = { user: "alice", password: "wonderland-7" }
const begin = (
  options: { certificate?: Uint8Array; allowPlaintext?: boolean; password?: string } = {}
): Authentication =>
  new Authentication({
    credential: { ...credential, password: options.password ?? credential.password },
    random: (count) => new Uint8Array(count).fill(7),
    certificate: options.certificate,
    allowPlaintext: options.allowPlaintext ?? false
  })
const sent = (step: ReturnType<Authentication["step"]>): string =>
  step._tag === "Send" ? Buffer.from(step.message).toString("latin1") : expect.fail(`${step._tag} in place of Send`)

describe("SCRAM-SHA-256", () => {
  it("answers as the example of RFC 7677 section 3 does", () => {
    const scram = new Scram({
      user: "user",
      password: "pencil",
      name: "user",
      nonce: "rOprNGfwEbeRWgbNEkqO",
      binding: { _tag: "None" }
    })
    expect(scram.first()).toBe("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    expect(scram.final(`r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)).toBe(
      `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`
    )
    expect(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=")).toBe(false)
    expect(scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")).toBe(true)
  })

  const nonce = Buffer.from(new Uint8Array(24).fill(7)).toString("base64")
  const challenged = (serverFirst: string): string => {
    const authentication = begin()
    authentication.step(body(10, "SCRAM-SHA-256\0\0"))
    return authentication.step(body(11, serverFirst))._tag
  }
  it.each([
    ["an honest challenge", `r=${nonce}abc,s=AAAA,i=1`, "Send"],
    ["a nonce that is not ours", "r=elsewhere,s=AAAA,i=4096", "Refused"],
    ["a nonce that adds nothing", `r=${nonce},s=AAAA,i=4096`, "Refused"],
    ["a nonce without end", `r=${nonce}${"x".repeat(2000)},s=AAAA,i=4096`, "Refused"],
    ["a nonce with a control character", `r=${nonce}\n,s=AAAA,i=4096`, "Refused"],
    ["no salt", `r=${nonce}abc,s=,i=4096`, "Refused"],
    ["a salt that is not base64", `r=${nonce}abc,s=A,i=4096`, "Refused"],
    ["a salt with stray bits", `r=${nonce}abc,s=AB==,i=4096`, "Refused"],
    ["a salt without end", `r=${nonce}abc,s=${"AAAA".repeat(400)},i=4096`, "Refused"],
    ["no iterations", `r=${nonce}abc,s=AAAA,i=0`, "Refused"],
    ["negative iterations", `r=${nonce}abc,s=AAAA,i=-1`, "Refused"],
    ["too many iterations", `r=${nonce}abc,s=AAAA,i=1000001`, "Refused"],
    ["iterations beyond any number", `r=${nonce}abc,s=AAAA,i=${"9".repeat(400)}`, "Refused"],
    ["a mandatory extension", `m=x,r=${nonce}abc,s=AAAA,i=4096`, "Refused"],
    ["something after the end", `r=${nonce}abc,s=AAAA,i=4096,x=1`, "Refused"],
    ["a line break after the end", `r=${nonce}abc,s=AAAA,i=4096\n`, "Refused"],
    ["nothing", "", "Refused"]
  ])("PG25: judges %s", (_name, serverFirst, tag) => expect(challenged(serverFirst)).toBe(tag))
})

describe("SASLprep", () => {
  // The examples of RFC 4013 section 3, and how PostgreSQL falls back to the bytes as they are.
  it.each([
    ["I\u00adX", "IX"],
    ["user", "user"],
    ["USER", "USER"],
    ["\u00aa", "a"],
    ["\u2168", "IX"],
    ["\u0007", "\u0007"],
    ["\u0627\u0031", "\u0627\u0031"],
    ["a\u00a0b", "a b"],
    ["\u00ad", "\u00ad"],
    ["\ufb01\ue000", "\ufb01\ue000"],
    ["\ufb01\u{1f600}", "\ufb01\u{1f600}"],
    ["\ufb01", "fi"],
    ["\u0627\ufb01", "\u0627\ufb01"],
    ["\ufe8d", "\u0627"]
  ])(
    "prepares %j as %j",
    (password, prepared) => expect(Buffer.from(saslPrep(password)).toString("utf8")).toBe(prepared)
  )
})

describe("tls-server-end-point", () => {
  it.each([["rsa-sha384", "sha384"], ["ecdsa-sha256", "sha256"], ["pss-sha512", "sha512"], ["rsa-sha1", "sha256"]])(
    "hashes %s with %s",
    (name, digest) => {
      const der = certificateOf(name)
      expect(Buffer.from(tlsServerEndPoint(der)!)).toEqual(createHash(digest).update(der).digest())
    }
  )
  it("has no hash for Ed25519", () => expect(tlsServerEndPoint(certificateOf("ed25519"))).toBeUndefined())
  it("survives any bytes, and any broken certificate", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void tlsServerEndPoint(bytes)), {
      numRuns: 2000
    })
    fc.assert(
      fc.property(fc.nat(rsa.length - 1), fc.nat(255), fc.nat(rsa.length), (at, value, end) => {
        const broken = Uint8Array.from(rsa)
        broken[at] = value
        tlsServerEndPoint(broken.subarray(0, end))
      }),
      { numRuns: 2000 }
    )
  })
})

describe("Authentication", () => {
  it("lets in without a challenge", () => expect(begin().step(body(0))._tag).toBe("Done"))

  it("sends the password in clear only where that is safe", () => {
    expect(begin().step(body(3))._tag).toBe("Refused")
    expect(sent(begin({ allowPlaintext: true }).step(body(3)))).toBe("p\0\0\0\x11wonderland-7\0")
    expect(sent(begin({ certificate: rsa }).step(body(3)))).toBe("p\0\0\0\x11wonderland-7\0")
    expect(begin({ certificate: rsa, password: "a\0b" }).step(body(3))._tag).toBe("Refused")
  })

  it("PG24: binds to the channel whenever it can, and says so when it could not", () => {
    const both = body(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    const one = body(10, "SCRAM-SHA-256\0\0")
    expect(sent(begin({ certificate: rsa }).step(both))).toMatch(
      /^p.{4}SCRAM-SHA-256-PLUS\0.{4}p=tls-server-end-point,,n=,r=/s
    )
    expect(sent(begin({ certificate: rsa }).step(one))).toMatch(/^p.{4}SCRAM-SHA-256\0.{4}y,,n=,r=/s)
    expect(sent(begin().step(one))).toMatch(/^p.{4}SCRAM-SHA-256\0.{4}n,,n=,r=/s)
    expect(begin().step(both)._tag).toBe("Refused")
    expect(begin({ certificate: certificateOf("ed25519") }).step(both)._tag).toBe("Refused")
  })

  it.each([
    ["Kerberos", body(2)],
    ["GSSAPI", body(7)],
    ["SSPI", body(9)],
    ["SCRAM-SHA-1 alone", body(10, "SCRAM-SHA-1\0\0")],
    ["no mechanism", body(10, "\0")],
    ["a list without an end", body(10, "SCRAM-SHA-256\0")],
    ["an answer to nothing", body(11, "r=x,s=AAAA,i=1")],
    ["a proof of nothing", body(12, "v=x")],
    ["a short MD5 salt", body(5, "abc")],
    ["an Ok with more", body(0, "x")],
    ["no code", new Uint8Array(3)],
    ["too much", body(10, new Uint8Array(9000))]
  ])("refuses %s", (_name, message) => expect(begin({ certificate: rsa }).step(message)._tag).toBe("Refused"))

  it("never takes an Ok between the first message and the server's signature", () => {
    const authentication = begin()
    authentication.step(body(10, "SCRAM-SHA-256\0\0"))
    expect(authentication.step(body(0))._tag).toBe("Refused")
    expect(authentication.step(body(0))._tag).toBe("Refused")
  })

  /** How a login ends at a server that has no idea of the password and claims to. */
  const impostor = (): string => {
    const authentication = begin()
    const nonce = Buffer.from(new Uint8Array(24).fill(7)).toString("base64")
    authentication.step(body(10, "SCRAM-SHA-256\0\0"))
    sent(authentication.step(body(11, `r=${nonce}abc,s=AAAA,i=1`)))
    const claimed = authentication.step(body(12, `v=${Buffer.alloc(32).toString("base64")}`))._tag
    return `${claimed}, ${authentication.step(body(0))._tag}`
  }
  it("refuses a server that cannot sign what a knower of the password could", () => {
    expect(impostor()).toBe("Refused, Refused")
  })
  it("catches a client that does not look at the signature", () => {
    const mutant = vi.spyOn(Scram.prototype, "verify").mockReturnValue(true)
    expect(impostor()).toBe("Wait, Done")
    mutant.mockRestore()
  })

  it("derives the keys of a password once, and apart for each user, salt and count", () => {
    const keys = (user: string, salt: number, iterations: number, password = "p") =>
      scramKeys(user, Buffer.from(password), new Uint8Array(4).fill(salt), iterations)
    const first = keys("a", 1, 2)
    expect(keys("a", 1, 2)).toBe(first)
    for (const other of [keys("b", 1, 2), keys("a", 2, 2), keys("a", 1, 3), keys("a", 1, 2, "q")]) {
      expect(other).not.toBe(first)
    }
    for (let i = 0; i < 300; i++) keys("filler", 1, i + 1)
    expect(keys("a", 1, 2)).not.toBe(first)
    expect(keys("a", 1, 2)).toEqual(first)
  })

  it("PG25: survives any sequence of messages, and quotes none", () => {
    const code = fc.constantFrom(0, 3, 5, 10, 11, 12, 2, 99, -1)
    const text = fc.oneof(
      fc.constantFrom("SCRAM-SHA-256\0\0", "abcd", "CANARY"),
      fc.string({ maxLength: 40 }).map((rest) => `r=CANARY${rest}`)
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(code, text), { maxLength: 6 }), fc.boolean(), (messages, encrypted) => {
        const authentication = begin(encrypted ? { certificate: rsa } : {})
        let done = false
        for (const [at, rest] of messages) {
          const step = authentication.step(body(at, rest))
          if (step._tag === "Refused") expect(step.message).not.toContain("CANARY")
          if (step._tag === "Send") expect(done).toBe(false)
          done ||= step._tag !== "Send"
        }
      }),
      { numRuns: 2000 }
    )
  })
})

const passwords: Readonly<Record<string, string>> = {
  ascii: "wonderland-7",
  joined: "o\ufb03ce\u00a0\u2168",
  emoji: "\ufb01\u{1f600}",
  arabic: "\u0627\u0031",
  soft: "\u00ad"
}

describe.each(postgresInstalls().map((bin) => [bin]))("a login at the PostgreSQL of %s", (bin) => {
  const server: { plain?: RealPostgres; rsa?: RealPostgres; ecdsa?: RealPostgres } = {}
  const methods = ["scram-sha-256", "md5", "password"]
  const start = async (certificate?: string): Promise<RealPostgres> => {
    const hba = ["local all all trust", "host all postgres 127.0.0.1/32 trust"]
    for (const method of methods) {
      for (const name of Object.keys(passwords)) hba.push(`host all ${method}_${name} 127.0.0.1/32 ${method}`)
    }
    const started = await startPostgres({ bin, hba, ...(certificate === undefined ? {} : { certificate }) })
    const client = new pg.Client({ host: started.host, port: started.port, user: "postgres", database: "postgres" })
    await client.connect()
    for (const method of methods) {
      await client.query(`set password_encryption = '${method === "md5" ? "md5" : "scram-sha-256"}'`)
      for (const [name, password] of Object.entries(passwords)) {
        await client.query(`create role "${method}_${name}" login password '${password}'`)
      }
    }
    await client.end()
    return started
  }
  beforeAll(async () => {
    server.plain = await start()
    server.rsa = await start("rsa-sha384")
    server.ecdsa = await start("ecdsa-sha256")
  }, 120_000)
  afterAll(async () => {
    await Promise.all([server.plain?.stop(), server.rsa?.stop(), server.ecdsa?.stop()])
  })
  const login = (on: RealPostgres, more: Partial<Parameters<typeof wireLogin>[0]>) =>
    wireLogin({
      port: on.port,
      user: "scram-sha-256_ascii",
      password: passwords["ascii"]!,
      tls: false,
      random: randomBytes,
      ...more
    })

  it.each(Object.keys(passwords))("is let in with the password %s, by every method", async (name) => {
    const password = passwords[name]!
    for (const method of methods) {
      const user = `${method}_${name}`
      const result = await login(server.plain!, { user, password, allowPlaintext: true })
      expect(result, user).toMatchObject({ result: "ready" })
      expect((await login(server.plain!, { user, password: password + "x", allowPlaintext: true })).result).toBe(
        "28P01"
      )
    }
  })
  it("binds to the channel over TLS, and is refused when the channel is another", async () => {
    for (const on of [server.rsa!, server.ecdsa!]) {
      expect(await login(on, { tls: true })).toEqual({ result: "ready", codes: [10, 11, 12, 0] })
      expect((await login(on, { tls: true, certificate: certificateOf("rsa-sha1") })).result).toMatch(/^28/)
    }
  })
  it("does not send a password in clear without TLS", async () => {
    const user = "password_ascii"
    expect((await login(server.rsa!, { user })).result).toMatch(/in clear/)
    expect((await login(server.rsa!, { user, tls: true })).result).toBe("ready")
  })
})
