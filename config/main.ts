import { parseArgs } from "node:util"
import type { Arguments, Command, ExitCode, Surroundings } from "./command.ts"
import { commands } from "./commands/index.ts"
import { helpOf, overview } from "./help.ts"
import { nearest } from "./nearest.ts"
import { version } from "./version.ts"

/** Runs one command line, without `sluice` itself. Writes to `io` and answers the exit code. */
export const main = async (argv: ReadonlyArray<string>, io: Surroundings): Promise<ExitCode> => {
  const named = nameOf(argv)
  if (named === undefined) return await withoutCommand(argv, io)
  const rest = argv.slice(named.split(" ").length)
  const command = await commands[named]!.load()
  if (wantsHelp(rest)) {
    io.out(helpOf(command))
    return 0
  }
  const args = parse(command, rest)
  if (typeof args === "string") {
    io.err(`sluice ${named}: ${args}\nSee \`sluice ${named} --help\`.`)
    return 2
  }
  return await command.run(args, io)
}

/** The longest command that the line starts with. */
const nameOf = (argv: ReadonlyArray<string>): string | undefined => {
  const two = argv.slice(0, 2).join(" ")
  if (Object.hasOwn(commands, two)) return two
  return argv[0] !== undefined && Object.hasOwn(commands, argv[0]) ? argv[0] : undefined
}

const wantsHelp = (argv: ReadonlyArray<string>): boolean => {
  const end = argv.indexOf("--")
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === "--help" || word === "-h")
}

const withoutCommand = async (argv: ReadonlyArray<string>, io: Surroundings): Promise<ExitCode> => {
  const [first, second] = argv
  const group = Object.keys(commands).filter((name) => name.startsWith(`${first} `))
  if (first === "--version" || first === "-V") {
    io.out(version())
    return 0
  }
  if (first === undefined || wantsHelp(argv) && (first.startsWith("-") || group.length > 0)) {
    const text = overview(commands, group.length > 0 ? group : undefined)
    if (first === undefined) io.err(text)
    else io.out(text)
    return first === undefined ? 2 : 0
  }
  const words = group.length > 0 && second !== undefined ? `${first} ${second}` : first
  const meant = nearest(words, group.length > 0 ? group : Object.keys(commands))
  const choice = group.length > 0 ? `There are: ${group.join(", ")}.` : "See `sluice --help`."
  const what = group.length > 0 && second === undefined
    ? `sluice ${first} needs to know what to do.`
    : `sluice has no command \`${words}\`.`
  io.err(`${what} ${meant === undefined ? choice : `Did you mean \`${meant}\`?`}`)
  return 2
}

/** The arguments, or what is wrong with them. */
const parse = (command: Command, argv: ReadonlyArray<string>): Arguments | string => {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, multiple }]) => [name, { type, multiple: multiple === true }])
  )
  const declared = command.positionals ?? []
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
    const least = declared.filter((name) => !name.startsWith("[")).length
    if (positionals.length < least) return `${declared[positionals.length]} is missing.`
    if (positionals.length > declared.length) return `\`${positionals[declared.length]}\` is one argument too many.`
    const missing = Object.entries(command.options).find(([name, option]) =>
      option.required && values[name] === undefined
    )
    if (missing !== undefined) return `--${missing[0]} is missing.`
    return argumentsOf(positionals, values)
  } catch (cause) {
    return misuse(cause instanceof Error ? cause.message : String(cause), command)
  }
}

const argumentsOf = (positionals: ReadonlyArray<string>, values: Record<string, unknown>): Arguments => ({
  positionals,
  text: (option) => values[option] as string | undefined,
  texts: (option) => (values[option] ?? []) as ReadonlyArray<string>,
  flag: (option) => values[option] === true
})

const misuse = (message: string, command: Command): string => {
  const unknown = /^Unknown option '(--?[^']+)'/.exec(message)?.[1]
  if (unknown === undefined) return (message.split(/\.\s|\n/)[0] ?? message).replace(/\.?$/, ".")
  const meant = nearest(unknown.replace(/^-+/, ""), Object.keys(command.options))
  return `it has no option ${unknown}.${meant === undefined ? "" : ` Did you mean --${meant}?`}`
}

const shows = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY && process.env["NO_COLOR"] === undefined && process.env["TERM"] !== "dumb"

if (import.meta.main) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))
  const io: Surroundings = {
    directory: process.cwd(),
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    colour: { out: shows(process.stdout), err: shows(process.stderr) }
  }
  try {
    process.exitCode = await main(process.argv.slice(2), io)
  } catch (cause) {
    io.err(`sluice: ${cause instanceof Error ? cause.message : String(cause)}`)
    process.exitCode = 1
  }
}
