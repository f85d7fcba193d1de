import type { Substitute } from "../../../core/family/sql/index.ts"
import type { ValueCodec } from "./value-codec.ts"

const HEAD_BYTES = 12
const DIMENSIONS_MAX = 6
/** What an element must be quoted for (PostgreSQL manual, 8.15.6). */
const needsQuotes = /^$|^null$|[{}",\\\s]/i
const bounds = /^(\[[-+0-9]+:[-+0-9]+\]){1,6}=/

/** An array: its elements are replaced, its dimensions and its NULLs stay. */
export class ArrayCodec implements ValueCodec {
  private readonly element: ValueCodec

  constructor(element: ValueCodec) {
    this.element = element
  }

  text(value: string, by: Substitute): string | null {
    const prefix = bounds.exec(value)?.[0] ?? ""
    let made = prefix
    let at = prefix.length
    let depth = 0
    while (at < value.length) {
      const sign = value[at]!
      if (sign === "{" || sign === "}" || sign === ",") {
        depth += sign === "{" ? 1 : sign === "}" ? -1 : 0
        if (depth < 0 || depth > DIMENSIONS_MAX) return null
        made += sign
        at++
        continue
      }
      if (depth === 0) return null
      const end = sign === "\"" ? quotedEnd(value, at) : bareEnd(value, at)
      if (end < 0) return null
      made += this.item(value.slice(at, end), by)
      at = end
    }
    return depth === 0 && made.startsWith("{", prefix.length) ? made : null
  }

  private item(spelt: string, by: Substitute): string {
    if (/^null$/i.test(spelt)) return "NULL"
    const bare = spelt.startsWith("\"") ? spelt.slice(1, -1) : spelt
    const made = this.element.text(bare.includes("\\") ? bare.replaceAll(/\\(.)/gs, "$1") : bare, by)
    if (made === null) return "NULL"
    return needsQuotes.test(made) ? `"${made.replaceAll(/["\\]/g, "\\$&")}"` : made
  }

  /** `Int32(dimensions) Int32(has NULLs) Int32(OID) { Int32(size) Int32(from) }... { Int32(length) value }...` */
  binary(value: Buffer, by: Substitute): Uint8Array | null {
    if (value.length < HEAD_BYTES) return null
    const dimensions = value.readInt32BE(0)
    const from = HEAD_BYTES + dimensions * 8
    if (dimensions < 0 || dimensions > DIMENSIONS_MAX || value.length < from) return null
    const head = Buffer.from(value.subarray(0, from))
    const parts: Array<Uint8Array> = [head]
    let at = from
    let nulls = false
    while (at < value.length) {
      if (at + 4 > value.length) return null
      const length = value.readInt32BE(at)
      at += 4
      if (length > value.length - at) return null
      const made = length < 0 ? null : this.element.binary(value.subarray(at, at + length), by)
      nulls ||= made === null
      const size = Buffer.alloc(4)
      size.writeInt32BE(made === null ? -1 : made.length)
      parts.push(size)
      if (made !== null) parts.push(made)
      at += Math.max(0, length)
    }
    head.writeInt32BE(nulls ? 1 : 0, 4)
    return Buffer.concat(parts)
  }

  /** None is made. */
  written(): undefined {
    return undefined
  }

  writtenBinary(): undefined {
    return undefined
  }
}

const quotedEnd = (value: string, at: number): number => {
  for (let i = at + 1; i < value.length; i++) {
    if (value[i] === "\\") i++
    else if (value[i] === "\"") return i + 1
  }
  return -1
}

const bareEnd = (value: string, at: number): number => {
  for (let i = at; i < value.length; i++) {
    if (value[i] === "\\") i++
    else if (value[i] === "," || value[i] === "}" || value[i] === "{") return i
  }
  return -1
}
