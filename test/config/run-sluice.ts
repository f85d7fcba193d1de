import { spawn } from "node:child_process"
import { join } from "node:path"

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
