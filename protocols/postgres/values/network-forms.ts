import type { Form } from "./form.ts"

interface Network {
  readonly address: ReadonlyArray<number>
  /** How many leading bits name the network. */
  readonly bits: number
}

/** `address[/bits]`, of version 4 or 6. */
const networkOf = (text: string): Network | undefined => {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text)
  if (match === null) return undefined
  const address = match[1]!.includes(":") ? version6(match[1]!) : version4(match[1]!)
  if (address === undefined) return undefined
  const bits = match[2] === undefined ? address.length * 8 : Number(match[2])
  return bits > address.length * 8 ? undefined : { address, bits }
}

const version4 = (text: string): ReadonlyArray<number> | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.map(Number)
}

const version6 = (text: string): ReadonlyArray<number> | undefined => {
  const halves = text.split("::")
  if (halves.length > 2) return undefined
  const [left, right] = halves.map(groupsOf)
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined
  if (right === undefined) return left.length === 16 ? left : undefined
  const missing = 16 - left.length - right.length
  return missing < 2 ? undefined : [...left, ...Array.from({ length: missing }, () => 0), ...right]
}

const groupsOf = (text: string): ReadonlyArray<number> | undefined => {
  const bytes: Array<number> = []
  const groups = text === "" ? [] : text.split(":")
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!
    // The last four bytes may stand as those of version 4.
    const tail = i === groups.length - 1 && group.includes(".") ? version4(group) : undefined
    if (tail !== undefined) {
      bytes.push(...tail)
      continue
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    const value = parseInt(group, 16)
    bytes.push(value >> 8, value & 0xff)
  }
  return bytes
}

const PREFIX_ALWAYS = 1

/** `Byte(family) Byte(bits) Byte(is cidr) Byte(length) address`; the families are 2 and 3 on every platform. */
const network = (cidr: 0 | typeof PREFIX_ALWAYS): Form => ({
  text: (text) => {
    const read = networkOf(text)
    if (read === undefined || (cidr === PREFIX_ALWAYS && hasHostBits(read))) return undefined
    const [address] = text.toLowerCase().split("/")
    return cidr === 0 && read.bits === read.address.length * 8 ? address : `${address}/${read.bits}`
  },
  binary: (text) => {
    const { address, bits } = networkOf(text)!
    return Uint8Array.of(address.length === 4 ? 2 : 3, bits, cidr, address.length, ...address)
  }
})

const hasHostBits = ({ address, bits }: Network): boolean =>
  address.some((byte, i) => {
    const networkBits = Math.min(8, Math.max(0, bits - i * 8))
    return (byte & (0xff >> networkBits)) !== 0
  })

/** Addresses of hosts and networks. */
export const networkForms: Readonly<Record<string, Form>> = { inet: network(0), cidr: network(PREFIX_ALWAYS) }
