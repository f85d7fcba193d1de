import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { PipelinePlan, Plan } from "../../core/gateway/index.ts"
import { Ledger } from "../../core/index.ts"
import type { MaskingConfig } from "../../plugins/masking/index.ts"
import { typeWritten } from "../../plugins/masking/index.ts"
import { type Arguments, type Command, configOption, jsonOption, type Surroundings } from "../command.ts"
import { nearest } from "../nearest.ts"
import { openPlan } from "../open-file.ts"
import { identityOf, unmaskRecorded, type Wish } from "../unmasking.ts"

const TOKEN_VARIABLE = "SLUICE_TOKEN"
const INPUT_BYTES_MAX = 65_536

/** `sluice unmask`: the value behind a reversible mask, for whom the file lets have it, and not without a record. */
export const unmaskCommand: Command = {
  name: "unmask",
  about: "show the value behind a reversible mask, on the record",
  details: [
    "VALUE is the mask; it is read from standard input when left out, which keeps it out of the shell's history. Only",
    "masks by `fpe` can be undone. Who asks is proven by a token as the pipeline takes them, from --token-file or from",
    `the variable ${TOKEN_VARIABLE}, and must be in a group under \`unmask_to_group\`. Every attempt is written to the`,
    "ledger with its reason, before the value is shown; while the ledger cannot be written, nothing is."
  ].join("\n"),
  positionals: ["[VALUE]"],
  options: {
    pipeline: { type: "string", value: "NAME", about: "the pipeline whose mask it is", required: true },
    kind: {
      type: "string",
      value: "KIND",
      about: "what the mask stands under: a kind, or schema.table.column",
      required: true
    },
    reason: { type: "string", value: "TEXT", about: "why, for the record", required: true },
    "token-file": {
      type: "string",
      value: "FILE",
      about: `a file with the caller's token, instead of ${TOKEN_VARIABLE}`
    },
    type: {
      type: "string",
      value: "TYPE",
      about: "the column's type, such as int8 or numeric(10,2); text unless given"
    },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const say = (text: string): void => io.err(`sluice unmask: ${text}`)
    const wish = readWish(args, io)
    if (typeof wish === "string") {
      say(wish)
      return 2
    }
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    const found = findMasking(opened.plan, args.text("pipeline")!)
    if (typeof found === "string") {
      say(found)
      return 2
    }
    const { config, pipeline } = found
    const asked = Effect.scoped(unmaskRecorded(opened.plan, pipeline, config, wish))
    // Standard output is the value's alone: what services log goes nowhere.
    const result = await Effect.runPromise(Effect.result(asked).pipe(Effect.provide(Logger.layer([]))))
    if (result._tag === "Failure") {
      say(`nothing is shown. ${result.failure.message}`)
      return 1
    }
    if ("why" in result.success) {
      say(`refused, and recorded: ${result.success.why}.`)
      return 1
    }
    const { value } = result.success
    io.out(args.flag("json") ? JSON.stringify({ kind: wish.name, value }) : value)
    return 0
  }
}

/** What is asked for, or what is wrong with how it is asked. */
const readWish = (args: Arguments, io: Surroundings): Wish | string => {
  const reason = args.text("reason")!.trim()
  if (reason === "") return "--reason is empty. Say why, for the record."
  const type = typeWritten(args.text("type") ?? "text")
  if (type === undefined)
    return "--type is none that masks can be undone in: text, varchar(20), uuid, int4, int8, numeric(10,2)."
  const token = readToken(args, io)
  if (token === undefined) return `there is no token. Name a file with --token-file, or set ${TOKEN_VARIABLE}.`
  const mask = args.positionals[0] ?? readInput()
  if (mask === undefined || mask === "") return "VALUE is missing, and standard input has none."
  return { name: args.text("kind")!, mask, reason, token, type }
}

const readToken = (args: Arguments, io: Surroundings): string | undefined => {
  const file = args.text("token-file")
  if (file === undefined) return process.env[TOKEN_VARIABLE] || undefined
  try {
    return readFileSync(resolve(io.directory, file), "utf8").trim() || undefined
  } catch {
    return undefined
  }
}

/** One line of standard input; undefined when there is none, or too much. */
const readInput = (): string | undefined => {
  try {
    const text = readFileSync(0, "utf8")
    return text.length > INPUT_BYTES_MAX ? undefined : text.replace(/\r?\n$/, "")
  } catch {
    return undefined
  }
}

const findMasking = (
  plan: Plan,
  wanted: string
): { readonly pipeline: PipelinePlan; readonly config: MaskingConfig } | string => {
  const pipeline = plan.pipelines.find(({ name }) => name === wanted)
  if (pipeline === undefined) {
    const meant = nearest(wanted, plan.pipelines.map(({ name }) => name))
    return `there is no pipeline \`${wanted}\`.${meant === undefined ? "" : ` Did you mean \`${meant}\`?`}`
  }
  const masking = pipeline.plugins.find(({ plugin }) => plugin.name === "masking")
  if (masking === undefined) return `the pipeline \`${wanted}\` has no masking.`
  if (identityOf(pipeline) === undefined) return `the pipeline \`${wanted}\` has no plugin that says who is calling.`
  if (!plan.services.some(({ service }) => service.provides.key === Ledger.key)) {
    return "the file has no ledger, and nothing is unmasked without a record. Declare one under `services:`."
  }
  return { pipeline, config: masking.config as MaskingConfig }
}
