import fc from "fast-check"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../core/testing/runs.ts"
import { client as say } from "../fixtures/client-messages.ts"
import { Live } from "../fixtures/live.ts"
import { makeTwins } from "../fixtures/twins/schema.ts"
import { statementOf } from "../fixtures/twins/statements.ts"
import { type Told, WireClient } from "../fixtures/wire-client.ts"

/**
 * Non-interference (Goguen and Meseguer, 1982): two databases that differ in protected values only must answer any
 * statement with the same bytes. Nothing needs to be known of how a value might be hidden in an answer.
 */
const seed = Number(process.env["TWINS_SEED"] ?? 20_261_122)
const twins = makeTwins(seed)

/** The gateway's list of plugins, with another masking. */
const withMasking = (masking: string): ReadonlyArray<string> => [
  "{ use: identity }",
  "{ use: residency }",
  masking,
  "{ use: recording }"
]

let live: Live
let sessions: ReadonlyArray<WireClient> = []

const open = async (masking: string): Promise<void> => {
  for (const wire of sessions) wire.destroy()
  await live.down()
  live.configure({ ...twins.options, plugins: withMasking(masking) })
  await live.up()
  const token = await live.token({ sub: "clerk" })
  sessions = await Promise.all(
    ["postgres", "twin"].map((database) => WireClient.login(live.port, token, { user: "app", database }))
  )
}

beforeAll(async () => {
  live = await Live.start(twins.options)
  await live.down()
  await live.direct((client) => client.query("create database twin template postgres"), "template1")
  await live.direct(async (client) => {
    for (const text of twins.other) await client.query(text)
  }, "twin")
})
afterAll(async () => {
  for (const wire of sessions) wire.destroy()
  await live.stop()
})

/** What a session answers, in a transaction that is undone. */
const answer = async (wire: WireClient, text: string, way: "simple" | "extended"): Promise<ReadonlyArray<Told>> => {
  await wire.ask(say.query("begin"))
  const told = way === "simple"
    ? await wire.ask(say.query(text))
    : await wire.ask(say.parse("", text), say.raw("B", [0, 0, 0, 0, 0, 0, 0, 0]), say.execute(""), say.sync())
  await wire.ask(say.query("rollback"))
  return told
}

const spelt = (told: ReadonlyArray<Told>): string =>
  told.map(({ body, type }) => `${type}${body.toString("latin1").replaceAll(/[^ -~]+/g, ".")}`).join("\n")

const count = { answered: 0, denied: 0, failed: 0, rewritten: 0 }

/** Asks both; the statement is part of what fails. */
const agree = async (text: string, way: "simple" | "extended"): Promise<boolean> => {
  const [one, other] = await Promise.all(sessions.map((wire) => answer(wire, text, way)))
  const errors = one!.filter(({ type }) => type === "E").map(({ body }) => body.toString("latin1"))
  if (errors.length === 0) count.answered++
  else if (errors.some((error) => error.includes("42501"))) count.denied++
  else count.failed++
  if (one!.some(({ type }) => type === "N")) count.rewritten++
  if (sessions.some((wire) => wire.isClosed)) throw new Error(`A session was closed by: ${text}`)
  if (spelt(one!) !== spelt(other!)) {
    lastDifference = `${text}\n${spelt(one!)}\n--\n${spelt(other!)}`
    return false
  }
  return true
}
let lastDifference = ""

const property = fc.asyncProperty(
  fc.nat(),
  fc.constantFrom<"simple" | "extended">("simple", "extended"),
  (number, way) => agree(statementOf(twins, number), way)
)

describe("two databases that differ in protected values only", () => {
  it.each(["deny", "masked"])("answer alike, with predicates: %s", async (predicates) => {
    await open(`{ use: masking, with: { predicates: ${predicates} } }`)
    const outcome = await fc.check(property, { ...runs(600), seed, endOnFailure: true })
    expect(outcome.failed, `seed ${outcome.seed}: ${lastDifference}`).toBe(false)
    console.info(`predicates: ${predicates}: ${JSON.stringify(count)}`)
    expect(count.answered).toBeGreaterThan(outcome.numRuns / 5)
    expect(count.rewritten).toBeGreaterThan(outcome.numRuns / 10)
    Object.assign(count, { answered: 0, denied: 0, failed: 0, rewritten: 0 })
  }, 600_000)

  const mutant = new URL("../fixtures/twins/masks-by-origin.ts", import.meta.url).href
  it.each([
    ["conditions in clear", "{ use: masking, with: { predicates: allow } }"],
    ["expressions in clear", "{ use: ./mutant.ts }"]
  ])("would not with %s", async (_name, masking) => {
    writeFileSync(join(live.folder, "mutant.ts"), `export { default } from "${mutant}"\n`)
    await open(masking)
    lastDifference = ""
    const outcome = await fc.check(property, { ...runs(600), seed, endOnFailure: true })
    expect(outcome.failed).toBe(true)
    expect(lastDifference).not.toBe("")
  }, 600_000)
})
