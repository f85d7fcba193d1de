import { parseArgs } from "node:util"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { commands } from "../../config/commands/index.ts"
import { main } from "../../config/main.ts"
import { at, type Block, root } from "./pages.ts"

/** A line that the block tells people to type, and what it says comes of it. */
interface Typed {
  readonly words: ReadonlyArray<string>
  readonly shown: ReadonlyArray<string>
}

/** What stands behind each `$ `, one line with its continuations; comments, pipes and redirections cut off. */
export const typedIn = (text: string): ReadonlyArray<Typed> => {
  const typed: Array<{ words: ReadonlyArray<string>; shown: Array<string> }> = []
  for (const line of text.replaceAll(/\\\n\s*/g, "").split("\n")) {
    if (line.startsWith("$ ")) typed.push({ words: wordsOf(line.slice(2)), shown: [] })
    else typed.at(-1)?.shown.push(line)
  }
  return typed
}

const wordsOf = (line: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  for (const [word] of line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)) {
    if (/^(#|[|<>&;]|2>)/.test(word)) break
    words.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"))
  }
  while (/^[A-Z_]+=/.test(words[0] ?? "")) words.shift()
  return words[0] === "npx" ? words.slice(1) : words
}

/** Whether each line is one that `sluice`, or npm in this project, would take. */
export const consoleProblems = async (block: Block): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  for (const { words } of typedIn(block.text)) {
    const problem = words[0] === "sluice"
      ? await sluiceProblem(words.slice(1))
      : words[0] === "npm" && words[1] === "run"
      ? scriptProblem(words[2] ?? "")
      : undefined
    if (problem !== undefined) problems.push(at(block, `${words.join(" ")}: ${problem}`))
  }
  return problems
}

const sluiceProblem = async (words: ReadonlyArray<string>): Promise<string | undefined> => {
  const name = [words.slice(0, 2).join(" "), words[0] ?? ""].find((one) => Object.hasOwn(commands, one))
  if (name === undefined)
    return words[0] === "--help" || words[0] === "--version"
      ? undefined
      : "there is no such command"
  const command = await commands[name]!.load()
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean }> = { help: { type: "boolean" } }
  for (const [option, { multiple, type }] of Object.entries(command.options)) {
    options[option] = { type, multiple: multiple === true }
  }
  try {
    const args = words.slice(name.split(" ").length)
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true, strict: true })
    if (values["help"] === true) return undefined
    const declared = command.positionals ?? []
    const least = declared.filter((one) => !one.startsWith("[")).length
    return positionals.length < least || positionals.length > declared.length ? "wrong number of arguments" : undefined
  } catch (error) {
    return (error as Error).message
  }
}

const scripts = (): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts
const scriptProblem = (name: string): string | undefined =>
  Object.hasOwn(scripts(), name) ? undefined : "package.json has no such script"

/**
 * Runs the lines of a block that is marked `run`, among the examples, and compares what it shows with what came: each
 * line that is shown must come, in that order; `…` at the end of a line stands for anything, and alone for any lines.
 */
export const shownProblems = async (block: Block): Promise<ReadonlyArray<string>> => {
  const directory = join(root, "test/.extracted/console", `${block.page.replaceAll(/\W/g, "-")}-${block.line}`)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const folder of ["config/examples", "docs/examples/read-only"])
    cpSync(join(root, folder), directory, { recursive: true })
  const problems: Array<string> = []
  for (const { shown, words } of typedIn(block.text)) {
    if (words[0] === "cat" && existsSync(join(directory, words[1] ?? ""))) continue
    const said: Array<string> = []
    const write = (text: string): void => void said.push(...text.split("\n"))
    await main(words.slice(1), { directory, out: write, err: write, colour: { out: false, err: false } })
    let next = 0
    for (const line of shown) {
      if (line === "" || line === "…") continue
      const found = said.findIndex((one, index) => index >= next && fits(line, one))
      if (found < 0) {
        problems.push(at(block, `does not say: ${line}\n${said.join("\n")}`))
        break
      }
      next = found + 1
    }
  }
  return problems
}

const fits = (shown: string, said: string): boolean =>
  shown.endsWith("…") ? said.startsWith(shown.slice(0, -1)) : shown === said.trimEnd()
