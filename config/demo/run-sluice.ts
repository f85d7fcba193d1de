import { execFile } from "node:child_process"
import type { DemoStage } from "./stage.ts"

/** What a command said, on either stream, and how it exited. */
export interface Ran {
  readonly status: number
  readonly output: string
}

/** Runs the command as a person would, in a process of its own. */
export const sluice = (
  stage: DemoStage,
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
): Promise<Ran> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, ...environment } }
    execFile(stage.sluice.program, [...stage.sluice.words, ...words], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 2
      resolve({ status, output: stdout + stderr })
    })
  })
