import { heldExport } from "./approval-scene.ts"
import { gatewayScenes } from "./scenes.ts"
import { ledgerScenes } from "./ledger-scenes.ts"
import type { Scene } from "./scene.ts"
import type { DemoStage } from "./stage.ts"

/** Where the story is told: a terminal, or an array in a test. */
export interface Teller {
  heading(text: string): void
  line(text: string): void
  check(what: string, holds: boolean): void
}

/** Plays every scene in turn. True only when each of them really happened. */
export const playStory = async (stage: DemoStage, teller: Teller): Promise<boolean> => {
  let happened = true
  const scenes: ReadonlyArray<Scene> = [...gatewayScenes, heldExport, ...ledgerScenes]
  for (const [index, scene] of scenes.entries()) {
    teller.heading(`${index + 1}. ${scene.title}`)
    const { checks, shown } = await scene.play(stage)
    for (const line of shown) teller.line(line)
    for (const [what, holds] of checks) {
      teller.check(what, holds)
      happened &&= holds
    }
  }
  return happened
}

/** Lines to paste into a shell while the demo is up. */
export const invitation = (stage: DemoStage): ReadonlyArray<string> =>
  Object.keys(stage.tokens).filter((name) => name.startsWith("agent-")).map((agent) => {
    const port = stage.ports[agent === "agent-virginia" ? "orders-us" : "orders-eu"]
    return `PGPASSWORD='${stage.tokens[agent]}' psql -h 127.0.0.1 -p ${port} -U ${agent} -d orders`
  })
