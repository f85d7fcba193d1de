import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Case } from "./case.ts"

/** What a corpus is judged with: everything but the product. */
export interface Corpus {
  /** Folder of `idp.crt`. */
  readonly directory: string
  readonly config: object
  readonly cases: ReadonlyArray<Case>
}

/**
 * The names of the cases that the product at `root` judges otherwise than it must, each with what came of it. Every
 * case that gives a token comes twice, and the second must not. Stops when `most` were found.
 */
export const misjudged = async (root: string, corpus: Corpus, most = Infinity): Promise<ReadonlyArray<string>> => {
  const room = (file: string) => import(pathToFileURL(join(root, "plugins/services/saml", file)).href)
  const [{ Site }, { Requests }, { readCertificates }] = await Promise.all([
    room("site.ts"),
    room("request.ts"),
    room("provider.ts")
  ])
  const { updating } = await import("./memory-state.ts")
  const state = updating()
  const mint = (assertion: object) =>
    Promise.resolve(`token:${Buffer.from(JSON.stringify(assertion)).toString("base64url")}`)
  const site = new Site({
    config: corpus.config,
    certificates: readCertificates(corpus.directory, "idp.crt"),
    requests: new Requests(state),
    mint,
    now: Date.now
  })
  const until = JSON.stringify({ v: 1, until: Date.now() + 600_000 })
  const wrong: Array<string> = []
  for (const one of corpus.cases) {
    state.kept.set(`request/${one.request}`, until)
    const found = await outcomeOf(site, one)
    const expected = one.why === undefined ? found.startsWith("token") : new RegExp(one.why).test(found)
    const groups = /token:(\S+)/.exec(found)?.[1]
    const said = groups === undefined ? {} : JSON.parse(Buffer.from(groups, "base64url").toString())
    const same = one.groups === undefined || JSON.stringify(said.groups) === JSON.stringify(one.groups)
    if (!expected || !same) wrong.push(`${one.name}: ${found}`)
    if (wrong.length >= most) break
    if (one.why !== undefined) continue
    state.kept.set(`request/${one.request}`, until)
    const again = await outcomeOf(site, one)
    if (again.startsWith("token")) wrong.push(`${one.name}, again: ${again}`)
  }
  return wrong
}

const outcomeOf = async (
  site: { readonly answer: (request: object) => Promise<{ readonly status: number; readonly body: string }> },
  { xml }: Case
): Promise<string> => {
  const body = new URLSearchParams({
    SAMLResponse: Buffer.from(xml).toString("base64"),
    RelayState: "https://evil.example/"
  })
  const answer = await site.answer({
    method: "POST",
    path: "/saml/acs",
    query: new URLSearchParams(),
    headers: new Map(),
    body: body.toString(),
    from: "127.0.0.1",
    encrypted: false
  })
  if (answer.body.includes("evil.example/") || "location" in (answer as { headers?: object }).headers!)
    return "led elsewhere"
  const token = /<textarea[^>]*>([^<]+)</.exec(answer.body)?.[1]
  return token ?? /role="alert">([^<]+)</.exec(answer.body)?.[1] ?? `status ${answer.status}`
}
