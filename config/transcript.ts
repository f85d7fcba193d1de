import type { LedgerRecord } from "../plugins/services/ledger/index.ts"

type Body = LedgerRecord["body"]

/** One record of a session as an auditor reads it: a line, or several for an answer. Control characters are visible. */
export const transcript = ({ at, body, type }: LedgerRecord): string => {
  const lines = linesOf(type, body)
  const time = at.slice(11, 23)
  return lines.map((line, index) => `${index === 0 ? time : " ".repeat(time.length)}  ${visible(line)}`).join("\n")
}

const linesOf = (type: string, body: Body): ReadonlyArray<string> => {
  switch (type) {
    case "session.start":
      return [`login  ${who(body)} to ${words(body["pipeline"])}, as ${words(map(body["login"])["user"])}`]
    case "session.refused":
      return [`login refused  ${who(body)}: ${words(body["deny"])}, ${words(body["message"])}`]
    case "operation":
      return operation(body)
    case "input":
      return [`input  ${words(body["bytes"])} bytes${refusal(body["verdict"])}`]
    case "answer":
      return answer(body)
    case "outcome":
      return [outcome(body)]
    case "session.end":
      return [`end  ${words(body["reason"])}`]
    default:
      return [`${type}  ${JSON.stringify(body)}`]
  }
}

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

const answer = (body: Body): ReadonlyArray<string> => {
  if (Array.isArray(body["columns"]))
    return [`answer  ${body["columns"].map((column) => words(map(column)["name"])).join(" | ")}`]
  if (Array.isArray(body["rows"]))
    return body["rows"].map((row, index) => `${index === 0 ? "rows    " : "        "}${cells(row)}`)
  if (body["completion"] !== undefined) return [`done  ${words(body["completion"])}`]
  for (const kind of ["error", "notice"]) {
    if (body[kind] !== undefined)
      return [`${kind}  ${words(map(body[kind])["sqlstate"])} ${words(map(body[kind])["message"])}`]
  }
  const { exchange: _, ...rest } = body
  return [`answer  ${JSON.stringify(rest)}`]
}

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
