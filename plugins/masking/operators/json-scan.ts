/** The deepest nesting that is followed. */
const DEPTH_MAX = 64

/**
 * What takes the place of the value at a path, given its JSON text; undefined leaves it and looks inside. A leaf is no
 * object and no array.
 */
export type Replacer = (path: ReadonlyArray<string>, isLeaf: boolean) => ((spelt: string) => string) | undefined

/**
 * JSON text with some of its values replaced, and every other character as it was: numbers keep their digits, members
 * their order, those named twice both of them. Undefined for what is no JSON (RFC 8259), or nests too deep.
 */
export const replaceInJson = (text: string, replacer: Replacer): string | undefined => {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  const scan = new Scan(text, replacer)
  return scan.value() ? scan.made + text.slice(scan.copied) : undefined
}

/** Over JSON that is well-formed. */
class Scan {
  made = ""
  /** How far the text has been taken over into `made`. */
  copied = 0
  private at = 0
  private readonly text: string
  private readonly replacer: Replacer
  private readonly path: Array<string> = []

  constructor(text: string, replacer: Replacer) {
    this.text = text
    this.replacer = replacer
  }

  /** False when it nests too deep. */
  value(): boolean {
    this.blank()
    const from = this.at
    const sign = this.text[from]
    const replace = this.replacer(this.path, sign !== "{" && sign !== "[")
    const inside = replace === undefined
    const sound = this.skip(inside)
    if (!sound || replace === undefined) return sound
    this.made += this.text.slice(this.copied, from) + replace(this.text.slice(from, this.at))
    this.copied = this.at
    return true
  }

  /** Goes behind the value; `inside` says whether to look for others in it. */
  private skip(inside: boolean): boolean {
    const { text } = this
    const sign = text[this.at]
    if (sign === "{" || sign === "[") return this.path.length < DEPTH_MAX && this.members(sign, inside)
    if (sign === "\"") this.string()
    else while (this.at < text.length && !/[\s,\]}]/.test(text[this.at]!)) this.at++
    return true
  }

  private members(open: "{" | "[", inside: boolean): boolean {
    const { path, text } = this
    const close = open === "{" ? "}" : "]"
    this.at++
    this.blank()
    for (let index = 0; text[this.at] !== close; index++) {
      if (text[this.at] === ",") this.at++
      path.push(open === "{" ? this.name() : String(index))
      this.blank()
      const sound = inside ? this.value() : this.skip(false)
      path.pop()
      if (!sound) return false
      this.blank()
    }
    this.at++
    return true
  }

  /** A member's name, with its escapes resolved; ends behind the colon. */
  private name(): string {
    this.blank()
    const from = this.at
    this.string()
    const name = JSON.parse(this.text.slice(from, this.at)) as string
    this.blank()
    this.at++
    return name
  }

  private string(): void {
    const { text } = this
    for (this.at++; text[this.at] !== "\""; this.at++) if (text[this.at] === "\\") this.at++
    this.at++
  }

  private blank(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++
  }
}
