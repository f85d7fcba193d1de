import { loadModule } from "libpg-query"
import { parentPort } from "node:worker_threads"
import { emptySnapshot, type Snapshot } from "../catalogue/snapshot.ts"
import { examine } from "../examine.ts"
import type { LargeQuestion } from "./large-texts.ts"

// The thread that `LargeTexts` starts. It remembers the last snapshot, which is by far the largest part of a question.
let snapshot: Snapshot = emptySnapshot
await loadModule()

parentPort?.on("message", (question: LargeQuestion) => {
  snapshot = question.snapshot ?? snapshot
  parentPort?.postMessage(examine(question.text, snapshot, undefined, question.major))
})
