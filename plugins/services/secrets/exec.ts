import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { execFile } from "node:child_process"
import { defineService, type PluginError, pluginError, Secrets } from "../../../core/index.ts"
import { checkName } from "./name.ts"

const OUTPUT_BYTES_MAX = 65_536

const ExecConfig = Schema.Struct({
  command: Schema.NonEmptyArray(Schema.NonEmptyString).annotate({
    description: "The program and its arguments; `{name}` in an argument becomes the secret's name. No shell."
  }),
  timeout_seconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 }))
    .annotate({ description: "How long the program may take." })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(10)))
}).annotate({ description: "Secrets that a program prints." })

/** `use: exec`: secrets that a program prints, such as a vault's own command. What it prints is never logged. */
export const exec = defineService({
  name: "exec",
  config: ExecConfig,
  provides: Secrets,
  layer: (config, site) =>
    Layer.succeed(Secrets, {
      fetch: (name) =>
        checkName("exec", name).pipe(
          Effect.flatMap((checked) => run(config, site.directory, checked)),
          Effect.map((value) => Redacted.make(value))
        )
    })
})

const run = (
  config: typeof ExecConfig.Type,
  cwd: string,
  name: string
): Effect.Effect<string, PluginError> =>
  Effect.callback((resume, signal) => {
    const [program, ...rest] = config.command
    const options = {
      cwd,
      signal,
      timeout: config.timeout_seconds * 1000,
      killSignal: "SIGKILL",
      maxBuffer: OUTPUT_BYTES_MAX,
      windowsHide: true
    } as const
    execFile(program, rest.map((argument) => argument.replaceAll("{name}", name)), options, (error, stdout) => {
      const value = stdout.replace(/\r?\n$/, "")
      if (error !== null) {
        const how = error.killed === true ? "did not finish in time" : `failed (${error.code ?? "unknown"})`
        resume(Effect.fail(pluginError("exec", `${program} ${how} when asked for the secret ${name}.`)))
      } else if (value === "")
        resume(Effect.fail(pluginError("exec", `${program} printed nothing for the secret ${name}.`)))
      else resume(Effect.succeed(value))
    })
  })
