import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { deny, type Session } from "../../core/index.ts"
import { PolicyMemory } from "../../plugins/recording/bases.ts"
import { Recorder } from "../../plugins/recording/recorder.ts"
import { openLedger } from "../../plugins/services/ledger/index.ts"
import { identity, table } from "../plugins/residency/fixture.ts"
import { changed, open, selecting, statement } from "../plugins/residency/harness.ts"
import { runSluice } from "./run-sluice.ts"

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true })
})

/** Records what the real engine decides, by the real recorder, into a real ledger. */
const record = async (tamper: (exchange: any) => void = () => {}): Promise<string> => {
  const folder = fs.mkdtempSync(join(tmpdir(), "sluice-rejudge-"))
  folders.push(folder)
  const ledger = openLedger(join(folder, "ledger"), {
    sync: "interval",
    sync_milliseconds: 100,
    segment_bytes_max: 1 << 20
  })
  const desk = open(changed(() => {}), identity("agent-support-1", { claims: { "x-☃": [1, { b: null, a: true }] } }))
  const session: Session = { ...desk.hooks, id: "s", pipeline: "orders", now: () => desk.state.now } as never
  const policies = new PolicyMemory(() => ledger.writer.segmentNumber)
  const recorder = new Recorder(
    session,
    { answers: false, inputs: false, parameters: true },
    ledger.writer.open("s"),
    ledger.digest,
    () => desk.state.policy,
    policies
  )
  const ask = (operation: ReturnType<typeof statement>, refused?: string): void => {
    const { exchange, verdict } = desk.ask(operation)
    tamper(exchange)
    const said = refused === undefined ? verdict : deny(refused, "No.")
    recorder.note({ _tag: "Asked", operation, asked: operation, verdict: said }, { ...exchange, find: exchange.get })
  }
  const reading = selecting("name")
  ask(reading)
  ask(reading)
  ask(selecting("email"), "guardrail")
  ask(statement({ kind: "write", reads: [], writes: [table("public.customers")] }))
  desk.state.policy = changed((raw) => raw.transfers[0].requires = [], { hash: "c".repeat(64) })
  ask(reading)
  recorder.close("finished")
  await ledger.close()
  return join(folder, "ledger")
}

describe("audit rejudge", () => {
  it("makes every receipt again from what the ledger stored, across a change of the policy", async () => {
    const { code, out, err } = await runSluice(["audit", "rejudge", await record()])
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "5 receipts made again, 0 different, 0 without their inputs\n",
      err: ""
    })
  })

  it("finds a receipt that does not follow", async () => {
    const folder = await record((exchange) => {
      const receipt = exchange.get({ key: "sluice/receipt" })
      exchange.set({ key: "sluice/receipt" }, { ...receipt, decision: "allow", outcome: "allow" })
    })
    const { code, out } = await runSluice(["audit", "rejudge", folder, "--json"])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ different: 4, same: 1, missing: 0 })
  })

  it("finds inputs that are not the ones of the receipt", async () => {
    const folder = await record((exchange) => {
      const basis = exchange.get({ key: "sluice/receipt-basis" })
      exchange.set({ key: "sluice/receipt-basis" }, {
        ...basis,
        inputs: basis.inputs.replace("agent-support-1", "eve")
      })
    })
    const { code, out } = await runSluice(["audit", "rejudge", folder, "--json"])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ different: 5 })
  })

  it("says what it cannot make again", async () => {
    const folder = await record((exchange) => exchange.set({ key: "sluice/receipt-basis" }, undefined))
    const { code, out } = await runSluice(["audit", "rejudge", folder])
    expect(code).toBe(1)
    expect(out).toContain("0 receipts made again, 0 different, 5 without their inputs")
  })
})
