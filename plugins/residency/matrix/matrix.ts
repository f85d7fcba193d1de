import type { Flow } from "../engine/flow.ts"
import { chainOf } from "../engine/chain.ts"
import type { InputPrincipal, Inputs } from "../engine/inputs.ts"
import { sinksOf } from "../engine/sinks.ts"
import { windowAt } from "../window.ts"
import type { World } from "../world.ts"
import { type Answer, answerOf } from "./answer.ts"
import type { Holding } from "./holdings.ts"
import { principalOf, type Representative, representativesOf } from "./identities.ts"
import { type Form, type Question, questionsOf } from "./questions.ts"
import { isReachable, type MatrixRow, opensMore, reachOf } from "./row.ts"

/** What to enumerate. */
export interface MatrixOptions {
  /** Milliseconds since the epoch: which transfers and exceptions are live. */
  readonly at: number
  /** Trusted issuers, for parties that name none. */
  readonly issuers: ReadonlyArray<string>
  /** Also every party acting through every agent that is declared. */
  readonly chains?: boolean
  /** Also what is denied. */
  readonly denied?: boolean
  /** What to ask about; everything that the pipelines hold, unless given. */
  readonly holdings?: ReadonlyArray<Holding>
  /** Called now and then, with how far it has come: 0 to 1. */
  readonly progress?: (share: number) => void
}

/** All that a policy makes reachable at one time. */
export interface Matrix {
  /** SHA-256, in hex, of the effective file. */
  readonly policy: string
  /** The window that it holds for, in milliseconds since the epoch; `until` is Infinity when nothing more changes. */
  readonly at: number
  readonly until: number
  /** Parties that nobody can be: others always match first. */
  readonly unmatched: ReadonlyArray<string>
  readonly rows: ReadonlyArray<MatrixRow>
  /** How many questions were put to the engine, and how many of them are denied. */
  readonly asked: number
  readonly denied: number
}

/**
 * Puts every question to the engine, for every party at every place that it can be at. The domain is finite, so this is
 * exhaustive: one operation on several data sets is never allowed more than on each of them alone, but by a rule.
 */
export const matrixOf = (world: World, options: MatrixOptions): Matrix => {
  const questions = questionsOf(world, options.holdings)
  const people = representativesOf(world, options.issuers)
  const agents = options.chains === true ? people.filter(({ party }) => party.agent) : []
  const rows: Array<MatrixRow> = []
  let asked = 0
  const put = (asker: Asker, question: Question): Answer => {
    asked++
    const answer = ask(world, asker, question, options)
    if (options.denied === true || isReachable(answer)) {
      const { barred: _, ...rest } = answer
      rows.push({ ...asker.labels, ...question.labels, ...rest })
    }
    return answer
  }
  for (const [index, person] of people.entries()) {
    const alone = askerOf(world, person)
    const through = agents.map((agent) => askerOf(world, person, agent))
    for (const question of questions) {
      if (put(alone, question).barred && options.denied !== true) asked += through.length
      else for (const asker of through) put(asker, question)
    }
    options.progress?.((index + 1) / people.length)
  }
  const matched = new Set(people.map(({ party }) => party))
  return {
    policy: world.hash,
    at: options.at,
    until: windowAt({ ...world, readsClock: false }, options.at).end,
    unmatched: world.parties.filter((party) => !matched.has(party)).map(({ name }) => name).toSorted(),
    rows,
    asked,
    denied: asked - rows.filter(isReachable).length
  }
}

/** Someone who asks, with what the engine makes of the chain: the same for every question. */
interface Asker {
  readonly principal: InputPrincipal
  readonly chain: Flow["chain"]
  readonly sinks: Flow["sinks"]
  readonly labels: Pick<MatrixRow, "party" | "at" | "model" | "through" | "through_at">
}

const askerOf = (world: World, person: Representative, agent?: Representative): Asker => {
  const principal = principalOf(person.identity, agent?.identity)
  const chain = chainOf(world, principal)
  const { at, model } = person.hop
  return {
    principal,
    chain,
    sinks: sinksOf(world, chain),
    labels: {
      party: person.party.name,
      at: at.name,
      ...(model === undefined ? {} : { model: model.at.name }),
      ...(agent === undefined ? {} : { through: agent.party.name, through_at: agent.hop.at.name })
    }
  }
}

const ask = (world: World, asker: Asker, question: Question, { at, denied = false }: MatrixOptions): Answer => {
  let best: Answer | undefined
  for (const form of question.forms) {
    const inputs: Inputs = {
      pipeline: question.pipeline.name,
      principal: asker.principal,
      operation: form.operation,
      seen: {},
      now: at
    }
    const flow: Flow = {
      world,
      inputs,
      pipeline: question.pipeline,
      chain: asker.chain,
      touched: form.touched,
      sinks: asker.sinks,
      endpoints: question.endpoints
    }
    const answer = confined(flow, form, denied)
    if (best === undefined || opensMore(answer, best)) best = answer
  }
  return best!
}

/** The answer to a form; where rows have homes of their own, that for the rows of which the most can be had. */
const confined = (flow: Flow, form: Form, denied: boolean): Answer => {
  let best = shown(flow, form, denied)
  const { reads, writes } = form.touched
  for (const { name, rows } of [...reads, ...writes]) {
    if (rows === undefined || reachOf(best) === "allow") continue
    for (const home of rows.homes) {
      const named = { [name]: [home.name] }
      const inputs = { ...flow.inputs, ...(reads.length > 0 ? { homes: named } : { written: named }) }
      const answer = shown({ ...flow, inputs }, form, denied)
      if (opensMore(answer, best)) best = { ...answer, rows: [home.name] }
      else if (best.rows !== undefined && !opensMore(best, answer)) best = { ...best, rows: [...best.rows, home.name] }
    }
  }
  return best
}

/** The answer for what is seen as it is, or masked where that alone makes it possible. */
const shown = (flow: Flow, form: Form, denied: boolean): Answer => {
  const answer = answerOf(flow, denied)
  if (!form.maskable || (answer.outcome !== "deny" && answer.outcome !== "approve")) return answer
  const seen = Object.fromEntries(form.touched.reads.map(({ name }) => [name, "masked" as const]))
  const masked = answerOf({ ...flow, inputs: { ...flow.inputs, seen } }, denied)
  return opensMore(masked, answer) ? { ...masked, seen: "masked" } : answer
}
