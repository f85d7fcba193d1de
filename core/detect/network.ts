import { classAt, DIGIT, HEX, isDigitAt, isWordAt, LETTER, runEnd, runStart, SPACE } from "./bytes.ts"

/** Where the IPv4 address, and its mask length, that begins at `at` ends, or -1. */
export const ipv4End = (bytes: Uint8Array, at: number): number => {
  let end = at
  for (let part = 0; part < 4; part++) {
    const from = end
    let value = 0
    while (end - from < 4 && isDigitAt(bytes, end)) value = value * 10 + bytes[end++]! - 48
    if (end === from || end - from > 3 || value > 255 || (end - from > 1 && bytes[from] === 48)) return -1
    if (part < 3) {
      if (bytes[end] !== 46) return -1
      end++
    }
  }
  if (isWordAt(bytes, end) || (bytes[end] === 46 && isDigitAt(bytes, end + 1))) return -1
  return bytes[end] === 47 ? maskEnd(bytes, end, 32) : end
}

const maskEnd = (bytes: Uint8Array, at: number, most: number): number => {
  const end = runEnd(bytes, at + 1, DIGIT)
  if (end === at + 1 || end - at > 4) return at
  let value = 0
  for (let i = at + 1; i < end; i++) value = value * 10 + bytes[i]! - 48
  return value <= most && !isWordAt(bytes, end) ? end : at
}

/** Where the IPv6 address that begins at `at` ends, or -1: eight groups, or fewer with one `::`. */
export const ipv6End = (bytes: Uint8Array, at: number): number => {
  let groups = 0
  let gaps = 0
  let end = at
  let digits = 0
  if (bytes[end] === 58) {
    if (bytes[end + 1] !== 58) return -1
    gaps = 1
    end += 2
  }
  while (groups < 8) {
    const to = runEnd(bytes, end, HEX)
    if (to === end) break
    if (bytes[to] === 46 && groups > 0) {
      const embedded = ipv4End(bytes, end)
      if (embedded > 0) return gaps === 1 || groups === 6 ? embedded : -1
    }
    if (to - end > 4) return -1
    for (let i = end; i < to; i++) digits += isDigitAt(bytes, i) ? 1 : 0
    groups++
    end = to
    if (bytes[end] !== 58) break
    if (bytes[end + 1] === 58) {
      if (++gaps > 1) return -1
      end += 2
    } else if ((classAt(bytes, end + 1) & HEX) !== 0) end++
    else break
  }
  const whole = gaps === 1 ? groups >= 1 && groups < 8 && (groups > 1 || digits > 0) : groups === 8
  if (!whole || isWordAt(bytes, end) || bytes[end] === 58) return -1
  return bytes[end] === 47 ? maskEnd(bytes, end, 128) : bytes[end] === 37 ? zoneEnd(bytes, end) : end
}

const zoneEnd = (bytes: Uint8Array, at: number): number => {
  const end = runEnd(bytes, at + 1, LETTER | DIGIT)
  return end > at + 1 ? end : at
}

/** Where the hardware address that begins at `at` ends, or -1: six pairs with `:` or `-`, or three fours with dots. */
export const macEnd = (bytes: Uint8Array, at: number): number => {
  const size = bytes[at + 2] === 58 || bytes[at + 2] === 45 ? 2 : bytes[at + 4] === 46 ? 4 : 0
  if (size === 0) return -1
  const separator = bytes[at + size]
  let end = at
  for (let group = 0; group < 12 / size; group++) {
    if (group > 0 && bytes[end++] !== separator) return -1
    for (let i = 0; i < size; i++) if ((classAt(bytes, end++) & HEX) === 0) return -1
  }
  return isWordAt(bytes, end) || bytes[end] === separator ? -1 : end
}

export interface Url {
  readonly start: number
  readonly end: number
  /** A name and a password stand before the host. */
  readonly hasCredentials: boolean
}

/** The address of the web, or of a server, around the `://` whose colon is at `at`. */
export const urlAround = (bytes: Uint8Array, at: number, floor: number): Url | undefined => {
  if (bytes[at + 1] !== 47 || bytes[at + 2] !== 47) return undefined
  const start = runStart(bytes, at, LETTER | DIGIT, Math.max(floor, at - 16))
  if (start === at || (classAt(bytes, start) & LETTER) === 0) return undefined
  const end = urlEnd(bytes, at + 3)
  if (end - at < 5) return undefined
  let colon = false
  for (let i = at + 3; i < end && bytes[i] !== 47 && bytes[i] !== 63; i++) {
    if (bytes[i] === 58) colon = true
    if (bytes[i] === 64) return { start, end, hasCredentials: colon }
  }
  return { start, end, hasCredentials: false }
}

/** Browsers and servers take no longer ones. */
const urlBytesMost = 8192
const never = new Set([34, 39, 60, 62, 92, 94, 96, 123, 124, 125])
const trailing = new Set([33, 41, 44, 46, 58, 59, 63, 93])

const urlEnd = (bytes: Uint8Array, from: number): number => {
  let end = from
  const most = Math.min(bytes.length, from + urlBytesMost)
  while (end < most && (classAt(bytes, end) & SPACE) === 0 && bytes[end]! > 32 && !never.has(bytes[end]!)) end++
  while (end > from && trailing.has(bytes[end - 1]!)) end--
  return end
}
