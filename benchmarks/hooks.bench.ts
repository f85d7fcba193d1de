import type { Session } from "../core/exchange/index.ts"
import { allow, type Exchange } from "../core/exchange/index.ts"
import type { Operation } from "../core/family/index.ts"
import { type ConnectedPlugin, Stages } from "../core/pipeline/index.ts"
import { pluginOf } from "../core/testing/index.ts"
import type { Figure } from "./measure/figure.ts"
import { compare, micro } from "./measure/micro.ts"

const session: Session = {
  id: "s",
  pipeline: "p",
  peer: { address: "::1", port: 1, encrypted: false },
  now: () => 0
}

const operation: Operation = { kind: "read", reads: [], writes: [], resolved: true, digest: "", summary: "" }
const exchange: Exchange = { id: 1, session, operation, asked: operation }
const row = { kind: "row" }

const idle = (index: number): ConnectedPlugin =>
  pluginOf(`idle-${index}`, () => ({ inspect: () => {}, decide: () => allow, transform: () => {}, record: () => {} }))

const stagesOf = (plugins: number): Stages => {
  const stages = Stages.connect(session, Array.from({ length: plugins }, (_, index) => idle(index)), () => {})
  if (!(stages instanceof Stages)) throw new Error(stages.message)
  return stages
}

/** What it costs to have plugins at all: judging an operation, and showing a row, with plugins that do nothing. */
export const measure = function*(): Iterable<Figure> {
  const none = stagesOf(0)
  const four = stagesOf(4)
  const judge = (stages: Stages) => () => {
    stages.judge(stages.see(exchange, operation), () => operation)
  }
  const show = (stages: Stages) => {
    const known = stages.see(exchange, operation)
    const entry = { _tag: "Answered", output: row } as const
    return () => {
      stages.patch(row, known)
      stages.note(entry, known)
    }
  }
  yield compare("hooks: an operation, four idle plugins", "ns", 1, judge(four), "none", judge(none))
  yield compare("hooks: a row, four idle plugins", "ns", 1, show(four), "none", show(none))
  yield micro("hooks: a row, one idle plugin", "ns", 1, show(stagesOf(1)))
}
