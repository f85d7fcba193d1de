import type { BinaryReader } from "./read-binary.ts"

const sized = (size: number, read: (bytes: Buffer) => string | undefined): BinaryReader => (bytes) =>
  bytes.length === size ? read(bytes) : undefined

const FLOAT4_DIGITS = [6, 7, 8, 9]

/** The shortest decimal that rounds to the same float4, as the server prints it. */
const float4 = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  for (const digits of FLOAT4_DIGITS) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(value)
}

const NUMERIC_HEAD_BYTES = 8
const NAN = 0xc000
const NEGATIVE = 0x4000
/** Groups of four digits; more than these no `Form` writes. */
const GROUPS_MAX = 250

/** `Int16(digits) Int16(weight) Int16(sign) Int16(scale) Int16(digit)...`, digits in base 10,000. */
const numeric: BinaryReader = (bytes) => {
  if (bytes.length < NUMERIC_HEAD_BYTES) return undefined
  const count = bytes.readInt16BE(0)
  const weight = bytes.readInt16BE(2)
  const sign = bytes.readUInt16BE(4)
  const scale = bytes.readUInt16BE(6)
  if (sign === NAN) return "NaN"
  if (count < 0 || bytes.length !== NUMERIC_HEAD_BYTES + count * 2 || (sign !== 0 && sign !== NEGATIVE)) {
    return undefined
  }
  if (Math.abs(weight) > GROUPS_MAX || scale > GROUPS_MAX * 4 || count > GROUPS_MAX) return undefined
  const group = (i: number): string =>
    i < 0 || i >= count ? "0000" : String(bytes.readUInt16BE(NUMERIC_HEAD_BYTES + i * 2)).padStart(4, "0")
  let whole = ""
  for (let i = 0; i <= weight; i++) whole += group(i)
  let fraction = ""
  for (let i = weight + 1; fraction.length < scale; i++) fraction += group(i)
  const magnitude = whole.replace(/^0+(?=[0-9])/, "") || "0"
  return `${sign === NEGATIVE ? "-" : ""}${magnitude}${scale === 0 ? "" : `.${fraction.slice(0, scale)}`}`
}

/** Truth and numbers. */
export const numberReaders: Readonly<Record<string, BinaryReader>> = {
  bool: sized(1, (bytes) => bytes[0] === 0 ? "f" : "t"),
  int2: sized(2, (bytes) => String(bytes.readInt16BE())),
  int4: sized(4, (bytes) => String(bytes.readInt32BE())),
  int8: sized(8, (bytes) => String(bytes.readBigInt64BE())),
  oid: sized(4, (bytes) => String(bytes.readUInt32BE())),
  float4: sized(4, (bytes) => float4(bytes.readFloatBE())),
  float8: sized(8, (bytes) => Object.is(bytes.readDoubleBE(), -0) ? "-0" : String(bytes.readDoubleBE())),
  numeric
}
