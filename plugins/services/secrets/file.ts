import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { resolve } from "node:path"
import { defineService, type PluginError, pluginError, Secrets } from "../../../core/index.ts"
import { makeFileReader, type ReadFile } from "./file-reader.ts"
import { checkName } from "./name.ts"
import { parseSecrets } from "./parse-secrets.ts"

const text = (description: string) => Schema.NonEmptyString.annotate({ description })

const FileConfig = Schema.Struct({
  path: Schema.optionalKey(text("One file that holds them all: YAML or JSON, `NAME: value`.")),
  directory: Schema.optionalKey(text("A folder with one file for each, as Docker and Kubernetes mount them."))
}).annotate({ description: "Secrets from files that not everyone may read." }).check(
  Schema.makeFilter((config) =>
    (config.path === undefined) !== (config.directory === undefined) || "give either path or directory"
  )
)

/** `use: file`: secrets from files, read again when they change. A file that anyone may read is refused. */
export const file = defineService({
  name: "file",
  config: FileConfig,
  provides: Secrets,
  layer: (config, site) =>
    Layer.sync(Secrets, () => {
      const read = makeFileReader()
      const at = resolve(site.directory, config.directory ?? config.path ?? "")
      const lookup = config.directory === undefined ? fromOne(at, read) : fromFolder(at, read)
      return {
        fetch: (name) =>
          checkName("file", name).pipe(Effect.flatMap(lookup), Effect.map((value) => Redacted.make(value)))
      }
    })
})

type Lookup = (name: string) => Effect.Effect<string, PluginError>

const fromFolder = (folder: string, read: ReadFile): Lookup => (name) =>
  Effect.flatMap(read(resolve(folder, name)), (text) => {
    const value = text.replace(/\r?\n$/, "")
    return value === "" ? Effect.fail(missing(name, folder)) : Effect.succeed(value)
  })

const fromOne = (path: string, read: ReadFile): Lookup => (name) =>
  Effect.flatMap(read(path), (text) => {
    const secrets = parseSecrets(text)
    if (secrets === undefined) {
      return Effect.fail(
        pluginError("file", `${path} is not YAML or JSON of the form \`NAME: value\`, each value a text.`)
      )
    }
    const value = secrets.get(name)
    return value === undefined || value === "" ? Effect.fail(missing(name, path)) : Effect.succeed(value)
  })

const missing = (name: string, where: string): PluginError =>
  pluginError("file", `There is no secret ${name} in ${where}, or it is empty. Put it there.`)
