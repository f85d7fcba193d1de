import * as Effect from "effect/Effect"
import fc from "fast-check"
import { hold } from "../../exchange/index.ts"
import type { Family } from "../../family/index.ts"
import type { ConnectedPlugin } from "../../pipeline/index.ts"
import type { Hooks } from "../../plugin/index.ts"
import { idlePlugin, openDoor, pluginOf } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { runs } from "../runs.ts"
import type { Subject } from "../subject.ts"

const STAGES = ["connect", "authenticate", "inspect", "rewrite", "decide", "transform", "record"] as const
type Stage = typeof STAGES[number]

const FAULTS: Record<string, () => unknown> = {
  throws: () => {
    throw new Error("boom")
  },
  hangs: () => hold({ reason: "the test", within: 1000, until: Effect.never }),
  promises: () => Promise.resolve({ _tag: "Allow" }),
  lies: () => ({ _tag: "Sure" })
}

/** Whatever hook is replaced by one that throws, hangs or lies, nothing that it should have stopped gets through. */
export const closed = <F extends Family>(subject: Subject<F>, cases?: number): void =>
  fc.assert(
    fc.property(fc.constantFrom(...STAGES), fc.constantFrom(...Object.keys(FAULTS)), fc.boolean(), (...drawn) => {
      const [stage, fault, first] = drawn
      if (!matters(stage, fault)) return
      const bad = broken(stage, fault)
      const plugins = first ? [bad, openDoor, idlePlugin] : [openDoor, idlePlugin, bad]
      const outcome = play(subject, plugins)
      if (outcome.ran && stage !== "transform") {
        throw new Error(`${subject.name}: an operation ran although ${stage} ${fault}`)
      }
      if (outcome.answered) throw new Error(`${subject.name}: an answer left although ${stage} ${fault}`)
    }),
    runs(cases)
  )

const play = <F extends Family>(
  subject: Subject<F>,
  plugins: ReadonlyArray<ConnectedPlugin>
): { readonly ran: boolean; readonly answered: boolean } => {
  const rig = tryRig(subject, plugins)
  if (rig === undefined) return { ran: false, answered: false }
  for (const bytes of subject.login) rig.send(bytes)
  const sent = rig.downstream.bytes().length
  rig.send(subject.operation("o0"))
  rig.clock.advance(60_000)
  const answers = rig.closed === undefined ? subject.readAnswers(rig.downstream.bytes().subarray(sent)) : []
  return { ran: rig.server.effects.includes("o0"), answered: answers.includes("answered") }
}

const tryRig = <F extends Family>(
  subject: Subject<F>,
  plugins: ReadonlyArray<ConnectedPlugin>
): Rig<F> | undefined => {
  try {
    return new Rig(subject, { plugins })
  } catch {
    return undefined
  }
}

/** A hook without an answer cannot hang by holding, nor lie; a promise from it is found out all the same. */
const matters = (stage: Stage, fault: string): boolean => {
  if (stage === "connect") return fault === "throws"
  const answerless = stage === "inspect" || stage === "transform" || stage === "record"
  return !answerless || fault === "throws" || fault === "promises"
}

const broken = (stage: Stage, fault: string): ConnectedPlugin =>
  pluginOf("broken", () => {
    if (stage === "connect") throw new Error("boom")
    return { [stage]: FAULTS[fault] } as Hooks
  })
