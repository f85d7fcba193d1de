import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { protectedSample } from "./sample-data.ts"
import { sluice } from "./run-sluice.ts"
import type { Scene } from "./scene.ts"
import type { DemoStage } from "./stage.ts"

const replay: Scene = {
  title: "An auditor replays what the agent in Berlin was shown",
  play: async (stage) => {
    const list = await sluice(stage, ["sessions", "list", "--config", stage.file, "--json"])
    const sessions = parseLines(list.output)
    const masked = await firstReplay(stage, sessions.map(({ id }) => id), "email as contact")
    return {
      shown: [
        `$ sluice sessions replay ${masked?.id ?? "?"}`,
        ...(masked?.output ?? list.output).trimEnd().split("\n")
      ],
      checks: [
        ["every session is in the ledger", list.status === 0 && sessions.length >= 5],
        ["the statement is there in full", masked !== undefined],
        [
          "what was masked is masked in the record too",
          !protectedSample.some((value) => masked?.output.includes(value))
        ]
      ]
    }
  }
}

const firstReplay = async (stage: DemoStage, ids: ReadonlyArray<string>, text: string) => {
  for (const id of ids) {
    const { output, status } = await sluice(stage, ["sessions", "replay", id, "--config", stage.file, "--speed", "0"])
    if (status === 0 && output.includes(text)) return { id, output }
  }
  return undefined
}

const tampered: Scene = {
  title: "Somebody changes one byte of the ledger",
  play: async (stage) => {
    const copy = join(stage.directory, "ledger-copy")
    cpSync(stage.ledger, copy, { recursive: true })
    cpSync(`${stage.ledger}.pub`, `${copy}.pub`)
    const sound = await sluice(stage, ["audit", "verify", copy])
    const changed = flipOneByte(copy)
    const found = await sluice(stage, ["audit", "verify", copy])
    return {
      shown: [
        "$ sluice audit verify ledger-copy",
        ...sound.output.trimEnd().split("\n"),
        `(one byte of ${changed} is changed)`,
        "$ sluice audit verify ledger-copy",
        ...found.output.trimEnd().split("\n")
      ],
      checks: [
        ["the untouched ledger verifies", sound.status === 0],
        ["the changed one does not", found.status === 1],
        ["the bad entry is named", found.output.includes(changed)]
      ]
    }
  }
}

/** Turns one letter of one record in the middle of the largest file into another. */
const flipOneByte = (directory: string): string => {
  const [largest] = readdirSync(directory)
    .filter((name) => statSync(join(directory, name)).isFile())
    .toSorted((a, b) => statSync(join(directory, b)).size - statSync(join(directory, a)).size)
  if (largest === undefined) throw new Error("The ledger is empty.")
  const bytes = readFileSync(join(directory, largest))
  const at = Math.max(bytes.indexOf("customers", Math.floor(bytes.length / 3)), 0)
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(join(directory, largest), bytes)
  return largest
}

const parseLines = (output: string): ReadonlyArray<{ readonly id: string }> => {
  try {
    const parsed: unknown = JSON.parse(output)
    if (Array.isArray(parsed)) return parsed
  } catch {
    // One object a line, then.
  }
  return output.split("\n").flatMap((line) => line.startsWith("{") ? [JSON.parse(line) as { id: string }] : [])
}

/** The scenes at the ledger, after those at the gateway. */
export const ledgerScenes: ReadonlyArray<Scene> = [replay, tampered]
