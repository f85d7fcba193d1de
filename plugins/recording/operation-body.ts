import type { Parameter, Statement } from "../../core/family/sql/index.ts"
import {
  Approval,
  type Exchange,
  Inference,
  type Json,
  type Operation,
  Protection,
  type Reads,
  Receipt,
  type Resource,
  type Verdict
} from "../../core/index.ts"
import { conceal, type Concealment, type Digest } from "./conceal.ts"
import type { RecordingConfig } from "./config.ts"
import { mayBearSecret, speaksOfSecret } from "./secret-bearing.ts"
import type { StatementMemory } from "./statement-memory.ts"
import { valueOf } from "./value.ts"

type Body = { [key: string]: Json | undefined }

/** JSON texts of what is shared by many records, such as a receipt that was given before. */
const texts = new WeakMap<object, string>()

const textOf = (value: object): string => {
  let text = texts.get(value)
  if (text === undefined) texts.set(value, text = JSON.stringify(value))
  return text
}

export const isStatement = (operation: Operation): operation is Statement =>
  "text" in operation && "phase" in operation && "tags" in operation

/** What of an operation may not be recorded in clear: see README, *What is concealed*. */
export const concealmentOf = (exchange: Exchange & Reads<any>): Concealment => {
  const { asked, operation } = exchange
  const protection = exchange.find(Protection)
  const touches = protection !== undefined && (protection.columns.length > 0 || protection.obliged.length > 0)
  const values = touches || exchange.find(Receipt) !== undefined && !operation.resolved
  let secrets = false
  // Nearly always nothing was rewritten: then one look is enough.
  for (const each of asked === operation ? [operation] : [operation, asked]) {
    if (!isStatement(each) || !mayBearSecret(each)) continue
    // What no parser understood may hold its secret anywhere, also where a literal would not stand.
    if (each.tags.length === 0 && speaksOfSecret(each.text)) return "whole"
    secrets = true
  }
  return values ? secrets ? "all" : "values" : secrets ? "secrets" : "none"
}

/** The body of an `operation` record, as JSON text. */
export const operationBody = (
  exchange: Exchange & Reads<any>,
  verdict: Verdict,
  how: Concealment,
  tools: { readonly digest: Digest; readonly config: RecordingConfig; readonly memory: StatementMemory }
): string => {
  const { asked, id, operation } = exchange
  const rewritten = asked !== operation && isStatement(operation) && operation.rewritten
  const body: Body = { exchange: id, kind: operation.kind }
  if (isStatement(operation)) sayStatement(body, operation, id, rewritten, how, tools)
  else body["summary"] = operation.summary
  body["digest"] = digestOf(operation, how, tools.digest)
  if (rewritten && isStatement(asked)) {
    body["asked"] = { text: conceal(asked.text, how, tools.digest), digest: digestOf(asked, how, tools.digest) }
  }
  if (!operation.resolved) body["unresolved"] = operation.unresolved ?? true
  const inference = exchange.find(Inference)
  if (inference !== undefined) body["inferred"] = { columns: inference.columns, count: inference.count }
  body["verdict"] = verdict._tag === "Allow" ? "allow" : sayDenial(verdict)
  const approval = exchange.find(Approval)
  if (approval !== undefined) body["approval"] = { id: approval.id, by: approval.by }
  const receipt = exchange.find(Receipt)
  const judged = receipt === undefined ? "" : `,"receipt":${textOf(corrected(receipt, verdict))}`
  const touched = `"reads":${namesOf(operation.reads)},"writes":${namesOf(operation.writes)}`
  return `${JSON.stringify(body).slice(0, -1)},${touched}${judged}}`
}

/** A digest of clear text can be guessed by trying; where literals are concealed it is keyed like they are. */
const digestOf = (operation: Operation, how: Concealment, digest: Digest): string =>
  how === "none" ? operation.digest : `keyed:${digest(operation.digest)}`

const sayStatement = (
  body: Body,
  statement: Statement,
  id: number,
  rewritten: boolean,
  how: Concealment,
  { config, digest, memory }: Parameters<typeof operationBody>[3]
): void => {
  const { parameters, phase, tags, text } = statement
  body["phase"] = phase
  const of = rewritten ? undefined : memory.recall(statement)
  if (of === undefined) body["text"] = conceal(text, how, digest)
  else body["of"] = of
  body["tags"] = tags
  if (parameters !== undefined && (phase !== "execute" || of === undefined)) {
    const clear = how === "none" && config.parameters
    body["parameters"] = parameters.map((parameter) => sayParameter(parameter, clear, digest))
  }
  if (!rewritten) memory.remember(statement, id)
}

const sayParameter = ({ format, value }: Parameter, clear: boolean, digest: Digest): Json => {
  if (value === null) return null
  return clear ? valueOf(value, format) : { digest: digest(value), ...(format === "binary" ? { format } : {}) }
}

const sayDenial = (verdict: Exclude<Verdict, { readonly _tag: "Allow" }>): Json => {
  const { code, detail, hint, message } = verdict
  return { deny: code, message, ...(detail === undefined ? {} : { detail }), ...(hint === undefined ? {} : { hint }) }
}

/** The receipt, its outcome as the pipeline finally made it. */
const corrected = (receipt: Receipt, verdict: Verdict): Receipt =>
  verdict._tag === "Allow" || receipt.outcome === "deny"
    ? receipt
    : { ...receipt, outcome: "deny", outcome_code: verdict.code }

/** Analyses are cached, so the same arrays come again and again. */
const namesOf = (resources: ReadonlyArray<Resource>): string => {
  let text = texts.get(resources)
  if (text === undefined) {
    text = JSON.stringify(resources.map(({ fields, kind, name, within }) => ({ kind, name, fields, within })))
    texts.set(resources, text)
  }
  return text
}
