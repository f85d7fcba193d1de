import { createHash, hash } from "node:crypto"

/** Bytes of a chain hash (SHA-256). */
export const HASH_BYTES = 32

/** The chain hash before the first record of a ledger: 32 zero bytes. */
export const GENESIS: Buffer = Buffer.alloc(HASH_BYTES)

/** The chain hash after a batch, where `bytes` are the hash before it followed by the batch's lines. */
export const chainHash = (bytes: Uint8Array): Buffer => hash("sha256", bytes, "buffer")

/** The same for lines that lie elsewhere than right behind the hash before them. */
export const nextHash = (before: Uint8Array, lines: Uint8Array): Buffer =>
  createHash("sha256").update(before).update(lines).digest()

/** The line that ends a batch of `count` records: with it the batch is part of the ledger, without it it never was. */
export const sealLine = (count: number, hash: Buffer): string => `{"seal":${count},"hash":"${hash.toString("hex")}"}\n`

/** How every seal line begins; no record does. */
export const SEAL_PREFIX: Buffer = Buffer.from("{\"seal\":")

/** SHA-256 in hex, for files and notes. */
export const digestOf = (bytes: Uint8Array | string): string => hash("sha256", bytes, "hex")
