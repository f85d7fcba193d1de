export type LogLevel = "debug" | "info" | "warn" | "error"
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Where the gateway says what happens to it. Neither data nor secrets are ever put in a message or a field. */
export interface Log {
  readonly debug: (message: string, fields?: LogFields) => void
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
  readonly error: (message: string, fields?: LogFields) => void
  /** The same log, with `fields` in every line. A function is asked for them anew each time. */
  readonly with: (fields: LogFields | (() => LogFields)) => Log
}

export interface LogOptions {
  readonly level: LogLevel
  /** One JSON object a line for machines; one readable line for people. */
  readonly format: "json" | "pretty"
  /** Takes a whole line, its newline included. */
  readonly write: (line: string) => void
  readonly now?: () => number
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

export const openLog = (options: LogOptions): Log => logOf(options, () => ({}))

/** The log of the command: on stderr, pretty where that is a terminal. */
export const stderrLog = (level: LogLevel = "info"): Log =>
  openLog({ level, format: process.stderr.isTTY ? "pretty" : "json", write: (line) => process.stderr.write(line) })

const logOf = (options: LogOptions, common: () => LogFields): Log => {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (SEVERITY[level] < SEVERITY[options.level]) return
    const time = new Date(options.now?.() ?? Date.now()).toISOString()
    const all = { ...common(), ...fields }
    try {
      options.write(options.format === "json" ? json(time, level, message, all) : pretty(time, level, message, all))
    } catch {
      // Whoever reads the log may be gone; that ends no session.
    }
  }
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => logOf(options, () => ({ ...common(), ...(typeof fields === "function" ? fields() : fields) }))
  }
}

const json = (time: string, level: LogLevel, message: string, fields: LogFields): string =>
  `${escaped(JSON.stringify({ time, level, message, ...fields }))}\n`

const COLOUR: Readonly<Record<LogLevel, string>> = { debug: "2", info: "36", warn: "33", error: "31" }

const pretty = (time: string, level: LogLevel, message: string, fields: LogFields): string => {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` \u001b[2m${escaped(name)}=\u001b[0m${escaped(String(value))}`)
  const head = `\u001b[2m${time.slice(11, 23)}\u001b[0m \u001b[${COLOUR[level]}m${level.padEnd(5)}\u001b[0m`
  return `${head} ${escaped(message)}${pairs.join("")}\n`
}

/** Control characters, and those that reorder text, could forge lines or steer a terminal: written as escapes. */
const escaped = (text: string): string =>
  text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
