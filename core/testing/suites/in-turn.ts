import * as Effect from "effect/Effect"
import fc from "fast-check"
import { allow, deny, hold, type Verdict } from "../../exchange/index.ts"
import type { Family } from "../../family/index.ts"
import type { ConnectedPlugin } from "../../pipeline/index.ts"
import { openDoor, pluginOf } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { runs } from "../runs.ts"
import type { AnswerRead, Subject } from "../subject.ts"

type Way = "allow" | "deny" | "hold-allow" | "hold-deny"

/** Answers and denials come in the order asked, whatever is held and however long; and only what was allowed ran. */
export const inTurn = <F extends Family>(subject: Subject<F>, cases = 300): Promise<void> =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Way>("allow", "deny", "hold-allow", "hold-deny"), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (ways, pipelined) => {
        const rig = new Rig(subject, { plugins: [openDoor, judgeBy(subject, ways)] }).login(subject)
        const sent = rig.downstream.bytes().length
        const did = rig.server.effects.length
        const asks = ways.map((_, i) => subject.operation(`o${i}`))
        if (pipelined) rig.send(Buffer.concat(asks))
        else for (const ask of asks) rig.send(ask)
        await settled(rig, ways.length)
        check(subject, ways, subject.readAnswers(rig.downstream.bytes().subarray(sent)), rig.server.effects.slice(did))
      }
    ),
    runs(cases)
  )

const judgeBy = <F extends Family>(subject: Subject<F>, ways: ReadonlyArray<Way>): ConnectedPlugin =>
  pluginOf("judge", () => ({
    decide(exchange) {
      const way = ways[Number(subject.labelOf(exchange.operation).slice(1))]
      const verdict: Verdict = way?.endsWith("allow") ? allow : deny("no", "refused by the test")
      if (!way?.startsWith("hold")) return verdict
      return hold({ reason: "the test", within: 1000, until: Effect.as(Effect.yieldNow, verdict) })
    }
  }))

const settled = async <F extends Family>(rig: Rig<F>, operations: number): Promise<void> => {
  for (let turn = 0; turn < 20 + operations * 10; turn++) {
    rig.serve()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const check = <F extends Family>(
  subject: Subject<F>,
  ways: ReadonlyArray<Way>,
  read: ReadonlyArray<AnswerRead>,
  effects: ReadonlyArray<string>
): void => {
  const wanted = ways.map((way): AnswerRead => way.endsWith("allow") ? "answered" : "refused")
  if (String(read) !== String(wanted)) throw new Error(`${subject.name}: read ${read.join()}, wanted ${wanted.join()}`)
  const ran = effects.filter((effect) => /^o\d+$/.test(effect))
  const allowed = ways.flatMap((way, i) => way.endsWith("allow") ? [`o${i}`] : [])
  if (String(ran) !== String(allowed)) throw new Error(`${subject.name}: ran ${ran.join()}, allowed ${allowed.join()}`)
}
