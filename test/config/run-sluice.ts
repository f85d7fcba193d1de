import { spawn } from "node:child_process"
import { join } from "node:path"
import { main } from "../../config/main.ts"

/** How a command ended, and what it said. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export const root = join(import.meta.dirname, "../..")
export const launcher = join(root, "bin/sluice.mjs")

/** Runs `sluice` as people do, with nothing on stdin. */
export const runSluice = (
  words: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1", ...options.env }
    const child = spawn(process.execPath, [launcher, ...words], {
      cwd: options.cwd ?? root,
      env,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let out = ""
    let err = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => out += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => err += text)
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out, err }))
  })

/** Runs it in this process, in `directory`; `said` sees each line that goes to stderr. */
export const runHere = async (
  words: ReadonlyArray<string>,
  directory: string,
  said: (line: string) => void = () => {}
): Promise<Ran> => {
  let [out, err] = ["", ""]
  const code = await main(words, {
    directory,
    out: (text) => void (out += `${text}\n`),
    err: (text) => {
      err += `${text}\n`
      said(text)
    },
    colour: { out: false, err: false }
  })
  return { code, out, err }
}
