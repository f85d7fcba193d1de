import * as Effect from "effect/Effect"
import { existsSync, writeFileSync } from "node:fs"
import { dirname, relative } from "node:path"
import { createInterface } from "node:readline/promises"
import { type Builtins, builtins } from "../builtins.ts"
import type { Arguments, Command, ExitCode, Surroundings } from "../command.ts"
import { diagnoseAll } from "../diagnose.ts"
import { readText } from "../document.ts"
import { type FirstFile, firstFile, type Table } from "../first-file.ts"
import { planFile } from "../plan.ts"
import { type DatabaseUrl, parseDatabaseUrl, readTables } from "../read-tables.ts"
import { isLoopback, parseAddress } from "../schema/index.ts"
import { absolute } from "../site.ts"

/** `sluice init`: a first file, commented, that passes `check`. */
export const init: Command = {
  name: "init",
  about: "write a first file",
  details: [
    "Asks a few questions on a terminal; --yes takes the defaults, and each flag answers one. With --from, the tables",
    "of a live PostgreSQL go into the file, with kinds guessed from the columns' names. No secret is written: only the",
    "name of the credential is. Nothing is overwritten without --force."
  ].join("\n"),
  options: {
    from: {
      type: "string",
      value: "URL",
      about: "read the tables of postgres://USER@HOST:PORT/DATABASE (PGPASSWORD is used)"
    },
    name: { type: "string", value: "NAME", about: "the gateway's name (gw-1)" },
    at: { type: "string", value: "PLACE", about: "where the gateway and the database are, such as de" },
    pipeline: { type: "string", value: "NAME", about: "the pipeline's name (the database's, or orders)" },
    listen: { type: "string", value: "HOST:PORT", about: "where clients connect (127.0.0.1:6432)" },
    upstream: { type: "string", value: "HOST:PORT", about: "where the database listens (127.0.0.1:5432)" },
    issuer: { type: "string", value: "URL", about: "whose tokens are trusted (https://login.example.com)" },
    audience: { type: "string", value: "TEXT", about: "whom tokens must be meant for (sluice)" },
    output: { type: "string", value: "FILE", about: "what to write (sluice.config.yaml)" },
    yes: { type: "boolean", about: "ask nothing" },
    force: { type: "boolean", about: "overwrite" }
  },
  run: (args, io) => write(args, io, builtins)
}

const questions: ReadonlyArray<readonly [option: string, question: string, otherwise: string]> = [
  ["name", "What is this gateway called", "gw-1"],
  ["at", "Where is it, and the database (a place, such as de or us-east)", "de"],
  ["upstream", "Where does the database listen", "127.0.0.1:5432"],
  ["listen", "Where should clients connect", "127.0.0.1:6432"],
  ["issuer", "Whose tokens say who is calling", "https://login.example.com"],
  ["audience", "Whom must tokens be meant for", "sluice"]
]

const write = async (args: Arguments, io: Surroundings, known: Builtins): Promise<ExitCode> => {
  const from = args.text("from") === undefined ? undefined : parseDatabaseUrl(args.text("from")!)
  if (args.text("from") !== undefined && from === undefined) {
    return refuse(io, 2, "--from is no URL of a PostgreSQL: write postgres://USER@HOST:PORT/DATABASE.")
  }
  const path = absolute(io.directory, args.text("output") ?? "sluice.config.yaml")
  if (existsSync(path) && !args.flag("force")) {
    return refuse(
      io,
      1,
      `${relative(io.directory, path)} exists. Say --force to overwrite it, or name another with --output.`
    )
  }
  const answers = await ask(args, from)
  if (answers === undefined)
    return refuse(io, 2, "there is no terminal to ask on. Say --yes, or answer with flags (see --help) and --yes.")
  let tables: ReadonlyArray<Table> = []
  if (from !== undefined) {
    const read = await Effect.runPromise(Effect.result(readTables(from, known)))
    if (read._tag === "Failure") return refuse(io, 1, read.failure.message)
    tables = read.success
  }
  const text = firstFile(choose(args, answers, from, tables))
  const found = { path, directory: dirname(path), document: readText(relative(io.directory, path), text) }
  const { plan, problems } = await planFile(found, known)
  if (plan === undefined) {
    io.err(
      diagnoseAll(found.document, problems.filter(({ severity }) => severity === "error"), { colour: io.colour.err })
    )
    return refuse(io, 2, "with these answers the file would not be valid, so it was not written.")
  }
  writeFileSync(path, text, { flag: args.flag("force") ? "w" : "wx" })
  const { catalogue: credential } = plan.pipelines[0]!.upstream.credential
  io.out(`wrote ${relative(io.directory, path)}${tables.length === 0 ? "" : `, with ${tables.length} tables`}`)
  io.out(`Next: set ${credential}=user:password, then \`sluice check\` and \`sluice up\`.`)
  return 0
}

const refuse = (io: Surroundings, code: ExitCode, message: string): ExitCode => {
  io.err(`sluice init: ${message}`)
  return code
}

/** What flags leave open is asked, or takes its default; undefined when it should be asked and nobody is there. */
const ask = async (
  args: Arguments,
  from: DatabaseUrl | undefined
): Promise<ReadonlyMap<string, string> | undefined> => {
  const answers = new Map<string, string>()
  const silent = args.flag("yes") || from !== undefined
  if (!silent && !process.stdin.isTTY) return undefined
  const terminal = silent ? undefined : createInterface({ input: process.stdin, output: process.stderr })
  try {
    for (const [option, question, otherwise] of questions) {
      const given = args.text(option)
      const typed = given ?? (await terminal?.question(`${question}? [${otherwise}] `))?.trim()
      answers.set(option, typed === undefined || typed === "" ? otherwise : typed)
    }
  } finally {
    terminal?.close()
  }
  return answers
}

const choose = (
  args: Arguments,
  answers: ReadonlyMap<string, string>,
  from: DatabaseUrl | undefined,
  tables: ReadonlyArray<Table>
): FirstFile => {
  const host = from?.host.includes(":") === true ? `[${from.host}]` : from?.host
  const upstream = from === undefined ? answers.get("upstream")! : `${host}:${from.port}`
  const dialled = parseAddress(upstream, true)
  const named = (from?.database ?? "orders").replace(/[^A-Za-z0-9_-]/g, "-").replace(/^[^A-Za-z]+/, "")
  const pipeline = args.text("pipeline") ?? (named === "" ? "orders" : named)
  return {
    gateway: answers.get("name")!,
    at: answers.get("at")!,
    pipeline,
    listen: answers.get("listen")!,
    upstream,
    upstreamTls: from?.tls ?? (dialled !== undefined && isLoopback(dialled.host) ? "off" : "verify-full"),
    database: from?.database,
    credential: `${pipeline.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_DB`,
    issuer: answers.get("issuer")!,
    audience: answers.get("audience")!,
    tables
  }
}
