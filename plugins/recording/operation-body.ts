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

/** JSON texts of words that come again and again. Few, but plugins may invent some: past so many, one is made anew. */
const words = new Map<string, string>()
const WORDS_MAX = 64

const wordOf = (word: string): string => {
  let text = words.get(word)
  if (text !== undefined) return text
  text = JSON.stringify(word)
  if (words.size < WORDS_MAX) words.set(word, text)
  return text
}

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

interface Tools {
  readonly digest: Digest
  readonly config: RecordingConfig
  readonly memory: StatementMemory
}

/** The body of an `operation` record, as JSON text, put together from parts that were encoded before. */
export const operationBody = (
  exchange: Exchange & Reads<any>,
  verdict: Verdict,
  how: Concealment,
  tools: Tools
): string => {
  const { asked, id, operation } = exchange
  const rewritten = asked !== operation && isStatement(operation) && operation.rewritten
  const said = isStatement(operation)
    ? sayStatement(operation, id, rewritten, how, tools)
    : `,"summary":${JSON.stringify(operation.summary)}`
  const before = rewritten && isStatement(asked)
    ? `,"asked":{"text":${JSON.stringify(conceal(asked.text, how, tools.digest))},"digest":${
      digestOf(asked, how, tools.digest)
    }}`
    : ""
  const inference = exchange.find(Inference)
  const inferred = inference === undefined
    ? ""
    : `,"inferred":${JSON.stringify({ columns: inference.columns, count: inference.count })}`
  const open = operation.resolved ? "" : `,"unresolved":${JSON.stringify(operation.unresolved ?? true)}`
  const judgement = verdict._tag === "Allow" ? "\"allow\"" : JSON.stringify(sayDenial(verdict))
  const approval = exchange.find(Approval)
  const approved = approval === undefined ? "" : `,"approval":${JSON.stringify({ id: approval.id, by: approval.by })}`
  const receipt = exchange.find(Receipt)
  const judged = receipt === undefined ? "" : `,"receipt":${textOf(corrected(receipt, verdict))}`
  const touched = `,"reads":${namesOf(operation.reads)},"writes":${namesOf(operation.writes)}`
  const what = `{"exchange":${id},"kind":${wordOf(operation.kind)}${said}`
  const digest = digestOf(operation, how, tools.digest)
  return `${what},"digest":${digest}${before}${open}${inferred},"verdict":${judgement}${approved}${touched}${judged}}`
}

/** A digest of clear text can be guessed by trying; where literals are concealed it is keyed like they are. */
const digestOf = (operation: Operation, how: Concealment, digest: Digest): string =>
  JSON.stringify(how === "none" ? operation.digest : `keyed:${digest(operation.digest)}`)

const sayStatement = (
  statement: Statement,
  id: number,
  rewritten: boolean,
  how: Concealment,
  { config, digest, memory }: Tools
): string => {
  const { parameters, phase, tags, text } = statement
  const of = rewritten ? undefined : memory.recall(statement)
  const meant = of === undefined ? `"text":${JSON.stringify(conceal(text, how, digest))}` : `"of":${of}`
  if (!rewritten) memory.remember(statement, id)
  const said = `,"phase":${wordOf(phase)},${meant},"tags":${textOf(tags)}`
  if (parameters === undefined || (phase === "execute" && of !== undefined)) return said
  const clear = how === "none" && config.parameters
  return `${said},"parameters":${JSON.stringify(sayParameters(parameters, clear, digest))}`
}

/** So many parameters are concealed one by one; a statement may have 65,535, and each digest takes its time. */
const PARAMETERS_MAX = 256

const sayParameters = (parameters: ReadonlyArray<Parameter>, clear: boolean, digest: Digest): Array<Json> => {
  const single = clear ? parameters.length : PARAMETERS_MAX
  const said = parameters.slice(0, single).map((parameter) => sayParameter(parameter, clear, digest))
  const rest = parameters.slice(single)
  if (rest.length > 0) said.push({ more: rest.length, digest: digest(digestOfAll(rest)) })
  return said
}

/** Of each its length as an int32, -1 for NULL, and its bytes: no two lists come to the same. */
const digestOfAll = (parameters: ReadonlyArray<Parameter>): Uint8Array => {
  const bytes = Buffer.allocUnsafe(parameters.reduce((sum, { value }) => sum + 4 + (value?.length ?? 0), 0))
  let at = 0
  for (const { value } of parameters) {
    at = bytes.writeInt32BE(value?.length ?? -1, at)
    if (value === null) continue
    bytes.set(value, at)
    at += value.length
  }
  return bytes
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
