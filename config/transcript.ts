import { match, P } from "ts-pattern"
import type { LedgerRecord } from "../plugins/services/ledger/index.ts"

type Body = LedgerRecord["body"]

/** One record of a session as an auditor reads it: a line, or several for an answer. Control characters are visible. */
export const transcript = ({ at, body, type }: LedgerRecord): string => {
  const lines = linesOf(type, body)
  const time = at.slice(11, 23)
  return lines.map((line, index) => `${index === 0 ? time : " ".repeat(time.length)}  ${visible(line)}`).join("\n")
}

const linesOf = (type: string, body: Body): ReadonlyArray<string> =>
  match(type)
    .with("session.start", () => [`login  ${who(body)} to ${words(body["pipeline"])}, as ${loginName(body)}`])
    .with(
      "session.refused",
      () => [`login refused  ${who(body)}: ${words(body["deny"])}, ${words(body["message"])}`]
    )
    .with("operation", () => operation(body))
    .with("policy", () => [`policy  ${words(body["hash"])}`])
    .with("inputs", () => [`judged from  ${words(body["digest"])}`])
    .with("input", () => [`input  ${words(body["bytes"])} bytes${refusal(body["verdict"])}`])
    .with("answer", () => answer(body))
    .with("outcome", () => [outcome(body)])
    .with("session.end", () => [`end  ${words(body["reason"])}`])
    .otherwise(() => [`${type}  ${JSON.stringify(body)}`])

const loginName = (body: Body): string => words(map(body["login"])["user"])

const operation = (body: Body): ReadonlyArray<string> => {
  const said = body["text"] ?? body["summary"]
  const what = said === undefined ? `(${words(body["phase"])} of ${words(body["of"])})` : words(said)
  const parameters = body["parameters"]
  const receipt = map(body["receipt"])
  const decided = receipt["decision"] === undefined ? "" : `[${words(receipt["decision"])}]  `
  return [
    `asked  ${decided}${what}`,
    ...(parameters === undefined ? [] : [`  with ${JSON.stringify(parameters)}`]),
    ...(body["verdict"] === "allow" ? [] : [`  refused${refusal(body["verdict"])}`])
  ]
}

const answer = (body: Body): ReadonlyArray<string> =>
  match(body)
    .with({ columns: P.array(P._) }, ({ columns }) => [
      `answer  ${columns.map((column) => words(map(column)["name"])).join(" | ")}`
    ])
    .with({ rows: P.array(P._) }, ({ rows }) =>
      rows.map((row, index) => `${index === 0 ? "rows    " : "        "}${cells(row)}`))
    .with({ completion: P.nonNullable }, ({ completion }) => [`done  ${words(completion)}`])
    .with({ error: P.nonNullable }, ({ error }) => [report("error", error)])
    .with({ notice: P.nonNullable }, ({ notice }) => [report("notice", notice)])
    .otherwise((other) => [`answer  ${JSON.stringify({ ...other, exchange: undefined })}`])

const report = (kind: string, said: Body[string]): string =>
  `${kind}  ${words(map(said)["sqlstate"])} ${words(map(said)["message"])}`

const outcome = (body: Body): string => {
  const { bytes, code, milliseconds, result, rows } = body
  return `${words(result)}  ${words(rows)} rows, ${words(bytes)} bytes, ${words(milliseconds)} ms${
    code === undefined ? "" : `, ${words(code)}`
  }`
}

const who = (body: Body): string => {
  const principal = map(body["principal"])
  if (principal["subject"] === undefined) return "nobody known"
  const actors = Array.isArray(principal["actors"])
    ? principal["actors"].map((actor) => words(map(actor)["subject"]))
    : []
  return [words(principal["subject"]), ...actors].join(" through ")
}

const refusal = (verdict: Body[string]): string => {
  const { deny, message } = map(verdict)
  return deny === undefined ? "" : `: ${words(deny)}, ${words(message)}`
}

const cells = (row: unknown): string =>
  Array.isArray(row)
    ? row.map((cell) => cell === null ? "NULL" : typeof cell === "string" ? cell : JSON.stringify(cell)).join(" | ")
    : ""

const map = (value: unknown): Body =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Body : {}
const words = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "?" : JSON.stringify(value)

/** What was recorded may hold anything: nothing of it may move an auditor's cursor or turn text around. */
const visible = (text: string): string =>
  text.replace(/\n\s*/g, " ").replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`
  )
