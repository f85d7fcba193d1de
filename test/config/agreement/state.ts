import * as Effect from "effect/Effect"
import type { PolicyDocument, Receipt, State } from "../../../core/index.ts"
import type { World } from "../../../plugins/residency/index.ts"
import { meterName } from "../../../plugins/residency/meters/meters.ts"
import { periodAt } from "../../../plugins/residency/meters/period.ts"
import { emptyRecord, keyOf, writeRecord } from "../../../plugins/residency/meters/record.ts"
import type { Label } from "../../../plugins/residency/taint/label.ts"
import { labelsOf } from "../../../plugins/residency/taint/shared.ts"
import type { Story } from "./arbitrary.ts"
import type { Recorded } from "./live-sessions.ts"

/** A state in which so many people have left by every cap, whoever it lets out, at every time of the story. */
export const countedBefore = (state: State["Service"], world: World, { asked, left }: Story): State["Service"] => {
  const record = writeRecord({ ...emptyRecord(), unnamed: left })
  for (const transfer of world.caps.values()) {
    const window = transfer.cap!.window
    for (const dataSet of world.dataSets.keys()) {
      for (const recipient of [...world.parties.map(({ name }) => name), "recorder"]) {
        for (const { at } of asked) {
          const start = periodAt(window, at).slices.at(-1)!
          const key = keyOf(meterName(transfer, dataSet, recipient), window, start)
          Effect.runSync(state.update("meters", key, () => ({ next: record, result: undefined })))
        }
      }
    }
  }
  return state
}

/** Keeps labels in memory, whoever collects garbage: what a label remembers of literals is not stored. */
export const keepLabels = (policy: PolicyDocument, state: State["Service"]): State["Service"] => {
  const labels = labelsOf(policy, state)
  const kept = new Set<Label>()
  const find = labels.label.bind(labels)
  labels.label = (key) => {
    const found = find(key)
    kept.add(found)
    return found
  }
  return state
}

/** A receipt that names operations by their place in the story. */
export const unnamed = (receipt: Partial<Receipt>, live: ReadonlyArray<Pick<Recorded, "event">>): unknown => {
  let text = JSON.stringify(receipt)
  for (const [index, { event }] of live.entries()) {
    const [session, exchange] = event.split("#")
    text = text.replaceAll(`"${event}"`, `"step-${index + 1}#1"`)
      .replaceAll(`operation ${exchange} of session ${session}`, `operation 1 of session step-${index + 1}`)
  }
  return JSON.parse(text)
}
