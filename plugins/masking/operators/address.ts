/** An address as its bytes, and how many leading bits name the network. */
export interface Address {
  readonly bytes: ReadonlyArray<number>
  readonly bits: number
}

/** `address[/bits]`, of version 4 or 6; undefined for any other text. */
export const addressOf = (text: string): Address | undefined => {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/([0-9]{1,3}))?$/.exec(text)
  if (match === null) return undefined
  const bytes = match[1]!.includes(":") ? version6(match[1]!) : version4(match[1]!)
  if (bytes === undefined) return undefined
  const bits = match[2] === undefined ? bytes.length * 8 : Number(match[2])
  return bits > bytes.length * 8 ? undefined : { bytes, bits }
}

const version4 = (text: string): ReadonlyArray<number> | undefined => {
  const parts = text.split(".")
  return parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256)
    ? parts.map(Number)
    : undefined
}

const version6 = (text: string): ReadonlyArray<number> | undefined => {
  const halves = text.split("::")
  if (halves.length > 2) return undefined
  const left = groupsOf(halves[0]!)
  const right = halves.length === 2 ? groupsOf(halves[1]!) : undefined
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined
  if (right === undefined) return left.length === 16 ? left : undefined
  const missing = 16 - left.length - right.length
  return missing < 2 ? undefined : [...left, ...Array.from({ length: missing }, () => 0), ...right]
}

const groupsOf = (text: string): ReadonlyArray<number> | undefined => {
  if (text === "") return []
  const bytes: Array<number> = []
  const groups = text.split(":")
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!
    const tail = i === groups.length - 1 && group.includes(".") ? version4(group) : undefined
    if (tail !== undefined) bytes.push(...tail)
    else if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    else bytes.push(parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff)
  }
  return bytes
}

/** The network of the leading `bits`, as text. */
export const networkText = ({ bytes }: Address, bits: number): string => {
  const kept = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff)
  if (kept.length === 4) return `${kept.join(".")}/${bits}`
  const groups = Array.from({ length: 8 }, (_, i) => ((kept[i * 2]! << 8) | kept[i * 2 + 1]!).toString(16))
  let count = 8
  while (count > 0 && groups[count - 1] === "0") count--
  return count > 6 ? `${groups.join(":")}/${bits}` : `${groups.slice(0, count).join(":")}::/${bits}`
}
