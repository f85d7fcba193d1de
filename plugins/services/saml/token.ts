import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose"
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto"
import * as fs from "node:fs"
import { resolve } from "node:path"
import type { Assertion } from "./assertion.ts"
import type { SamlConfig } from "./config.ts"

/** Makes a token for whom an assertion vouches. `now` in milliseconds since the epoch. */
export type Mint = (assertion: Pick<Assertion, "subject" | "groups">, now: number) => Promise<string>

/** Loads the key, made at the first start, and publishes its public half. Throws what the files throw. */
export const openMint = async (config: SamlConfig["token"], directory: string): Promise<Mint> => {
  const key = readKey(resolve(directory, config.key_file))
  const { crv, x, y } = await exportJWK(createPublicKey(key))
  if (crv !== "P-256") throw new Error(`${config.key_file} holds no P-256 key`)
  const jwk = { kty: "EC" as const, crv, x: x!, y: y! }
  const kid = await calculateJwkThumbprint(jwk)
  const set = { keys: [{ ...jwk, kid, alg: "ES256", use: "sig" }] }
  write(resolve(directory, config.jwks_file), `${JSON.stringify(set)}\n`, 0o644)
  return ({ groups, subject }, now) => {
    const seconds = Math.floor(now / 1000)
    return new SignJWT({ groups: [...groups] }).setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
      .setIssuer(config.issuer).setAudience(config.audience).setSubject(subject).setJti(randomUUID())
      .setIssuedAt(seconds).setExpirationTime(seconds + config.seconds).sign(key)
  }
}

const readKey = (path: string): KeyObject => {
  if (!fs.existsSync(path)) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    write(path, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600)
  }
  if ((fs.statSync(path).mode & 0o077) !== 0) throw new Error(`${path} can be read by others: chmod 600`)
  return createPrivateKey(fs.readFileSync(path, "utf8"))
}

/** The name appears only with all of its content. */
const write = (path: string, text: string, mode: number): void => {
  const fresh = `${path}.${process.pid}.new`
  fs.rmSync(fresh, { force: true })
  fs.writeFileSync(fresh, text, { mode, flush: true, flag: "wx" })
  fs.renameSync(fresh, path)
}
