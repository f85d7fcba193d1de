import { gunzipSync, inflateSync } from "node:zlib"

type Decoding = (bytes: Buffer) => ReadonlyArray<Buffer>

/** Every run of `alphabet` of at least `least` characters, decoded. */
const runsOf = (bytes: Buffer, alphabet: RegExp, decode: (run: string) => Buffer): ReadonlyArray<Buffer> =>
  [...bytes.toString("latin1").matchAll(alphabet)].map(([run]) => decode(run))

const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse()

const rot13 = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.map((byte) => {
    const base = byte >= 97 && byte <= 122 ? 97 : byte >= 65 && byte <= 90 ? 65 : undefined
    return base === undefined ? byte : (byte - base + 13) % 26 + base
  }))

const tryAll = (decode: () => Buffer): ReadonlyArray<Buffer> => {
  try {
    return [decode()]
  } catch {
    return []
  }
}

/** Ways in which a value may hide in bytes. Applied one after the other, two deep. */
const DECODINGS: Readonly<Record<string, Decoding>> = {
  plain: (bytes) => [bytes],
  "upper case": (bytes) => [Buffer.from(bytes.toString("latin1").toUpperCase(), "latin1")],
  "lower case": (bytes) => [Buffer.from(bytes.toString("latin1").toLowerCase(), "latin1")],
  reversed: (bytes) => [reversed(bytes)],
  rot13: (bytes) => [rot13(bytes)],
  hex: (bytes) => runsOf(bytes, /[0-9a-fA-F]{8,}/g, (run) => Buffer.from(run, "hex")),
  "hex, odd": (bytes) => runsOf(bytes, /[0-9a-fA-F]{9,}/g, (run) => Buffer.from(run.slice(1), "hex")),
  "hex, spaced": (bytes) =>
    runsOf(
      bytes,
      /(?:[0-9a-fA-F]{2}[ :-]){4,}[0-9a-fA-F]{2}/g,
      (run) => Buffer.from(run.replaceAll(/[ :-]/g, ""), "hex")
    ),
  base64: (bytes) => runsOf(bytes, /[A-Za-z0-9+/]{8,}/g, (run) => Buffer.from(run, "base64")),
  "base64, shifted 1": (bytes) => runsOf(bytes, /[A-Za-z0-9+/]{9,}/g, (run) => Buffer.from(run.slice(1), "base64")),
  "base64, shifted 2": (bytes) => runsOf(bytes, /[A-Za-z0-9+/]{10,}/g, (run) => Buffer.from(run.slice(2), "base64")),
  "base64, shifted 3": (bytes) => runsOf(bytes, /[A-Za-z0-9+/]{11,}/g, (run) => Buffer.from(run.slice(3), "base64")),
  base64url: (bytes) => runsOf(bytes, /[A-Za-z0-9_-]{8,}/g, (run) => Buffer.from(run, "base64url")),
  percent: (bytes) => [
    Buffer.from(
      bytes.toString("latin1").replaceAll(/%([0-9a-fA-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16))),
      "latin1"
    )
  ],
  "backslash-u": (bytes) => [
    Buffer.from(
      bytes.toString("latin1").replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
    )
  ],
  "backslash-x": (bytes) => [Buffer.from(bytes.toString("latin1").replaceAll("\\x", ""), "latin1")],
  octal: (bytes) => [
    Buffer.from(
      bytes.toString("latin1").replaceAll(/\\([0-3][0-7]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 8))),
      "latin1"
    )
  ],
  "html entities": (bytes) => [
    Buffer.from(
      bytes.toString("latin1").replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code) & 0xff)),
      "latin1"
    )
  ],
  "utf-16": (bytes) => [Buffer.from(bytes.filter((byte) => byte !== 0))],
  "decimal codes": (bytes) =>
    runsOf(
      bytes,
      /(?:\d{2,3}[ ,;|]+){3,}\d{2,3}/g,
      (run) => Buffer.from(run.split(/[ ,;|]+/).map((code) => Number(code) & 0xff))
    ),
  "one a line": (
    bytes
  ) => [Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13 && byte !== 44 && byte !== 32))],
  "separators dropped": (bytes) => [
    Buffer.from(bytes.toString("latin1").replaceAll(/[^A-Za-z0-9@.-]/g, ""), "latin1")
  ],
  gzip: (bytes) => gzipRuns(bytes),
  "full-width digits": (bytes) => [Buffer.from(bytes.toString("utf8").normalize("NFKC"))]
}

const gzipRuns = (bytes: Buffer): ReadonlyArray<Buffer> => {
  const at = bytes.indexOf(Buffer.from([0x1f, 0x8b]))
  const zlib = bytes.indexOf(0x78)
  return [
    ...(at < 0 ? [] : tryAll(() => gunzipSync(bytes.subarray(at), { finishFlush: 2 }))),
    ...(zlib < 0 ? [] : tryAll(() => inflateSync(bytes.subarray(zlib), { finishFlush: 2 })))
  ]
}

/** The names of the decodings, for a test that checks that each of them finds what it should. */
export const canaryDecodings: ReadonlyArray<string> = Object.keys(DECODINGS)

/**
 * Looks for `canary` in everything that left the gateway, plainly and in some two dozen encodings, also two of them in
 * a row. Answers how it was hidden, or undefined when it is not there.
 */
export const findCanary = (haystack: Uint8Array, canary: string): string | undefined => {
  const needle = Buffer.from(canary)
  for (const [name, decode] of Object.entries(DECODINGS)) {
    for (const once of decode(Buffer.from(haystack))) {
      if (holds(once, needle)) return name
      if (name === "plain" || once.length > 1 << 16) continue
      for (const [second, again] of Object.entries(DECODINGS)) {
        if (again(once).some((twice) => holds(twice, needle))) return `${name}, then ${second}`
      }
    }
  }
  return undefined
}

const holds = (bytes: Buffer, needle: Buffer): boolean =>
  bytes.includes(needle) || bytes.toString("latin1").toLowerCase().includes(needle.toString("latin1").toLowerCase())
