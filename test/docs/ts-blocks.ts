import { execFileSync, type ExecFileSyncOptions } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Block, root } from "./pages.ts"

const nameOf = ({ line, page }: Block): string => `${page.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${line}.ts`

/** Writes the blocks as files of the project into `folder` below `test/.extracted`, and answers its path. */
export const extract = (blocks: ReadonlyArray<Block>, folder: string): string => {
  const directory = join(root, "test/.extracted", folder)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const block of blocks) writeFileSync(join(directory, nameOf(block)), block.text)
  const options = { noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: "../../../tsconfig.json", compilerOptions: options, include: ["*.ts"] }
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config))
  return directory
}

/** What the compiler says of the blocks, a line each. */
export const typeProblems = (blocks: ReadonlyArray<Block>, folder: string): ReadonlyArray<string> => {
  const directory = extract(blocks, folder)
  return said(join(root, "node_modules/typescript/bin/tsc"), ["-p", directory, "--pretty", "false"])
}

/** What comes of running a block: nothing, or why it failed. */
export const runProblems = (block: Block, folder: string): ReadonlyArray<string> =>
  said("--conditions=sluice-source", [join(extract([block], folder), nameOf(block))])

const said = (first: string, rest: ReadonlyArray<string>): ReadonlyArray<string> => {
  const options: ExecFileSyncOptions = { cwd: root, stdio: ["ignore", "pipe", "pipe"] }
  try {
    execFileSync(process.execPath, [first, ...rest], options)
    return []
  } catch (error) {
    const { stderr, stdout } = error as { readonly stderr: Buffer; readonly stdout: Buffer }
    const lines = `${stdout.toString()}${stderr.toString()}`.split("\n").filter((line) => line !== "")
    return lines.length === 0 ? ["failed, and said nothing"] : lines
  }
}
