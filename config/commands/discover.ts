import * as Effect from "effect/Effect"
import { readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import type { PipelinePlan, Plan } from "../../core/gateway/plan.ts"
import { builtins } from "../builtins.ts"
import { type Arguments, type Command, configOption, jsonOption, misuseOf, type Surroundings } from "../command.ts"
import { diagnoseAll } from "../diagnose.ts"
import { additionsFor, newDataSet } from "../discovery/additions.ts"
import { gapsIn } from "../discovery/gaps.ts"
import { propose } from "../discovery/proposal.ts"
import { type Discovered, discoveredJson, gapLines, refusedUnread, summary, unreadRemedy } from "../discovery/report.ts"
import type { Revision } from "../discovery/revision.ts"
import type { Gentleness } from "../discovery/sample.ts"
import { type Survey, survey } from "../discovery/survey.ts"
import { readText } from "../document.ts"
import { type Opened, openPlan } from "../open-file.ts"
import { planFile } from "../plan.ts"
import { progressBar } from "../progress.ts"
import { openReader } from "../definitions.ts"

const statementMillis = 5000

/** `sluice discover`: sensitive columns that the file does not name, as a change of the file. */
export const discoverCommand: Command = {
  name: "discover",
  about: "look for sensitive columns that the file does not name, and propose entries",
  details: [
    "Reads some rows of each table of a pipeline's upstream, with the gateway's credential, in transactions that",
    "can only read, one table after the other; decides by names, comments and values what columns hold; and prints",
    "entries for the file as a unified diff, with the reason beside each. No value is ever printed, and nothing leaves",
    "this process. What cannot be read is judged by names, and said. Views are not read: what they show is judged by",
    "the tables below them. Exit 0; with --check, 1 when a column that looks sensitive has no kind in the file, or",
    "when a table could not be read that --allow-unread does not name."
  ].join("\n"),
  options: {
    pipeline: { type: "string", value: "NAME", about: "which pipeline's upstream; the only one, unless given" },
    schema: {
      type: "string",
      value: "NAME",
      about: "only this schema; may be repeated",
      multiple: true
    },
    database: { type: "string", value: "NAME", about: "the database, where the pipeline fixes none (postgres)" },
    sample: { type: "string", value: "N", about: "rows of each table, at most (200)" },
    "tables-per-second": { type: "string", value: "N", about: "how many tables are read in a second, at most (5)" },
    write: { type: "boolean", about: "change the file" },
    check: { type: "boolean", about: "only say whether the file covers what was found" },
    "allow-unread": {
      type: "string",
      value: "TABLE",
      about: "with --check: schema.table that need not be read, or * for all; may be repeated",
      multiple: true
    },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const asked = questionOf(args)
    if (typeof asked === "string") return misuse(io, asked)
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    const { plan } = opened
    const pipeline = pipelineOf(plan, args)
    if (typeof pipeline === "string") return misuse(io, pipeline)
    const looked = await look(plan, pipeline, asked, args, io)
    if (typeof looked === "string") return misuse(io, looked)
    const selections = (await builtins.residency()).selections(plan.policy, pipeline.name)
    const unclassified = looked.tables.filter((table) => selections(table).length === 0)
    const gaps = gapsIn(looked.sensitive, selections)
    return answer(args, io, opened, pipeline, { ...looked, pipeline: pipeline.name, unclassified, gaps })
  }
}

const misuse = misuseOf("discover")

const questionOf = (args: Arguments): Gentleness | string => {
  const [rows, tablesPerSecond] = [Number(args.text("sample") ?? 200), Number(args.text("tables-per-second") ?? 5)]
  if (!Number.isInteger(rows) || rows < 1 || rows > 10_000) return "--sample is a number of rows, 1 to 10000."
  if (!(tablesPerSecond >= 0.01 && tablesPerSecond <= 1000)) {
    return "--tables-per-second is a number, 0.01 to 1000."
  }
  if (args.flag("write") && args.flag("check")) return "--check only looks: leave out --write, or --check."
  if (args.texts("allow-unread").length > 0 && !args.flag("check")) {
    return "--allow-unread says what --check lets pass: add --check, or leave it out."
  }
  return { rows, tablesPerSecond, statementMillis }
}

const pipelineOf = (plan: Plan, args: Arguments): PipelinePlan | string => {
  const name = args.text("pipeline")
  const fitting = plan.pipelines.filter((one) =>
    name === undefined ? one.protocol.name === "postgres" : one.name === name
  )
  const [pipeline] = fitting
  const names = plan.pipelines.map((one) => one.name).join(", ")
  if (pipeline === undefined) return `there is no such pipeline. There are: ${names}.`
  if (fitting.length > 1) return `there are several pipelines. Name one with --pipeline: ${names}.`
  if (pipeline.protocol.name !== "postgres") return `the upstream of \`${pipeline.name}\` has no tables to look at.`
  const [fixed, wanted] = [pipeline.upstream.database, args.text("database")]
  return fixed === undefined || wanted === undefined || fixed === wanted
    ? pipeline
    : `the file fixes the database of \`${pipeline.name}\`: ${fixed}. Leave out --database.`
}

const look = async (
  plan: Plan,
  pipeline: PipelinePlan,
  gentleness: Gentleness,
  args: Arguments,
  io: Surroundings
): Promise<Survey | string> => {
  const bar = progressBar(io, "looking")
  const stop = new AbortController()
  const cancel = (): void => stop.abort()
  process.once("SIGINT", cancel).once("SIGTERM", cancel)
  const database = pipeline.upstream.database ?? args.text("database") ?? "postgres"
  const looking = Effect.scoped(Effect.gen(function*() {
    const reader = yield* openReader(plan, pipeline, database)
    return yield* survey(reader, args.texts("schema"), gentleness, bar.show)
  }))
  const result = await Effect.runPromise(Effect.result(looking), { signal: stop.signal }).catch((cause: unknown) => {
    if (stop.signal.aborted) return undefined
    throw cause
  })
  process.off("SIGINT", cancel).off("SIGTERM", cancel)
  bar.end()
  if (result === undefined) return "cancelled. Nothing was changed."
  return result._tag === "Success" ? result.success : result.failure.message
}

const answer = async (
  args: Arguments,
  io: Surroundings,
  opened: Opened,
  pipeline: PipelinePlan,
  discovered: Discovered
): Promise<0 | 1 | 2> => {
  const { gaps } = discovered
  const isCheck = args.flag("check")
  const old = readFileSync(opened.found.path, "utf8")
  const revision = isCheck || gaps.length === 0 ? undefined : revisionOf(opened, pipeline, discovered, old)
  if (args.flag("json")) io.out(discoveredJson(discovered, revision?.diff))
  else if (gaps.length > 0) io.out(revision?.diff ?? gapLines(gaps))
  io.err(summary(discovered))
  const unread = isCheck ? refusedUnread(discovered, args.texts("allow-unread")) : []
  if (unread.length > 0) io.err(unreadRemedy(unread))
  if (gaps.length === 0) return unread.length > 0 ? 1 : 0
  if (isCheck) return 1
  const { document } = opened.found
  if (revision === undefined) {
    return misuse(io, `${document.file} cannot be changed in place. Enter by hand what is listed.`)
  }
  const again = await planFile(
    { ...opened.found, document: readText(document.file, revision.text, underOf(opened)) },
    builtins
  )
  if (again.plan === undefined) {
    io.err(
      diagnoseAll(document, again.problems.filter(({ severity }) => severity === "error"), { colour: io.colour.err })
    )
    return misuse(io, "with these entries the file would not be valid.")
  }
  if (!args.flag("write")) return 0
  if (readFileSync(opened.found.path, "utf8") !== old) return misuse(io, `${document.file} was changed meanwhile.`)
  writeFileSync(opened.found.path, revision.text)
  io.err(`wrote ${document.file}`)
  return 0
}

const underOf = ({ found }: Opened): ReadonlyArray<string> => basename(found.path) === "package.json" ? ["sluice"] : []

const revisionOf = (
  opened: Opened,
  pipeline: PipelinePlan,
  { gaps }: Discovered,
  text: string
): Revision | undefined => {
  const { data_sets: dataSets = {}, zones = {} } = (opened.file?.residency ?? {}) as Section
  const around = Object.keys(zones).filter((zone) => zones[zone]!.includes?.includes(pipeline.upstream.at) === true)
  const home = around.length === 0 ? [pipeline.upstream.at] : around
  const additions = additionsFor(gaps, pipeline.name, home, Object.hasOwn(dataSets, newDataSet))
  return propose(opened.found.document.file, text, underOf(opened), additions)
}

/** What of the file's `residency:` is asked here. */
interface Section {
  readonly data_sets?: Readonly<Record<string, unknown>>
  readonly zones?: Readonly<Record<string, { readonly includes?: ReadonlyArray<string> }>>
}
