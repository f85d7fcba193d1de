import * as Effect from "effect/Effect"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { openService } from "../../../../fixtures/service.ts"
import type { Row } from "./row.ts"

/** What tokens are judged with: everything but the product. */
export interface Corpus {
  /** Folder of the files that the options name. */
  readonly directory: string
  readonly options: object
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly rows: ReadonlyArray<Row>
}

/** The names of the tokens that the product at `root` judges otherwise than it must. Stops when `most` were found. */
export const misjudged = async (root: string, corpus: Corpus, most = Infinity): Promise<ReadonlyArray<string>> => {
  const { oidc } = await import(pathToFileURL(join(root, "plugins/services/oidc/index.ts")).href)
  const { close, service } = await openService(oidc, corpus.options, corpus.directory)
  const wrong: Array<string> = []
  for (const { code, name, token } of corpus.rows) {
    const result: any = await Effect.runPromise(Effect.result(service.verify(token, corpus.now)))
    const found: string = result._tag === "Success" ? "accepted" : result.failure.code ?? result.failure.message
    if (found !== code) wrong.push(`${name}: ${found}, not ${code}`)
    if (wrong.length >= most) break
  }
  await close()
  return wrong
}
