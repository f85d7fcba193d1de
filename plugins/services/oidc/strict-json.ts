const DEPTH_MAX = 32

/** A JSON object, as parsed: its members are its own. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * The JSON object that `text` is; undefined when it is anything else, names a member twice at any level, or nests
 * deeper than 32. Two readers that disagree on which of two equal members counts are how forged claims get in
 * (RFC 7519, 4: names within a claims set must be unique).
 */
export const parseObject = (text: string): JsonObject | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  return unambiguous(text) ? value as JsonObject : undefined
}

/** Whether valid JSON names no member twice and stays shallow. Each level keeps the names it has seen; arrays none. */
const unambiguous = (text: string): boolean => {
  const levels: Array<Set<string> | undefined> = []
  let nameNext = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charAt(at)) {
      case "{":
      case "[":
        levels.push(text[at] === "{" ? new Set() : undefined)
        if (levels.length > DEPTH_MAX) return false
        nameNext = text[at] === "{"
        break
      case "}":
      case "]":
        levels.pop()
        nameNext = false
        break
      case ",":
        nameNext = levels.at(-1) !== undefined
        break
      case "\"": {
        const end = endOfString(text, at)
        const names = levels.at(-1)
        if (nameNext && names !== undefined) {
          const name = JSON.parse(text.slice(at, end)) as string
          if (names.has(name)) return false
          names.add(name)
          nameNext = false
        }
        at = end - 1
        break
      }
      default:
        break
    }
  }
  return true
}

/** The offset after the closing quote of the string that opens at `start`. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (text[at] !== "\"") at += text[at] === "\\" ? 2 : 1
  return at + 1
}
