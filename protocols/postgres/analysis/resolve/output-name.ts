import { type Body, type Node, stringsOf, tagOf } from "../parse/tree.ts"

const unnamed = "?column?"

/** What the first output of a resolved subquery is called: of a star, VALUES or a UNION that stands in no one place. */
const firstOutputs = new WeakMap<Body, string>()

/** Notes what the first output of a subquery in an expression is called: see `outputName`. */
export const noteFirstOutput = (sublink: Body, name: string): void => void firstOutputs.set(sublink, name)

/**
 * The name that PostgreSQL gives to an output without AS (parse_target.c, FigureColname). What stands in the node was
 * resolved before.
 */
export const outputName = (node: Node): string => figure(node).name

interface Figured {
  readonly name: string
  /** 0: none; 1: a weak one, such as a type's; 2: a good one. */
  readonly strength: 0 | 1 | 2
}

const none: Figured = { name: unnamed, strength: 0 }
const good = (name: string): Figured => ({ name, strength: 2 })

const fixed: Readonly<Record<string, string>> = {
  A_ArrayExpr: "array",
  CoalesceExpr: "coalesce",
  GroupingFunc: "grouping",
  JsonArrayAgg: "json_arrayagg",
  JsonArrayConstructor: "json_array",
  JsonArrayQueryConstructor: "json_array",
  JsonObjectAgg: "json_objectagg",
  JsonObjectConstructor: "json_object",
  JsonParseExpr: "json",
  JsonScalarExpr: "json_scalar",
  JsonSerializeExpr: "json_serialize",
  MergeSupportFunc: "merge_action",
  RowExpr: "row",
  XmlSerialize: "xmlserialize"
}

const xmlNames: Readonly<Record<string, string>> = {
  IS_XMLCONCAT: "xmlconcat",
  IS_XMLELEMENT: "xmlelement",
  IS_XMLFOREST: "xmlforest",
  IS_XMLPARSE: "xmlparse",
  IS_XMLPI: "xmlpi",
  IS_XMLROOT: "xmlroot"
}

const valueNames: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_CATALOG: "current_catalog",
  SVFOP_CURRENT_DATE: "current_date",
  SVFOP_CURRENT_ROLE: "current_role",
  SVFOP_CURRENT_SCHEMA: "current_schema",
  SVFOP_CURRENT_TIME: "current_time",
  SVFOP_CURRENT_TIME_N: "current_time",
  SVFOP_CURRENT_TIMESTAMP: "current_timestamp",
  SVFOP_CURRENT_TIMESTAMP_N: "current_timestamp",
  SVFOP_CURRENT_USER: "current_user",
  SVFOP_LOCALTIME: "localtime",
  SVFOP_LOCALTIME_N: "localtime",
  SVFOP_LOCALTIMESTAMP: "localtimestamp",
  SVFOP_LOCALTIMESTAMP_N: "localtimestamp",
  SVFOP_SESSION_USER: "session_user",
  SVFOP_USER: "user"
}

const figure = (node: Node): Figured => {
  const tag = tagOf(node)
  if (tag === undefined) return none
  const body = node[tag]!
  const constant = fixed[tag]
  if (constant !== undefined) return good(constant)
  switch (tag) {
    case "ColumnRef":
      return lastName(body["fields"])
    case "A_Indirection": {
      const named = lastName(body["indirection"])
      return named.strength > 0 ? named : figure(body["arg"])
    }
    case "FuncCall":
      return good(stringsOf(body["funcname"]).at(-1)!)
    case "A_Expr":
      return body["kind"] === "AEXPR_NULLIF" ? good("nullif") : none
    case "TypeCast":
      return cast(body)
    case "CollateClause":
      return figure(body["arg"])
    case "SubLink":
      return sublink(body)
    case "CaseExpr": {
      const named = body["defresult"] === undefined ? none : figure(body["defresult"])
      return named.strength > 1 ? named : { name: "case", strength: 1 }
    }
    case "JsonFuncExpr":
      return good(String(body["op"]).replace(/_OP$/, "").toLowerCase())
    case "MinMaxExpr":
      return good(body["op"] === "IS_LEAST" ? "least" : "greatest")
    case "SQLValueFunction":
      return good(valueNames[body["op"] as string] ?? unnamed)
    case "XmlExpr":
      return body["op"] in xmlNames ? good(xmlNames[body["op"] as string]!) : none
    default:
      return none
  }
}

const lastName = (fields: ReadonlyArray<Node>): Figured => {
  const names = fields.filter((field) => "String" in field)
  return names.length === 0 ? none : good(stringsOf(names).at(-1)!)
}

const cast = (body: Body): Figured => {
  const named = figure(body["arg"])
  return named.strength > 1 ? named : { name: stringsOf(body["typeName"]["names"]).at(-1)!, strength: 1 }
}

const sublink = (body: Body): Figured => {
  switch (body["subLinkType"]) {
    case "EXISTS_SUBLINK":
      return good("exists")
    case "ARRAY_SUBLINK":
      return good("array")
    case "EXPR_SUBLINK": {
      const name = firstOutputs.get(body)
      return name === undefined ? none : good(name)
    }
    default:
      return none
  }
}
