import { parseText } from "../parse/parser.ts"
import { type Node, tagOf } from "../parse/tree.ts"
import { extensionOf, type Row, text } from "./loader.ts"
import { pathNames } from "./search-path.ts"
import type { Routine } from "./snapshot.ts"

const kinds: Readonly<Record<string, Routine["kind"]>> = { a: "aggregate", f: "function", p: "procedure", w: "window" }

const volatilities: Readonly<Record<string, Routine["volatility"]>> = { i: "immutable", s: "stable", v: "volatile" }

/** A routine as `routinesQuery` describes it. */
export const routineOf = (row: Row): Routine => {
  const names = list(row["names"])
  const modes = row["modes"] == null ? names.map(() => "i") : list(row["modes"])
  const outputs = names.filter((_, index) => "obt".includes(modes[index]!))
  const body = bodyOf(row)
  const path = list(row["settings"]).find((setting) => setting.startsWith("search_path="))
  return {
    schema: text(row, "schema"),
    name: text(row, "name"),
    kind: kinds[text(row, "kind")] ?? "function",
    language: text(row, "language"),
    volatility: volatilities[text(row, "volatility")] ?? "volatile",
    argumentsMin: Number(row["most"] === "-1" ? 0 : row["least"]),
    argumentsMax: Number(row["most"]),
    argumentNames: names.filter((_, index) => "ibv".includes(modes[index]!)),
    returns: text(row, "returns"),
    set: row["many"] === "true",
    ...(modes.some((mode) => "obt".includes(mode)) ? { outputs } : {}),
    ...(body === undefined ? {} : { body }),
    ...(path === undefined ? {} : { path: pathNames(path.slice("search_path=".length)) }),
    ...extensionOf(row)
  }
}

const list = (json: string | null | undefined): ReadonlyArray<string> =>
  json == null ? [] : JSON.parse(json) as ReadonlyArray<string>

const bodyOf = (row: Row): Routine["body"] => {
  const atomic = row["body"]
  if (atomic != null) {
    const statements = atomicStatements(atomic)
    return statements === undefined ? undefined : { statements }
  }
  const source = row["source"]
  return source == null || source === "" ? undefined : { text: source }
}

/**
 * The server prints BEGIN ATOMIC … END, or RETURN …: both are read as part of a definition. Undefined if they are not.
 */
const atomicStatements = (printed: string): ReadonlyArray<Node> | undefined => {
  try {
    const [statement] = parseText(`CREATE FUNCTION f() RETURNS int LANGUAGE sql ${printed}`)
    const body = statement?.body["sql_body"] as Node | undefined
    if (body === undefined) return undefined
    const items = tagOf(body) === "List" ? body["List"]!["items"] as ReadonlyArray<Node> : [body]
    return items.flatMap((item) => item["List"]?.["items"] as ReadonlyArray<Node> ?? [item])
  } catch {
    return undefined
  }
}
