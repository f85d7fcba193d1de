import type { Refusal } from "./refusal.ts"
import { forms } from "./setting-forms.ts"

/** Pinned at every upstream: the texts that are judged are the texts that run only under these. */
export const pinned: ReadonlyMap<string, string> = new Map([
  ["client_encoding", "UTF8"],
  ["standard_conforming_strings", "on"]
])

/** Whether the upstream is told the gateway's own word for a setting, whatever the client says. */
export const isOurs = (name: string): boolean => name === "application_name" || pinned.has(name)

/** As much as PostgreSQL keeps of a name (NAMEDATALEN less one). */
const APPLICATION_NAME_BYTES_MAX = 63

/**
 * The `application_name` under which a session stands in `pg_stat_activity` and in the upstream's log: the gateway's
 * word, so that the client's own choice is set aside. PostgreSQL shows other than printable ASCII as `?` or `\x…`.
 */
export const applicationName = (onBehalfOf: string): string =>
  `sluice:${onBehalfOf}`.replace(/[^\x20-\x7e]/g, "?").slice(0, APPLICATION_NAME_BYTES_MAX)

/** What the startup packet asked for, when all of it is harmless; else why not. */
export interface StartupSettings {
  readonly settings: ReadonlyMap<string, string>
  readonly unknownOptions: ReadonlyArray<string>
}

/** Sorts the parameters of a startup packet: `user` and `database` are the caller's business. */
export const startupSettings = (pairs: ReadonlyMap<string, string>): StartupSettings | Refusal => {
  const settings = new Map<string, string>()
  const unknownOptions: Array<string> = []
  for (const [name, value] of pairs) {
    if (name === "user" || name === "database") continue
    if (name.startsWith("_pq_.")) unknownOptions.push(name)
    else if (name === "replication") {
      if (!/^(false|off|no|0)$/i.test(value)) return unsupported("Replication does not pass this gateway.")
    } else if (name === "options") {
      const options = parseOptions(value)
      if (options === undefined) return unsupported("The startup parameter \"options\" is not a list of -c name=value.")
      for (const [option, optionValue] of options) {
        const refused = put(settings, option, optionValue)
        if (refused !== undefined) return refused
      }
    } else {
      const refused = put(settings, name, value)
      if (refused !== undefined) return refused
    }
  }
  return { settings, unknownOptions }
}

/** Whatever is not listed is refused by name: without its `search_path` another statement would run than was meant. */
const put = (settings: Map<string, string>, asked: string, value: string): Refusal | undefined => {
  const name = asked.toLowerCase()
  const form = forms.get(name)
  if (form === undefined) {
    return {
      sqlstate: "42501",
      message: `The startup parameter ${quoted(asked)} may not be set through this gateway. (startup_parameter)`,
      hint: "Leave it out of the connection string.",
      code: "startup_parameter"
    }
  }
  if (!form(value)) return unsupported(`The startup parameter "${name}" has a value of a form that it never has.`)
  if (name === "client_encoding") {
    if (!/^'?(utf-?8|unicode)'?$/i.test(value)) return unsupported("The only client_encoding that passes here is UTF8.")
    settings.set(name, "UTF8")
  } else if (name === "standard_conforming_strings") {
    if (!/^(on|true|yes|1)$/i.test(value)) return unsupported("standard_conforming_strings must stay on.")
    settings.set(name, "on")
  } else settings.set(name, value)
  return undefined
}

const quoted = (name: string): string => /^[\w.]{1,63}$/.test(name) ? `"${name}"` : "with an odd name"

const unsupported = (message: string): Refusal => ({
  sqlstate: "0A000",
  message: `${message} (startup_parameter)`,
  code: "startup_parameter"
})

/**
 * `-c name=value` and `--name=value`, separated by blanks; a backslash makes the next character literal. As in the
 * server, a dash in a `--name` stands for an underscore. Undefined for anything else.
 */
const parseOptions = (text: string): ReadonlyArray<readonly [string, string]> | undefined => {
  const words = splitWords(text)
  const options: Array<readonly [string, string]> = []
  for (let i = 0; i < words.length; i++) {
    let word = words[i]!
    if (word === "-c") word = words[++i] ?? ""
    else if (word.startsWith("-c") || word.startsWith("--")) word = word.slice(2)
    else return undefined
    const equals = word.indexOf("=")
    if (equals <= 0) return undefined
    options.push([word.slice(0, equals).replaceAll("-", "_"), word.slice(equals + 1)])
  }
  return options
}

const splitWords = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  let word: string | undefined
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? "") + (character === "\\" ? text[++i] ?? "" : character)
  }
  if (word !== undefined) words.push(word)
  return words
}
