import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import {
  definePlugin,
  type Exchange,
  Inference,
  Principal,
  Protection,
  type Reads,
  Receipt,
  Reveals,
  Secrets,
  State
} from "../../core/index.ts"
import { Sql, type SqlOutput } from "../../core/family/sql/index.ts"
import { Answering } from "./answering.ts"
import { cautions } from "./cautions.ts"
import { MaskingConfig } from "./config.ts"
import { deniedUse } from "./denied.ts"
import { Detector, openMemory } from "./detection/index.ts"
import { handlingOf } from "./handling.ts"
import { Inferences } from "./inference.ts"
import { definitionsAreNotTheirs, judge } from "./judge.ts"
import { fetchKeys } from "./key-secrets.ts"
import { Masks, type MaskSet } from "./masks.ts"
import { Plan } from "./plan.ts"
import { rewrite } from "./rewrite.ts"
import { scrub } from "./scrub.ts"
import { mayReveal, type Shield, shieldOf } from "./shield.ts"

export type { MaskingConfig } from "./config.ts"
export { type Hidden, hiddenOutputs } from "./hidden.ts"
export { describeKinds, type Kind, kindNames, kinds } from "./kinds.ts"
export { mayUnmask, typeWritten, unmask } from "./unmask.ts"

const requires = [Principal, Receipt, Protection, Secrets] as const
const provides = [Inference, Reveals] as const
type Asked = Exchange<Sql> & Reads<typeof requires>

/**
 * Hides the columns that residency's fact `Protection` names. A bare output comes masked; what is computed of such a
 * column is computed of masks, by rewriting the statement; every other use is refused before it runs. Errors and
 * notices about protected tables keep their code and lose their words; notifications lose their payload, because any
 * function of any session may have put data there.
 */
export default definePlugin({
  name: "masking",
  family: Sql,
  config: MaskingConfig,
  requires,
  cautions,
  provides,
  acquire: (config) =>
    Effect.gen(function*() {
      const masks = new Masks(config, yield* fetchKeys(config))
      return { masks, memory: yield* openMemory(Option.getOrUndefined(yield* Effect.serviceOption(State))) }
    }),
  connect: (session, { config, resources: { masks, memory } }) => {
    const handling = handlingOf(config)
    const inferences = new Inferences()
    const groups = [config.reveal_to_group ?? []].flat()
    const detector = Detector.of(config, session.pipeline, memory)
    const shieldFor = (exchange: Asked): Shield | undefined =>
      shieldOf(exchange.get(Protection), mayReveal(exchange.get(Principal), groups))

    const masksFor = (exchange: Asked): MaskSet => masks.for(exchange.get(Principal), exchange.get(Receipt))
    const answering = new Answering((exchange: Asked, { columns, result }) => {
      const shield = exchange.operation.resolved ? shieldFor(exchange) : undefined
      const shape = exchange.operation.results[result]
      const plan = shield === undefined ? undefined : new Plan(shape, columns, shield, masksFor(exchange))
      if (detector === undefined || mayReveal(exchange.get(Principal), groups)) return plan
      return detector.watch({ shape, columns, plan, masks: masksFor(exchange) })
    })

    /** Whether a report about `exchange` may repeat what is protected: also when that cannot be known. */
    const mayQuote = (exchange: Asked | undefined): boolean => {
      if (exchange?.operation.resolved !== true || exchange.find(Protection) === undefined) return true
      return shieldFor(exchange)?.touches(exchange.operation) ?? false
    }

    return {
      inspect(exchange) {
        exchange.set(Reveals, mayReveal(exchange.get(Principal), groups))
        if (handling.predicates === "allow") inferences.note(exchange, shieldFor(exchange))
      },
      rewrite(exchange) {
        const shield = shieldFor(exchange)
        return shield === undefined
          ? undefined
          : rewrite(exchange.operation, { shield, masks: masksFor(exchange), handling })
      },
      decide(exchange) {
        const shield = shieldFor(exchange)
        const denial = shield === undefined
          ? undefined
          : deniedUse(exchange.operation, shield, masksFor(exchange), handling)
        const verdict = denial ?? judge(exchange.operation, shield, exchange.get(Receipt), handling)
        if (verdict._tag === "Deny" || exchange.operation.kind !== "define") return verdict
        const free = exchange.get(Protection).guarded !== true || mayReveal(exchange.get(Principal), groups)
        return free ? verdict : definitionsAreNotTheirs
      },
      transform(output: SqlOutput, exchange) {
        switch (output.kind) {
          case "row":
            answering.of(output, exchange)?.mask(output)
            return
          case "description":
            answering.of(output, exchange)
            return
          case "error":
          case "notice":
            if (mayQuote(exchange)) scrub(output, exchange?.operation.rewritten === true)
            else if (exchange !== undefined && !mayReveal(exchange.get(Principal), groups)) detector?.report(output)
            return
          case "notification":
            output.payload = ""
            return
          case "completion":
          case "setting":
            return
        }
      },
      close: () => answering.forget()
    }
  }
})
