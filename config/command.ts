/** A flag with a value, or a switch. */
export interface Option {
  readonly type: "string" | "boolean"
  /** One line for the help. */
  readonly about: string
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string
  readonly required?: true
  /** May be given several times. */
  readonly multiple?: true
}

/** What a command was called with, checked against its declaration. */
export interface Arguments {
  readonly positionals: ReadonlyArray<string>
  text(option: string): string | undefined
  texts(option: string): ReadonlyArray<string>
  flag(option: string): boolean
}

/** Where a command writes, and what it knows of its surroundings. Tests hand in arrays. */
export interface Surroundings {
  readonly directory: string
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether each of the two is a terminal that shows colours. */
  readonly colour: { readonly out: boolean; readonly err: boolean }
}

/** 0 for yes, 1 for no, 2 for misuse. */
export type ExitCode = 0 | 1 | 2

/** One command of `sluice`: its declaration, from which help, parsing and completions come, and what it does. */
export interface Command {
  /** As typed after `sluice`, such as `plugins list`. */
  readonly name: string
  /** One line, for the list of commands. */
  readonly about: string
  /** More, for its own help. */
  readonly details?: string
  /** Names of what stands without a flag, such as `NAME`; one in brackets may be left out. */
  readonly positionals?: ReadonlyArray<string>
  readonly options: Readonly<Record<string, Option>>
  readonly run: (args: Arguments, io: Surroundings) => Promise<ExitCode>
}

/** Says on stderr why `command` cannot do what it is asked to. Answers the exit code. */
export const misuseOf = (command: string) => (io: Pick<Surroundings, "err">, why: string): 2 => {
  io.err(`sluice ${command}: ${why}`)
  return 2
}

/** The option by which every command that reads the operator's file can be told which one. */
export const configOption: Option = {
  type: "string",
  value: "FILE",
  about: "the operator's file, instead of the one found"
}
export const jsonOption: Option = { type: "boolean", about: "print data as JSON" }
