import type { DemoStage } from "./stage.ts"

/** What a client of the gateway was told. */
export type Told =
  | {
    readonly _tag: "Rows"
    readonly fields: ReadonlyArray<string>
    readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
  }
  | {
    readonly _tag: "Refused"
    readonly sqlstate: string
    readonly message: string
    readonly detail: string
    readonly hint: string
  }

/** Connects as `agent` with an ordinary driver, the token as its password, and asks one statement. */
export const askAs = async (
  stage: DemoStage,
  agent: string,
  pipeline: keyof DemoStage["ports"],
  text: string
): Promise<Told> => {
  const { default: pg } = await import("pg")
  const client = new pg.Client({
    host: "127.0.0.1",
    port: stage.ports[pipeline],
    user: agent,
    password: stage.tokens[agent] ?? "",
    database: "orders"
  })
  client.on("error", () => {})
  try {
    await client.connect()
    const { fields, rows } = await client.query<Array<unknown>>({ text, rowMode: "array" })
    return { _tag: "Rows", fields: fields.map(({ name }) => name), rows }
  } catch (error) {
    const { code, detail, hint, message } = error as { code?: string; detail?: string; hint?: string; message: string }
    return { _tag: "Refused", sqlstate: code ?? "", message, detail: detail ?? "", hint: hint ?? "" }
  } finally {
    await client.end().catch(() => {})
  }
}
