import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Command, Surroundings } from "../command.ts"
import type { DemoStage } from "../demo/stage.ts"
import type { Teller } from "../demo/story.ts"

/** `sluice demo`: the whole thing from nothing, and a story played on it. */
export const demo: Command = {
  name: "demo",
  about: "see it all at work: a database, an issuer, the gateway, two agents, and a story",
  details: [
    "Starts a real PostgreSQL with customers in two zones, a local OpenID Connect provider, and the gateway before the",
    "database; then two agents with real tokens ask through it, with an ordinary driver. Everything listens on the",
    "loopback and lives in one temporary folder. Exits 0 only when every scene really happened."
  ].join("\n"),
  options: {
    keep: { type: "boolean", about: "leave it all up afterwards, and print lines to paste into a shell" }
  },
  run: async (args, io) => {
    const { openStage } = await import("../demo/stage.ts")
    const { invitation, playStory } = await import("../demo/story.ts")
    const directory = mkdtempSync(join(tmpdir(), "sluice-demo-"))
    const began = Date.now()
    const say = teller(io)
    io.out("Setting up, from nothing:")
    let stage: DemoStage
    try {
      stage = await openStage(directory, mainFile(), (what, detail) => io.out(`  ${what.padEnd(9)} ${detail}`))
    } catch (cause) {
      rmSync(directory, { recursive: true, force: true })
      io.err(`sluice demo: ${cause instanceof Error ? cause.message : String(cause)}`)
      return 1
    }
    try {
      io.out(`  ready in ${((Date.now() - began) / 1000).toFixed(1)} s`)
      const happened = await playStory(stage, say)
      io.out("")
      io.out(happened ? closing : "Something above did not happen as it should have: see the lines marked ✗.")
      if (args.flag("keep")) await keep(stage, io, invitation(stage))
      return happened ? 0 : 1
    } finally {
      await stage.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

const mainFile = (): string => {
  const source = fileURLToPath(new URL("../main.ts", import.meta.url))
  return existsSync(source) ? source : fileURLToPath(new URL("../main.js", import.meta.url))
}

const teller = (io: Surroundings): Teller => {
  const paint = (code: number, text: string): string => io.colour.out ? `\u001b[${code}m${text}\u001b[0m` : text
  return {
    heading: (text) => io.out(`\n${paint(1, text)}`),
    line: (text) => io.out(text === "" ? "" : `  ${text}`),
    check: (what, holds) => io.out(`  ${holds ? paint(32, "✓") : paint(31, "✗")} ${what}`)
  }
}

const closing = "All of it happened.\n"
  + "Next: `npm run demo -- --keep` to try it yourself, with the file that did it; docs/guide/operators.md for one of "
  + "your own."

/** Waits for Ctrl-C, with everything up. */
const keep = (stage: DemoStage, io: Surroundings, lines: ReadonlyArray<string>): Promise<void> => {
  io.out(`\nIt all stays up. Paste these into another shell:\n\n${lines.join("\n\n")}\n`)
  io.out(`The file: ${stage.file}\nThe ledger: ${stage.ledger}\nCtrl-C stops everything.`)
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
}
