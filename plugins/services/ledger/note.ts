import { createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto"

/**
 * A checkpoint: what the ledger was at one moment, signed. Spelt as a C2SP signed note over a C2SP tlog-checkpoint:
 *
 *     <origin>
 *     <records so far>
 *     <chain hash, base64>
 *     segment <number> <byte offset of the seal's end>
 *     time <ISO 8601>
 *     previous <SHA-256 of the checkpoint before, in hex, or ->
 *     <empty line>
 *     — <origin> <base64 of: 4 bytes key hash, 64 bytes Ed25519 signature over all up to the empty line's newline>
 */
export interface Note {
  readonly origin: string
  readonly seq: number
  readonly hash: Buffer
  readonly segment: number
  readonly offset: number
  readonly at: string
  readonly previous: string
}

/** A key that verifies, and its name and hash as notes carry them. */
export interface NoteKey {
  readonly origin: string
  readonly keyHash: Buffer
  readonly publicKey: KeyObject
}

const ALGORITHM_ED25519 = 1

const textOf = (note: Note): string =>
  `${note.origin}\n${note.seq}\n${note.hash.toString("base64")}\n`
  + `segment ${note.segment} ${note.offset}\ntime ${note.at}\nprevious ${note.previous}\n`

export const signNote = (note: Note, key: NoteKey, privateKey: KeyObject): string => {
  const text = textOf(note)
  const signature = Buffer.concat([key.keyHash, sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${key.origin} ${signature.toString("base64")}\n`
}

const NOTE = new RegExp(
  "^(?<text>(?<origin>[^\\n]+)\\n(?<seq>0|[1-9][0-9]{0,15})\\n(?<hash>[A-Za-z0-9+/]{43}=)\\n"
    + "segment (?<segment>[1-9][0-9]{0,9}) (?<offset>0|[1-9][0-9]{0,15})\\ntime (?<at>[^\\n]+)\\n"
    + "previous (?<previous>-|[0-9a-f]{64})\\n)\\n— (?<name>[^ \\n]+) (?<signature>[A-Za-z0-9+/]+=*)\\n$"
)

/** Reads and verifies one note, byte for byte: one text has one spelling. A string says what is wrong. */
export const openNote = (text: string, key: NoteKey): Note | string => {
  const groups = NOTE.exec(text)?.groups
  if (groups === undefined) return "the checkpoint is not a signed note"
  const signature = Buffer.from(groups["signature"]!, "base64")
  const note: Note = {
    origin: groups["origin"]!,
    seq: Number(groups["seq"]),
    hash: Buffer.from(groups["hash"]!, "base64"),
    segment: Number(groups["segment"]),
    offset: Number(groups["offset"]),
    at: groups["at"]!,
    previous: groups["previous"]!
  }
  if (note.origin !== key.origin || groups["name"] !== key.origin) {
    return `the checkpoint is of ${note.origin}, and the key is of ${key.origin}`
  }
  const canonical = signature.length === 68 && signature.toString("base64") === groups["signature"]
    && textOf(note) === groups["text"] && signature.subarray(0, 4).equals(key.keyHash)
  if (!canonical) return "the checkpoint's signature is not by this ledger's key, or not in canonical form"
  const good = verify(null, Buffer.from(groups["text"]!), key.publicKey, signature.subarray(4))
  return good ? note : "the checkpoint's signature is wrong"
}

/** A key as C2SP writes it down: `<name>+<key hash, hex>+<base64 of the algorithm's byte and the key>`. */
export const noteKeyText = (key: NoteKey): string =>
  `${key.origin}+${key.keyHash.toString("hex")}+${tagged(key.publicKey).toString("base64")}`

export const parseNoteKey = (text: string): NoteKey | string => {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)\n?$/.exec(text)
  const bytes = Buffer.from(match?.[3] ?? "", "base64")
  if (match === null || bytes.length !== 33 || bytes[0] !== ALGORITHM_ED25519) return "not an Ed25519 verifier key"
  const x = bytes.subarray(1).toString("base64url")
  const key = noteKey(match[1]!, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }))
  return key.keyHash.toString("hex") === match[2] ? key : "the verifier key's hash does not fit it"
}

export const noteKey = (origin: string, publicKey: KeyObject): NoteKey => ({
  origin,
  publicKey,
  keyHash: hash("sha256", Buffer.concat([Buffer.from(`${origin}\n`), tagged(publicKey)]), "buffer").subarray(0, 4)
})

const tagged = (publicKey: KeyObject): Buffer => Buffer.concat([Buffer.from([ALGORITHM_ED25519]), rawKey(publicKey)])

/** The 32 bytes of an Ed25519 public key. */
export const rawKey = (publicKey: KeyObject): Buffer => Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")
