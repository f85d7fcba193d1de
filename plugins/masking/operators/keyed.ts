import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto"

const SUBKEY_BYTES = 32

/**
 * The key of one operator for one tag: HKDF-SHA-256 (RFC 5869) of the secret, so that masks of one tag say nothing of
 * those of another, nor `hash` of `token`.
 */
export const subkeyOf = (secret: Uint8Array, use: string, tag: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "", `sluice masking 1\0${use}\0${tag}`, SUBKEY_BYTES))

/** HMAC-SHA-256 (RFC 2104) of text under one key. */
export class Digest {
  private readonly key: KeyObject

  constructor(subkey: Uint8Array) {
    this.key = createSecretKey(subkey)
  }

  of(text: string): Buffer {
    return createHmac("sha256", this.key).update(text, "utf8").digest()
  }
}
