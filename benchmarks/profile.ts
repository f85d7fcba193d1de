import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { spawnSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"

interface Profile {
  readonly nodes: ReadonlyArray<
    { readonly id: number; readonly callFrame: { functionName: string; url: string; lineNumber: number } }
  >
  readonly samples: ReadonlyArray<number>
}

const TOP = 25

/** Runs one benchmark under the sampling profiler and prints where its time goes. */
const main = (): number => {
  const [name] = process.argv.slice(2)
  if (name === undefined || name.startsWith("-")) {
    console.error("Usage: npm run bench:profile -- NAME")
    return 2
  }
  const folder = mkdtempSync(join(tmpdir(), "sluice-profile-"))
  const ran = spawnSync(
    process.execPath,
    ["--cpu-prof", `--cpu-prof-dir=${folder}`, join(import.meta.dirname, "run.ts"), name],
    { stdio: "inherit" }
  )
  for (const file of readdirSync(folder)) {
    console.log(`\n${join(folder, file)}`)
    printTop(JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile)
  }
  return ran.status ?? 1
}

const printTop = ({ nodes, samples }: Profile): void => {
  const names = new Map(
    nodes.map((
      { callFrame, id }
    ) => [
      id,
      `${callFrame.functionName || "(anonymous)"} ${callFrame.url.split("/").slice(-2).join("/")}:${
        callFrame.lineNumber + 1
      }`
    ])
  )
  const hits = new Map<string, number>()
  for (const sample of samples) {
    const name = names.get(sample) ?? "?"
    hits.set(name, (hits.get(name) ?? 0) + 1)
  }
  const top = [...hits].toSorted(([, a], [, b]) => b - a).slice(0, TOP)
  for (const [name, count] of top) console.log(`${(100 * count / samples.length).toFixed(1).padStart(6)} %  ${name}`)
}

process.exit(main())
