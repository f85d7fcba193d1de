import type { Scene } from "./scene.ts"
import type { DemoStage } from "./stage.ts"
import { sluice } from "./run-sluice.ts"

const EXPORT = "copy (select id, city, plan from customers order by id) to stdout"
const NOTICE_MILLISECONDS = 10_000

/** An export under way: what its client is told while it waits, and what it got in the end. */
interface Export {
  readonly notice: Promise<string>
  readonly lines: Promise<ReadonlyArray<string>>
  readonly stop: () => Promise<void>
}

const exportAs = async (stage: DemoStage, agent: string): Promise<Export> => {
  const { default: pg } = await import("pg")
  const client = new pg.Client({
    host: "127.0.0.1",
    port: stage.ports["orders-eu"],
    user: agent,
    password: stage.tokens[agent] ?? "",
    database: "orders"
  })
  client.on("error", () => {})
  await client.connect()
  const got: Array<string> = []
  // The driver has no event of its own for COPY's data: its connection has.
  const { connection } = client as unknown as {
    readonly connection: { on(name: "copyData", heard: (message: { readonly chunk: Uint8Array }) => void): void }
  }
  connection.on("copyData", ({ chunk }) => got.push(...Buffer.from(chunk).toString().trimEnd().split("\n")))
  const notice = new Promise<string>((resolve, reject) => {
    client.on("notice", ({ message }) => resolve(message ?? ""))
    setTimeout(() => reject(new Error("The export was not held.")), NOTICE_MILLISECONDS).unref()
  })
  const lines = client.query(EXPORT).then(() => got, (error: Error) => [error.message])
  return { notice, lines, stop: () => client.end().catch(() => {}) }
}

const nameIn = (notice: string): string => /ap-[a-z0-9]+/.exec(notice)?.[0] ?? "?"

/** The export across zones that a person has to approve. */
export const heldExport: Scene = {
  title: "The agent in Virginia exports customers of the EU: that waits for a person, and runs as approved, once",
  play: async (stage) => {
    const dpo = { SLUICE_TOKEN: stage.tokens["dora"] ?? "" }
    const first = await exportAs(stage, "agent-virginia")
    const notice = await first.notice
    const id = nameIn(notice)
    const approved = await sluice(stage, ["approvals", "approve", id, "--config", stage.file], dpo)
    const lines = await first.lines
    await first.stop()
    const second = await exportAs(stage, "agent-virginia")
    const again = nameIn(await second.notice)
    const replayed = await sluice(stage, ["approvals", "approve", id, "--config", stage.file], dpo)
    await second.stop()
    return {
      shown: [
        `agent-virginia=> ${EXPORT};`,
        `NOTICE:  ${notice}`,
        "",
        `dora$ sluice approvals approve ${id}`,
        ...approved.output.trimEnd().split("\n").filter((line) => !line.startsWith("Digest")),
        "",
        "agent-virginia gets:",
        ...lines,
        "",
        `The same again waits again, as ${again}. dora$ sluice approvals approve ${id}`,
        replayed.output.trimEnd().split("\n").at(-1) ?? ""
      ],
      checks: [
        ["the export was held, and its client was told", id !== "?"],
        ["somebody else approved it, seeing what would run", approved.status === 0 && approved.output.includes(EXPORT)],
        ["then its rows came", lines.length === 3 && lines.some((line) => line.includes("Berlin"))],
        ["the approval is used up", replayed.status === 1 && replayed.output.includes("used already")],
        ["asked again, it is held again", again !== id && again !== "?"]
      ]
    }
  }
}
