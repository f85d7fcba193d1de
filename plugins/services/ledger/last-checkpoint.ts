import * as fs from "node:fs"
import { join } from "node:path"
import { layout } from "./layout.ts"
import { splitNotes } from "./notes.ts"

/** The newest checkpoint in a ledger's folder, as an auditor keeps it elsewhere; undefined when there is none yet. */
export const lastCheckpoint = (folder: string): string | undefined => {
  for (const name of fs.readdirSync(folder).toSorted().reverse()) {
    if (layout.parse(name)?.kind !== "notes") continue
    const note = splitNotes(fs.readFileSync(join(folder, name))).notes.at(-1)
    if (note !== undefined) return note
  }
  return undefined
}
