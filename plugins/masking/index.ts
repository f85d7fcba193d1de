import * as Schema from "effect/Schema"
import { definePlugin, type Exchange, Inference, Principal, Protection, type Reads, Receipt } from "../../core/index.ts"
import { type Description, type Row, Sql, type SqlOutput } from "../../core/family/sql/index.ts"
import { handlingFields, handlingOf } from "./handling.ts"
import { Inferences } from "./inference.ts"
import { definitionsAreNotTheirs, judge } from "./judge.ts"
import { Plan } from "./plan.ts"
import { rewrite } from "./rewrite.ts"
import { scrub } from "./scrub.ts"
import { mayReveal, type Shield, shieldOf } from "./shield.ts"

export { describeKinds, type Kind, kindNames, kinds } from "./kinds.ts"

const Group = Schema.NonEmptyString
const options = Schema.Struct({
  reveal_to_group: Schema.optionalKey(
    Schema.Union([Group, Schema.NonEmptyArray(Group)]).annotate({
      description: "Who sees protected columns in clear: the caller, and everyone who acts for it, must be in one of "
        + "these groups. Data sets under an obligation to mask stay masked for all."
    })
  ),
  ...handlingFields
}).annotate({
  description: "Masks the columns that the file's data sets protect, and refuses what would show them otherwise."
})

const requires = [Principal, Receipt, Protection] as const
const provides = [Inference] as const
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
  config: options,
  requires,
  provides,
  connect: (_session, { config }) => {
    const handling = handlingOf(config)
    const inferences = new Inferences()
    const groups = [config.reveal_to_group ?? []].flat()
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
      const { resolved, results } = exchange.operation
      plan = shield === undefined || !resolved ? undefined : new Plan(results[output.result], output.columns, shield)
      if (plan?.isEmpty === true) plan = undefined
      answered = exchange
      columns = output.columns
      result = output.result
      return plan
    }

    /** Whether a report about `exchange` may repeat what is protected: also when that cannot be known. */
    const mayQuote = (exchange: Asked | undefined): boolean => {
      if (exchange?.operation.resolved !== true || exchange.find(Protection) === undefined) return true
      return shieldFor(exchange)?.touches(exchange.operation) ?? false
    }

    return {
      inspect(exchange) {
        if (handling.predicates === "allow") inferences.note(exchange, shieldFor(exchange))
      },
      rewrite: (exchange) => rewrite(exchange.operation, shieldFor(exchange), handling),
      decide(exchange) {
        const verdict = judge(exchange.operation, shieldFor(exchange), exchange.get(Receipt), handling)
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
            if (mayQuote(exchange)) scrub(output, exchange?.operation.rewritten === true)
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
