import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes
} from "node:crypto"
import * as fs from "node:fs"
import { type NoteKey, noteKey, noteKeyText, rawKey } from "./note.ts"

/** What a ledger signs with, and what it makes keyed digests with. */
export interface Keys {
  readonly privateKey: KeyObject
  readonly noteKey: NoteKey
  readonly digest: (value: string | Uint8Array) => string
}

/**
 * Loads the keys that stand beside a ledger's folder, and makes them at first use:
 *
 * - `<folder>.key`: the Ed25519 private key, PKCS #8 PEM, mode 0600. Lost, nothing more can be signed as this ledger.
 * - `<folder>.pub`: the public key in C2SP's notation. Give it to the auditor early, by another way.
 * - `<folder>.digest`: 32 bytes in hex, mode 0600. Lost, equal values before and after cannot be matched.
 */
export const loadKeys = (folder: string): Keys => {
  const privateKey = createPrivateKey(
    readOrMake(
      `${folder}.key`,
      () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()
    )
  )
  const secret = Buffer.from(readOrMake(`${folder}.digest`, () => `${randomBytes(32).toString("hex")}\n`).trim(), "hex")
  if (secret.length !== 32) throw new Error(`${folder}.digest does not hold 32 bytes in hex`)
  const publicKey = createPublicKey(privateKey)
  if (publicKey.asymmetricKeyType !== "ed25519") throw new Error(`${folder}.key is not an Ed25519 key`)
  const key = noteKey(`sluice.ledger/${hash("sha256", rawKey(publicKey), "hex").slice(0, 16)}`, publicKey)
  const text = `${noteKeyText(key)}\n`
  if (readOrMake(`${folder}.pub`, () => text, 0o644) !== text) {
    throw new Error(`${folder}.pub is not the public half of ${folder}.key: put the right key back`)
  }
  return {
    privateKey,
    noteKey: key,
    digest: (value) => createHmac("sha256", secret).update(value).digest("base64url").slice(0, 22)
  }
}

const readOrMake = (path: string, make: () => string, mode = 0o600): string => {
  try {
    return fs.readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
  }
  // A crash in between must not leave half a key: the name appears only with all of it.
  const fresh = `${path}.${process.pid}.new`
  fs.writeFileSync(fresh, make(), { mode, flush: true })
  fs.renameSync(fresh, path)
  return fs.readFileSync(path, "utf8")
}
