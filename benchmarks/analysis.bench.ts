import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Exchange, Session } from "../core/exchange/index.ts"
import type { Sql, Statement } from "../core/family/sql/index.ts"
import type { Analyser } from "../core/protocol/index.ts"
import { analysis } from "../protocols/postgres/analysis/index.ts"
import { usualBounds } from "../protocols/postgres/analysis/session/bounds.ts"
import { type Figure, figureOf } from "./measure/figure.ts"
import { micro } from "./measure/micro.ts"

const definitions = `
create table customers (id integer primary key, name text, email text, ssn text, city text, balance numeric);
create table orders (id integer primary key, customer_id integer references customers (id), amount numeric, note text);
create view totals as select customer_id, sum(amount) as total from orders group by customer_id;`

const session: Session = { id: "s", pipeline: "p", peer: { address: "::1", port: 1, encrypted: false }, now: () => 0 }

const statement = (text: string): Statement => ({
  kind: "unknown",
  reads: [],
  writes: [],
  resolved: false,
  digest: "",
  summary: "",
  text,
  phase: "simple",
  tags: [],
  results: [],
  uses: [],
  rewritten: false
})

const asked = (id: number, text: string): Exchange<Sql> => {
  const operation = statement(text)
  return { id, session, operation, asked: operation }
}

const joined = (i: number): string =>
  "select c.name, o.amount, t.total from customers c join orders o on o.customer_id = c.id "
  + `join totals t on t.customer_id = c.id where c.city = 'x${i}' and o.amount > ${i} order by o.amount`

/**
 * A statement of five kilobytes that no cache has seen: many branches of one question, each with a column of its
 * own.
 */
const large = (i: number): string => {
  let text = joined(0)
  for (let branch = 0; text.length < 5000; branch++) {
    text = `${
      text.replace(/ order by .*/, "")
    } union all select name, balance, id + 0.${i} as v${i}_${branch} from customers`
  }
  return text
}

/** What understanding a statement costs: one that was seen with other values, one that was not, and a large one. */
export const measure = async function*(): AsyncIterable<Figure> {
  const scope = Effect.runSync(Scope.make())
  const opened = Effect.flatMap(
    analysis(undefined, { _tag: "Declared", text: definitions }, { ...usualBounds, turnSteps: Infinity }),
    ({ open }) => open(session, "db")
  )
  const analyser: Analyser<Sql> = await Effect.runPromise(Scope.provide(opened, scope))
  let count = 0
  const take = (text: string): void => {
    const answer = analyser.analyse(asked(++count, text))
    if (!("resolved" in answer) || !answer.resolved) throw new Error("the statement is not understood")
  }
  yield { ...micro("analysis: seen with other values", "ns", 1, () => take(joined(count))), goal: "≤ 20000 ns" }
  yield micro(
    "analysis: not seen before",
    "ns",
    1,
    () => take(`${joined(1)} limit (select ${count}::int8 as n${count})`)
  )
  const times = Array.from({ length: 200 }, (_, i) => {
    const text = large(i)
    const began = process.hrtime.bigint()
    take(text)
    return Number(process.hrtime.bigint() - began) / 1e6
  }).toSorted((a, b) => a - b)
  yield {
    ...figureOf("analysis: 5 KB not seen before, 99th in 100", "ms", [times[Math.floor(times.length * 0.99)]!]),
    goal: "≤ 8 ms"
  }
  await Effect.runPromise(Scope.close(scope, Exit.void))
}
