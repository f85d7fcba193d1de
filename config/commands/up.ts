import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type Gateway, openGateway, stderrLog } from "../../core/gateway/index.ts"
import { type Command, configOption } from "../command.ts"
import { effectLog, keepStdoutClean } from "../effect-log.ts"
import { openFile, report } from "../open-file.ts"
import { keepReloading } from "../reload.ts"

/** `sluice up`: runs the gateway until it is told to stop. */
export const up: Command = {
  name: "up",
  about: "run the gateway",
  details: [
    "Prints one line a pipeline on stdout, `listening PIPELINE PROTOCOL HOST:PORT`, then `ready`. Logs go to stderr.",
    "SIGTERM and SIGINT drain: nothing new is accepted, what is in flight may finish. A second one stops at once.",
    "When the file changes, and on SIGHUP, it is read again; a bad one is not taken, and the log says why."
  ].join("\n"),
  options: {
    config: configOption,
    "log-level": { type: "string", value: "LEVEL", about: "debug, info (default), warn or error" }
  },
  run: async (args, io) => {
    const level = args.text("log-level") ?? "info"
    if (level !== "debug" && level !== "info" && level !== "warn" && level !== "error") {
      io.err(`sluice up: \`${level}\` is no level. There are: debug, info, warn, error.`)
      return 2
    }
    const opened = await openFile(args, io)
    if (opened === 2) return 2
    if (!report(opened, io)) return 1
    const { found, plan } = opened
    keepStdoutClean()
    const log = stderrLog(level)
    const scope = Scope.makeUnsafe()
    const stopped = stopSignal()
    const result = await Effect.runPromise(
      openGateway(plan!, { log }).pipe(Scope.provide(scope), Effect.provide(effectLog(log)), Effect.result)
    )
    if (result._tag === "Failure") {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      const { message, plugin } = result.failure
      io.err(`sluice up: ${plugin}: ${message}`)
      return 1
    }
    const gateway = result.success
    for (const { host, pipeline, port, protocol } of gateway.listening()) {
      io.out(`listening ${pipeline} ${protocol} ${host.includes(":") ? `[${host}]` : host}:${port}`)
    }
    io.out("ready")
    const stopReloading = keepReloading(gateway, found, log)
    await stopped
    stopReloading()
    await close(gateway, scope)
    return 0
  }
}

const close = async (gateway: Gateway, scope: Scope.Closeable): Promise<void> => {
  await Effect.runPromise(gateway.drain(gateway.plan().drainSeconds))
  await Effect.runPromise(Scope.close(scope, Exit.void))
}

/**
 * Settles at the first SIGTERM or SIGINT. Another one, unless it comes with the first (a terminal's Ctrl-C reaches both
 * the launcher and this process), ends the process at once.
 */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    let first: number | undefined
    const stop = (): void => {
      if (first !== undefined && Date.now() - first > 500) process.exit(1)
      first ??= Date.now()
      resolve()
    }
    process.on("SIGTERM", stop)
    process.on("SIGINT", stop)
  })
