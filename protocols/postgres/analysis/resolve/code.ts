import { isBuiltInType } from "../builtins/functions.ts"
import { type Body, type Node, nodesIn, stringsOf } from "../parse/tree.ts"
import { unresolved } from "../unresolved.ts"
import type { Context } from "./context.ts"
import { callOf, candidatesOf, judgeCall, operatorCall } from "./routines.ts"
import { castTo } from "./types.ts"

/**
 * Judges all code that stands anywhere in a definition: the functions, operators and casts of its defaults,
 * constraints, keys and conditions. Which columns they are given is not followed.
 */
export const judgeCode = (context: Context, body: Body): void => {
  for (const [tag, node] of nodesIn(body as Node)) {
    if (tag === "FuncCall") judgeCalled(context, node)
    else if (tag === "A_Expr") operatorCall(context, stringsOf(node["name"]))
    else if (tag === "TypeCast") castTo(context, node["typeName"])
  }
}

const judgeCalled = (context: Context, body: Body): void => {
  const call = callOf(body)
  const candidates = candidatesOf(context, call, body)
  if (candidates.builtIns.length + candidates.routines.length > 0) judgeCall(context, call, candidates)
  else if (!isBuiltInType(call.name)) unresolved("a function that is not known is not understood")
}
