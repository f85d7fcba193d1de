import type { Command } from "../command.ts"
import { commands } from "./index.ts"

/** `sluice completions SHELL`: a script for bash, zsh or fish. */
export const completions: Command = {
  name: "completions",
  about: "print a script that completes commands in a shell",
  details: "bash: source <(sluice completions bash)\nzsh:  source <(sluice completions zsh)\n"
    + "fish: sluice completions fish | source",
  positionals: ["SHELL"],
  options: {},
  run: async (args, io) => {
    const shell = args.positionals[0]
    if (shell !== "bash" && shell !== "zsh" && shell !== "fish") {
      io.err(`sluice completions: \`${shell}\` is no shell that is known. There are: bash, zsh, fish.`)
      return 2
    }
    const words = new Map<string, ReadonlyArray<string>>()
    for (const [name, { load }] of Object.entries(commands)) {
      words.set(name, [...Object.keys((await load()).options), "help"].map((option) => `--${option}`))
    }
    io.out(shell === "fish" ? fish(words) : bash(words, shell))
    return 0
  }
}

type Words = ReadonlyMap<string, ReadonlyArray<string>>

const firsts = (
  words: Words
): ReadonlyArray<string> => [...new Set([...words.keys()].map((name) => name.split(" ")[0]!))]
const seconds = (words: Words, first: string): ReadonlyArray<string> =>
  [...words.keys()].filter((name) => name.startsWith(`${first} `)).map((name) => name.split(" ")[1]!)

/** zsh runs bash's completions through `bashcompinit`. */
const bash = (words: Words, shell: "bash" | "zsh"): string => {
  const cases = [...words].map(([name, options]) => `    "${name}"*) words="${options.join(" ")}" ;;`)
  const groups = firsts(words).flatMap((first) => {
    const under = seconds(words, first)
    return under.length === 0 ? [] : [`    "${first}") words="${under.join(" ")}" ;;`]
  })
  return [
    ...(shell === "zsh" ? ["autoload -U +X compinit && compinit", "autoload -U +X bashcompinit && bashcompinit"] : []),
    "_sluice() {",
    "  local words=\"\" line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" current=\"${COMP_WORDS[COMP_CWORD]}\"",
    "  case \"$line\" in",
    `    "") words="${firsts(words).join(" ")} --help --version" ;;`,
    ...groups,
    ...cases,
    "  esac",
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))",
    "  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- \"$current\")); fi",
    "}",
    "complete -F _sluice sluice"
  ].join("\n")
}

const fish = (words: Words): string => {
  const lines = [`complete -c sluice -n __fish_use_subcommand -a "${firsts(words).join(" ")}"`]
  for (const first of firsts(words)) {
    const under = seconds(words, first)
    if (under.length > 0)
      lines.push(`complete -c sluice -n "__fish_seen_subcommand_from ${first}" -f -a "${under.join(" ")}"`)
  }
  for (const [name, options] of words) {
    const seen = name.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ")
    for (const option of options) lines.push(`complete -c sluice -n "${seen}" -l ${option.slice(2)}`)
  }
  return lines.join("\n")
}
