import * as Effect from "effect/Effect"
import { definePlugin, type Exchange, Principal, Protection, type Reads, Receipt, Secrets } from "../../core/index.ts"
import { type Description, type Row, Sql, type SqlOutput } from "../../core/family/sql/index.ts"
import { cautions } from "./cautions.ts"
import { MaskingConfig } from "./config.ts"
import { deniedOutput } from "./denied.ts"
import { definitionsAreNotTheirs, judge } from "./judge.ts"
import { fetchKeys } from "./key-secrets.ts"
import { Masks, type MaskSet } from "./masks.ts"
import { Plan } from "./plan.ts"
import { scrub } from "./scrub.ts"
import { mayReveal, type Shield, shieldOf } from "./shield.ts"

export type { MaskingConfig } from "./config.ts"
export { describeKinds, type Kind, kindNames, kinds } from "./kinds.ts"
export { mayUnmask, typeWritten, unmask } from "./unmask.ts"

const requires = [Principal, Receipt, Protection, Secrets] as const
type Asked = Exchange<Sql> & Reads<typeof requires>

/**
 * Hides the columns that residency's fact `Protection` names. A bare output comes masked; every other use of such a
 * column is refused before it runs. Errors and notices about protected tables keep their code and lose their words;
 * notifications lose their payload, because any function of any session may have put data there.
 */
export default definePlugin({
  name: "masking",
  family: Sql,
  config: MaskingConfig,
  requires,
  cautions,
  acquire: (config) => Effect.map(fetchKeys(config), (keys) => new Masks(config, keys)),
  connect: (_session, { config, resources: masks }) => {
    const { reveal_to_group: named = [] } = config
    const groups = typeof named === "string" ? [named] : named
    const shieldFor = (exchange: Asked): Shield | undefined =>
      shieldOf(exchange.get(Protection), mayReveal(exchange.get(Principal), groups))

    // The plan of the result that is being answered. Rows of one result come one after the other.
    let answered: Asked | undefined
    let columns: Row["columns"] | undefined
    let result = -1
    let plan: Plan | undefined

    const planFor = (output: Description | Row, exchange: Asked | undefined): Plan | undefined => {
      if (exchange === answered && output.columns === columns && output.result === result) return plan
      if (exchange === undefined) throw new Error("Rows came that nobody asked for.")
      const shield = shieldFor(exchange)
      plan = shield === undefined || !exchange.operation.resolved ? undefined : planOf(exchange, output, shield)
      if (plan?.isEmpty === true) plan = undefined
      answered = exchange
      columns = output.columns
      result = output.result
      return plan
    }

    const masksFor = (exchange: Asked): MaskSet => masks.for(exchange.get(Principal), exchange.get(Receipt))
    const planOf = (exchange: Asked, { columns, result }: Description | Row, shield: Shield): Plan =>
      new Plan(exchange.operation.results[result], columns, shield, masksFor(exchange))

    /** Whether a report about `exchange` may repeat what is protected: also when that cannot be known. */
    const mayQuote = (exchange: Asked | undefined): boolean => {
      if (exchange?.operation.resolved !== true || exchange.find(Protection) === undefined) return true
      return shieldFor(exchange)?.touches(exchange.operation) ?? false
    }

    return {
      decide(exchange) {
        const shield = shieldFor(exchange)
        const denial = shield === undefined ? undefined : deniedOutput(exchange.operation, shield, masksFor(exchange))
        const verdict = denial ?? judge(exchange.operation, shield, exchange.get(Receipt))
        if (verdict._tag === "Deny" || exchange.operation.kind !== "define") return verdict
        const free = exchange.get(Protection).guarded !== true || mayReveal(exchange.get(Principal), groups)
        return free ? verdict : definitionsAreNotTheirs
      },
      transform(output: SqlOutput, exchange) {
        switch (output.kind) {
          case "row":
            planFor(output, exchange)?.mask(output)
            return
          case "description":
            planFor(output, exchange)
            return
          case "error":
          case "notice":
            if (mayQuote(exchange)) scrub(output)
            return
          case "notification":
            output.payload = ""
            return
          case "completion":
          case "setting":
            return
        }
      },
      close() {
        answered = undefined
        columns = undefined
        plan = undefined
      }
    }
  }
})
