import * as Effect from "effect/Effect"
import type { PluginError } from "../../core/index.ts"
import { builtins } from "../builtins.ts"
import { type Command, configOption, jsonOption, misuseOf, type Surroundings } from "../command.ts"
import { nearest } from "../nearest.ts"
import { openPlan } from "../open-file.ts"
import { receiptTree } from "../receipt-tree.ts"
import type { ResidencyRoom } from "../residency.ts"
import { openRehearsal, type Rehearsed } from "../rehearsal.ts"
import { Caller, decode } from "../schema/index.ts"
import { absolute } from "../site.ts"

/** `sluice explain`: the decision, without executing anything. */
export const explain: Command = {
  name: "explain",
  about: "show what would be decided for a caller and an operation, and why",
  details: [
    "Runs the pipeline's own plugins and analysis in memory; asks the upstream only what tables and functions",
    "it has, and not even that with --schema. Nothing is executed, recorded or kept.",
    "",
    "  sluice explain --pipeline orders --as '{\"subject\":\"ann\",\"groups\":[\"analysts\"]}' --ask 'select 1'",
    "",
    "--as takes subject, groups, claims, issuer (the only one, unless named), actors (subjects, or the same shape)",
    "and evidence. Exit 1 only when the decision is deny."
  ].join("\n"),
  options: {
    pipeline: { type: "string", value: "NAME", about: "the pipeline that is asked; the only one, unless given" },
    as: { type: "string", value: "JSON", about: "who asks", required: true },
    ask: { type: "string", value: "TEXT", about: "what is asked, in the protocol's own words", required: true },
    schema: { type: "string", value: "FILE", about: "definitions (DDL) to resolve names in, instead of the upstream" },
    at: { type: "string", value: "TIME", about: "when it is asked, in ISO 8601; now, unless given" },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const at = args.text("at") === undefined ? Date.now() : Date.parse(args.text("at")!)
    if (Number.isNaN(at))
      return misuse(io, `\`${args.text("at")}\` is no time. Write it as 2027-06-30 or 2027-06-30T12:00:00Z.`)
    const as = readCaller(args.text("as")!)
    if (typeof as === "string") return misuse(io, as)
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    const { plan } = opened
    const wanted = args.text("pipeline") ?? (plan.pipelines.length === 1 ? plan.pipelines[0]!.name : undefined)
    if (wanted === undefined)
      return misuse(
        io,
        `--pipeline is missing. There are: ${plan.pipelines.map(({ name }) => name).join(", ")}.`
      )
    const pipeline = plan.pipelines.find(({ name }) => name === wanted)
    if (pipeline === undefined) return misuse(io, noPipeline(wanted, plan.pipelines.map(({ name }) => name)))
    const schema = args.text("schema")
    const definitions = schema === undefined ? undefined : absolute(io.directory, schema)
    const answered = Effect.scoped(
      Effect.flatMap(
        openRehearsal(plan, pipeline, definitions),
        ({ answer }) => answer({ as, ask: args.text("ask")!, at })
      )
    )
    const result = await Effect.runPromise(Effect.result(answered))
    if (result._tag === "Failure") return misuse(io, inWords(result.failure, schema === undefined))
    const { describe } = await builtins.residency()
    print(result.success, describe, args.flag("json"), io)
    return result.success.decision === "deny" ? 1 : 0
  }
}

const misuse = misuseOf("explain")

const noPipeline = (wanted: string, names: ReadonlyArray<string>): string => {
  const meant = nearest(wanted, names)
  return `there is no pipeline \`${wanted}\`. ${
    meant === undefined ? `There are: ${names.join(", ")}.` : `Did you mean \`${meant}\`?`
  }`
}

/** The caller, or what is wrong with the JSON. */
const readCaller = (text: string): Caller | string => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return "--as is not JSON. Write it as '{\"subject\":\"ann\",\"groups\":[\"analysts\"]}'."
  }
  const decoded = decode(Caller, value, ["as"])
  if (decoded.value !== undefined) return decoded.value
  return `${
    decoded.problems.map(({ what, remedy }) => remedy === undefined ? what : `${what} (${remedy})`).join("; ")
  }.`
}

const inWords = (error: PluginError, asksUpstream: boolean): string =>
  asksUpstream
    ? `${error.message}\nNames are resolved in the live upstream, or, with --schema FILE, in a file of definitions.`
    : error.message

const print = (answer: Rehearsed, describe: ResidencyRoom["describe"], json: boolean, io: Surroundings): void => {
  if (!json) return io.out(receiptTree(answer, describe, io.colour.out))
  const { receipt, decision, outcome, code, message, operation, hidden, runs } = answer
  const { kind, resolved, unresolved, summary } = operation
  // The receipt itself, as it would be stored, with the pipeline's outcome, and what was asked beside it.
  const asked = { kind, resolved, unresolved, summary }
  io.out(
    JSON.stringify({ decision, code, ...receipt, outcome, outcome_code: code, message, asked, hidden, runs }, null, 2)
  )
}
