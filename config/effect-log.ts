import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Console } from "node:console"
import type { Log } from "../core/gateway/index.ts"

/** What services say with Effect's own logging, as lines of the gateway's log. */
export const effectLog = (log: Log): Layer.Layer<never> =>
  Logger.layer([
    Logger.make(({ logLevel, message }) => {
      const text = (Array.isArray(message) ? message : [message]).map(wordsOf).join(" ")
      if (logLevel === "Fatal" || logLevel === "Error") log.error(text)
      else if (logLevel === "Warn") log.warn(text)
      else if (logLevel === "Info") log.info(text)
      else log.debug(text)
    })
  ])

const wordsOf = (part: unknown): string => typeof part === "string" ? part : JSON.stringify(part) ?? "undefined"

/** Standard output is for what the command promises there: whatever else a library prints goes to standard error. */
export const keepStdoutClean = (): void => {
  globalThis.console = new Console(process.stderr, process.stderr)
}
