import { builtins } from "../builtins.ts"
import { type Command, configOption, jsonOption, type Surroundings } from "../command.ts"
import { discover } from "../discover.ts"
import { openFile } from "../open-file.ts"
import { type PartRow, partRow } from "../part-row.ts"
import type { Kind } from "../resolve.ts"
import { version } from "../version.ts"

/** `sluice plugins list`: what the file uses, or, without a file, what is built in. */
export const pluginsList: Command = {
  name: "plugins list",
  about: "list the protocols, plugins and services that the file uses",
  details: "Without a file, or with --builtin: what comes with Sluice.",
  options: {
    config: configOption,
    builtin: { type: "boolean", about: "list what comes with Sluice" },
    json: jsonOption
  },
  run: async (args, io) => {
    const named = args.text("config")
    const none = named === undefined && "_tag" in await discover(io.directory, undefined)
    if (args.flag("builtin") || none) return print(await builtinRows(), args.flag("json"), io)
    const opened = await openFile(args, io)
    if (opened === 2) return 2
    const { list, problems } = opened.parts
    const rows = list.map(({ kind, use, value, from }) => partRow(kind, use, value, from, version()))
    const unique = rows.filter((row, index) =>
      rows.findIndex((other) => other.kind === row.kind && other.use === row.use) === index
    )
    print(unique, args.flag("json"), io)
    for (const problem of problems) io.err(`${problem.path.join(".")}: ${problem.what}`)
    return problems.length === 0 ? 0 : 1
  }
}

/** Everything that comes with Sluice. */
const builtinRows = async (): Promise<ReadonlyArray<PartRow>> => {
  const rows: Array<PartRow> = []
  const tables: Readonly<Record<Kind, Readonly<Record<string, () => Promise<any>>>>> = {
    protocol: builtins.protocols,
    plugin: builtins.plugins,
    service: builtins.services
  }
  for (const [kind, table] of Object.entries(tables) as ReadonlyArray<[Kind, (typeof tables)[Kind]]>) {
    for (const [use, load] of Object.entries(table)) {
      rows.push(partRow(kind, use, await load(), { kind: "built-in", path: "sluice", version: undefined }, version()))
    }
  }
  return rows
}

const print = (rows: ReadonlyArray<PartRow>, json: boolean, io: Surroundings): 0 => {
  if (json) {
    io.out(JSON.stringify(rows, null, 2))
    return 0
  }
  const table = [
    ["KIND", "USE", "VERSION", "PATH", "REQUIRES", "PROVIDES"],
    ...rows.map((row) => [row.kind, row.use, row.version, row.path, list(row.requires), list(row.provides)])
  ]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const row of table) io.out(row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
  return 0
}

const list = (keys: ReadonlyArray<string>): string =>
  keys.length === 0 ? "-" : keys.map((key) => key.replace(/^sluice\/(services\/)?/, "").toLowerCase()).join(", ")
