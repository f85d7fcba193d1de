import type { Command } from "./command.ts"
import type { Entry } from "./commands/index.ts"

/** The list of commands, or of one group of them. */
export const overview = (commands: Readonly<Record<string, Entry>>, group?: ReadonlyArray<string>): string => {
  const shown = Object.entries(commands).filter(([name]) => group?.includes(name) ?? true)
  const head = group === undefined
    ? [
      "sluice: a gateway that decodes the real protocols and judges every operation",
      "by who asks and where the data may be seen.",
      ""
    ]
    : []
  return [
    ...head,
    "Usage: sluice COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...table(shown.map(([name, { about }]) => [name, about])),
    "",
    "Every command has --help. Exit codes: 0 yes, 1 no, 2 misuse."
  ].join("\n")
}

/** One command's own help. */
export const helpOf = (command: Command): string => {
  const positionals = command.positionals ?? []
  const required = Object.entries(command.options)
    .filter(([, option]) => option.required)
    .map(([name, option]) => `--${name} ${option.value ?? "TEXT"}`)
  const options: ReadonlyArray<readonly [string, string]> = [
    ...Object.entries(command.options).map(([name, option]): readonly [string, string] => [
      option.type === "boolean" ? `--${name}` : `--${name} ${option.value ?? "TEXT"}`,
      option.about
    ]),
    ["--help", "show this"]
  ]
  return [
    `sluice ${command.name}: ${command.about}`,
    "",
    `Usage: ${["sluice", command.name, ...required, ...positionals, "[OPTIONS]"].join(" ")}`,
    ...(command.details === undefined ? [] : ["", command.details]),
    "",
    "Options:",
    ...table(options)
  ].join("\n")
}

const table = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
