import * as Effect from "effect/Effect"
import type { PipelinePlan, Plan } from "../../core/gateway/plan.ts"
import type { PluginError } from "../../core/index.ts"
import type { Reader } from "../../core/protocol/index.ts"
import { type Arguments, type Command, configOption, jsonOption, misuseOf } from "../command.ts"
import { type Bypass, bypasses, lasting, placeQuery, sessionOf, sessionsQuery } from "../coverage.ts"
import { openPlan } from "../open-file.ts"
import { openReader } from "../definitions.ts"
import { parseAddress } from "../schema/index.ts"

/** What was found behind one pipeline. */
interface Covered {
  readonly pipeline: string
  /** Where the upstream says that it is; null over a local socket. */
  readonly server: string | null
  readonly sessions: number
  readonly bypasses: ReadonlyArray<Bypass>
}

/** Between two looks, so that sessions that begin or end meanwhile are told apart. */
const PAUSE = "300 millis"

/** `sluice coverage`: who talks to the upstream past the gateway. */
export const coverage: Command = {
  name: "coverage",
  about: "name the upstream's sessions that did not come through the gateway",
  details: [
    "Asks the running gateway, at its admin port, for the near ends of its connections, and the upstream for its",
    "sessions (pg_stat_activity), with the gateway's own credential. A session whose client is none of those ends went",
    "past the gateway: its user, address, application and begin are printed. Two looks are taken, 300 ms apart.",
    "To see other users' sessions the credential needs pg_read_all_stats; what stays hidden is named, too.",
    "Exit 0 when every session came through the gateway, 1 when one did not."
  ].join("\n"),
  options: {
    pipeline: { type: "string", value: "NAME", about: "only this pipeline; all of PostgreSQL, unless given" },
    admin: { type: "string", value: "HOST:PORT", about: "the gateway's admin port, instead of the file's" },
    database: { type: "string", value: "NAME", about: "the database to connect to; the pipeline's, or postgres" },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    const { plan } = opened
    const admin = adminOf(plan, args)
    if (admin === undefined) {
      return misuse(io, "no admin port is known. Name it with --admin HOST:PORT, or set `gateway.admin.listen`.")
    }
    const pipelines = plan.pipelines.filter(({ name, protocol }) =>
      args.text("pipeline") === undefined ? protocol.name === "postgres" : name === args.text("pipeline")
    )
    const other = pipelines.find(({ protocol }) => protocol.name !== "postgres")
    if (other !== undefined) return misuse(io, `the upstream of \`${other.name}\` cannot be asked for its sessions.`)
    if (pipelines.length === 0) {
      return misuse(io, `there is no such pipeline. There are: ${plan.pipelines.map(({ name }) => name).join(", ")}.`)
    }
    const looked = Effect.forEach(pipelines, (pipeline) => look(plan, pipeline, admin, args.text("database")))
    const result = await Effect.runPromise(Effect.result(looked))
    if (result._tag === "Failure") return misuse(io, result.failure.message)
    if (args.flag("json")) io.out(JSON.stringify(result.success, null, 2))
    else io.out(result.success.map(describe).join("\n\n"))
    return result.success.every((one) => one.bypasses.length === 0) ? 0 : 1
  }
}

const misuse = misuseOf("coverage")

const adminOf = (plan: Plan, args: Arguments): string | undefined => {
  const text = args.text("admin")
  if (text === undefined) {
    const { admin } = plan
    return admin === undefined || admin.port === 0 ? undefined : hostAndPort(admin.host, admin.port)
  }
  const parsed = parseAddress(text, false)
  return parsed === undefined ? undefined : hostAndPort(parsed.host, parsed.port!)
}

const hostAndPort = (host: string, port: number): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

const look = (
  plan: Plan,
  pipeline: PipelinePlan,
  admin: string,
  database = pipeline.upstream.database ?? "postgres"
): Effect.Effect<Covered, PluginError | Error> =>
  Effect.scoped(Effect.gen(function*() {
    const reader = yield* openReader(plan, pipeline, database)
    const once = glance(reader, admin)
    const first = yield* once
    yield* Effect.sleep(PAUSE)
    const second = yield* once
    const [place] = yield* reader.query(placeQuery)
    const address = place?.["address"] ?? null
    return {
      pipeline: pipeline.name,
      server: address === null ? null : hostAndPort(address, Number(place?.["port"])),
      sessions: second.sessions,
      bypasses: lasting(first.bypasses, second.bypasses)
    }
  }))

/** The gateway is asked before and after: a connection that it opens meanwhile is its own, too. */
const glance = (reader: Reader, admin: string) =>
  Effect.gen(function*() {
    const before = yield* endsAt(admin)
    const rows = (yield* reader.query(sessionsQuery)).map(sessionOf)
    const after = yield* endsAt(admin)
    return { sessions: rows.length, bypasses: bypasses(rows, new Set([...before, ...after])) }
  })

/** Of all pipelines: two of them may have one upstream. */
const endsAt = (admin: string): Effect.Effect<ReadonlyArray<string>, Error> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(`http://${admin}/upstreams`, { signal, redirect: "error" })
      if (!response.ok) throw new Error(`status ${response.status}`)
      return Object.values(await response.json() as Record<string, ReadonlyArray<string>>).flat()
    },
    catch: () => new Error(`the gateway cannot be asked at http://${admin}/upstreams. Is it running, and is this it?`)
  })

const describe = ({ bypasses: found, pipeline, server, sessions }: Covered): string => {
  const where = server === null ? "" : `, which says that it is at ${server}`
  const head = `${pipeline}: ${sessions} sessions at the upstream${where}`
  if (found.length === 0) return `${head}; all came through the gateway.`
  const table = [
    ["PID", "USER", "DATABASE", "CLIENT", "APPLICATION", "SINCE", "WHAT"],
    ...found.map((one) =>
      [one.pid, one.user, one.database, one.client ?? (one.why === "hidden" ? "hidden" : "local"), one.application]
        .concat([one.since?.slice(0, 19) ?? "-", one.kind === "replication" ? "replication" : one.why])
        .map((cell) => (cell ?? "-").replace(/[\p{Cc}\p{Cf}]/gu, "\u00b7"))
    )
  ]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}`)
  return [`${head}; ${found.length} did not come through the gateway:`, ...lines].join("\n")
}
