import { createHash, createHmac, pbkdf2Sync } from "node:crypto"

/** What RFC 5802 section 3 derives from a password, once per salt. As secret as the password itself. */
export interface ScramKeys {
  readonly client: Uint8Array
  readonly stored: Uint8Array
  readonly server: Uint8Array
}

const KEPT_MAX = 256

/**
 * Derivations that were made before. PBKDF2 is slow by design, and the gateway logs in to few upstreams with few
 * credentials, so nearly every login after the first finds its keys here. The least recently used one leaves.
 */
const kept = new Map<string, ScramKeys>()

/** The keys for `password`, prepared with SASLprep. `user` only keeps the cache's entries apart. */
export const scramKeys = (user: string, password: Uint8Array, salt: Uint8Array, iterations: number): ScramKeys => {
  const name = createHash("sha256")
    .update(`${Buffer.byteLength(user)}:${user}:${iterations}:${salt.length}:`)
    .update(salt)
    .update(createHash("sha256").update(password).digest())
    .digest("base64")
  const known = kept.get(name)
  if (known !== undefined) {
    kept.delete(name)
    kept.set(name, known)
    return known
  }
  const keys = derive(password, salt, iterations)
  kept.set(name, keys)
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!)
  return keys
}

const derive = (password: Uint8Array, salt: Uint8Array, iterations: number): ScramKeys => {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256")
  const client = createHmac("sha256", salted).update("Client Key").digest()
  return {
    client,
    stored: createHash("sha256").update(client).digest(),
    server: createHmac("sha256", salted).update("Server Key").digest()
  }
}
