import type { CopyFormat } from "../../../../core/family/sql/index.ts"
import { type Body, literalOf, type Node, stringsOf, tagOf } from "../parse/tree.ts"
import { notUnderstood, unresolved } from "../unresolved.ts"
import type { Context } from "../resolve/context.ts"
import { value } from "../resolve/expression.ts"
import { relationNamed } from "../resolve/from.ts"
import { relationEntry } from "../resolve/relation-entry.ts"
import { type Column, emptyScope, type Scope } from "../resolve/scope.ts"
import { examineStatement } from "./examine-statement.ts"
import { judgeWrite } from "./write-target.ts"

/** COPY in all its forms. Only between the client and tables is it resolved: never files, never programs. */
export const copyStatement = (context: Context, body: Body): ReadonlyArray<Column> | undefined => {
  const { footprint } = context
  for (const field in body) {
    if (
      !["relation", "query", "attlist", "is_from", "is_program", "filename", "options", "whereClause"].includes(field)
    ) {
      return notUnderstood(`CopyStmt.${field}`)
    }
  }
  if (body["is_program"] === true) {
    footprint.raise("move")
    footprint.writeOther("endpoint", "unknown")
    return unresolved("COPY with PROGRAM runs a program on the server")
  }
  if (body["filename"] !== undefined) {
    footprint.raise("move")
    footprint.writeOther("server", "files")
    return unresolved("COPY with a file reaches the server's files")
  }
  return body["is_from"] === true ? copyFrom(context, body) : copyTo(context, body)
}

const copyFrom = (context: Context, body: Body): undefined => {
  context.footprint.raise("write")
  const relation = relationNamed(context, body["relation"])
  const named = body["attlist"] === undefined ? undefined : stringsOf(body["attlist"])
  judgeWrite(context, relation, "insert", named, false)
  if (body["whereClause"] !== undefined) {
    const scope: Scope = { ...emptyScope, entries: [relationEntry(context, relation, true)] }
    value(context, body["whereClause"], scope, "predicate")
  }
  return undefined
}

const copyTo = (context: Context, body: Body): ReadonlyArray<Column> => {
  context.footprint.raise("export")
  if (body["query"] !== undefined) {
    const tag = tagOf(body["query"])!
    return examineStatement(context, { tag, body: body["query"][tag] })
      ?? unresolved("COPY of a statement without rows is not understood")
  }
  const relation = relationNamed(context, body["relation"])
  const { columns } = relationEntry(context, relation, true)
  if (body["attlist"] !== undefined) {
    return stringsOf(body["attlist"]).map((name) =>
      columns.find((column) => column.name === name) ?? unresolved("a column that is not known is not understood")
    )
  }
  // Generated columns are left out (PostgreSQL manual, COPY).
  return columns.filter((column) => relation.columns.find((own) => own.name === column.name)?.generated === undefined)
}

/** How COPY writes rows, or undefined for a statement that is no COPY TO. Old spellings come as the same options. */
export const copyFormatOf = (body: Body, columns: ReadonlyArray<Column>): CopyFormat => {
  const options = new Map<string, Node | undefined>()
  for (const item of body["options"] ?? []) {
    const option = (item as Node)["DefElem"]!
    options.set(option["defname"] as string, option["arg"] as Node | undefined)
  }
  const known = [
    "format",
    "delimiter",
    "null",
    "quote",
    "escape",
    "header",
    "force_quote",
    "encoding",
    "freeze",
    "oids"
  ]
  for (const name of options.keys()) if (!known.includes(name)) notUnderstood(`COPY option ${name}`)
  const encoding = textOf(options.get("encoding"))?.toLowerCase()
  if (encoding !== undefined && !["utf8", "utf-8", "unicode"].includes(encoding))
    notUnderstood("COPY in another encoding")
  const format = textOf(options.get("format")) ?? "text"
  if (format !== "text" && format !== "csv" && format !== "binary") return notUnderstood("a format of COPY")
  const quote = textOf(options.get("quote")) ?? "\""
  const forced = forceQuote(options.get("force_quote"), columns)
  return {
    format,
    delimiter: textOf(options.get("delimiter")) ?? (format === "csv" ? "," : "\t"),
    null: textOf(options.get("null")) ?? (format === "csv" ? "" : "\\N"),
    quote,
    escape: textOf(options.get("escape")) ?? quote,
    header: options.has("header") && isOn(options.get("header")),
    ...(forced === undefined ? {} : { forceQuote: forced })
  }
}

const textOf = (node: Node | undefined): string | undefined =>
  node === undefined ? undefined : node["String"]?.["sval"] as string | undefined ?? literalOf(node)

const isOn = (node: Node | undefined): boolean => {
  if (node === undefined) return true
  const text = textOf(node)?.toLowerCase() ?? String(node["Integer"]?.["ival"] ?? node["Boolean"]?.["boolval"] ?? "")
  if (["true", "on", "1"].includes(text)) return true
  return ["false", "off", "0", ""].includes(text) ? false : notUnderstood("a header of COPY")
}

const forceQuote = (
  node: Node | undefined,
  columns: ReadonlyArray<Column>
): true | ReadonlyArray<number> | undefined => {
  if (node === undefined) return undefined
  if ("A_Star" in node) return true
  return stringsOf(node["List"]?.["items"]).map((name) => {
    const index = columns.findIndex((column) => column.name === name)
    return index < 0 ? unresolved("a column that is not known is not understood") : index
  })
}
