import { type Body, type Node, stringsOf } from "../parse/tree.ts"
import { homeOf } from "./apply.ts"
import type { Draft } from "./draft.ts"
import type { Routine } from "./snapshot.ts"
import { typeSpelling } from "./type-name.ts"

const inputs = new Set(["FUNC_PARAM_IN", "FUNC_PARAM_INOUT", "FUNC_PARAM_VARIADIC", "FUNC_PARAM_DEFAULT"])
const outputs = new Set(["FUNC_PARAM_OUT", "FUNC_PARAM_INOUT", "FUNC_PARAM_TABLE"])

/** CREATE FUNCTION and CREATE PROCEDURE. */
export const createRoutine = (draft: Draft, body: Body): void => {
  const names = stringsOf(body["funcname"])
  const parameters = ((body["parameters"] ?? []) as ReadonlyArray<Node>).map((node) => node["FunctionParameter"]!)
  const ins = parameters.filter((one) => inputs.has(one["mode"]))
  const outs = parameters.filter((one) => outputs.has(one["mode"]))
  const options = new Map(
    ((body["options"] ?? []) as ReadonlyArray<Node>).map((node) =>
      [node["DefElem"]!["defname"] as string, node["DefElem"]!["arg"] as Node | undefined] as const
    )
  )
  const statements = bodyStatements(body["sql_body"])
  const text = stringsOf(options.get("as")?.["List"]?.["items"])[0]
  const returns = body["returnType"] as Body | undefined
  const table = outs.some((one) => one["mode"] === "FUNC_PARAM_TABLE")
  const path = pathOf(options.get("set"))
  const routine: Routine = {
    schema: homeOf(draft, names.length > 1 ? names[0] : undefined),
    name: names.at(-1)!,
    kind: body["is_procedure"] === true ? "procedure" : options.has("window") ? "window" : "function",
    language: wordOf(options.get("language")) ?? (statements === undefined ? "" : "sql"),
    volatility: volatilityOf(wordOf(options.get("volatility"))),
    argumentsMin: ins.filter((one) => one["defexpr"] === undefined && one["mode"] !== "FUNC_PARAM_VARIADIC").length,
    argumentsMax: ins.some((one) => one["mode"] === "FUNC_PARAM_VARIADIC") ? -1 : ins.length,
    argumentNames: ins.map((one) => one["name"] as string ?? ""),
    returns: table || returns === undefined ? "record" : typeSpelling(draft, returns),
    set: table || returns?.["setof"] === true,
    ...(outs.length === 0 ? {} : { outputs: outs.map((one, index) => one["name"] as string ?? `column${index + 1}`) }),
    ...(statements === undefined && text === undefined
      ? {}
      : { body: statements === undefined ? { text: text! } : { statements } }),
    ...(path === undefined ? {} : { path })
  }
  draft.putRoutine(routine)
}

const wordOf = (node: Node | undefined): string | undefined => node?.["String"]?.["sval"] as string | undefined

const volatilityOf = (word: string | undefined): Routine["volatility"] =>
  word === "immutable" || word === "stable" ? word : "volatile"

/** The statements of BEGIN ATOMIC … END, or of RETURN. */
const bodyStatements = (node: Node | undefined): ReadonlyArray<Node> | undefined => {
  if (node === undefined) return undefined
  const outer = node["List"]?.["items"] as ReadonlyArray<Node> | undefined
  return outer === undefined
    ? [node]
    : outer.flatMap((item) => item["List"]?.["items"] as ReadonlyArray<Node> ?? [item])
}

/** The search_path that a function sets for itself. */
const pathOf = (node: Node | undefined): ReadonlyArray<string> | undefined => {
  const set = node?.["VariableSetStmt"]
  if (set === undefined || set["name"] !== "search_path") return undefined
  return ((set["args"] ?? []) as ReadonlyArray<Node>).map((item) => item["A_Const"]?.["sval"]?.["sval"] as string ?? "")
}
